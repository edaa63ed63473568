"""Real answers of Azure, recorded by others, as a touchstone: no untouched AKS object is accused.

The recordings lie in ``../shared/arm-reference`` beside this repository and are never copied into
it; where they are absent, everything here is skipped.

=================  ==============================================================================
``recordings``     where they lie, and how a file of them is read
``scene``          a cluster made of recordings: what was recorded, what is overridden, and why
``scenes``         the table: which recordings make which cluster, what AKS behaviour it shows
``listed_scenes``  likewise, where only the list of a node resource group was recorded
``moving``         recorded objects, moved into one cluster of one subscription
``instances``      nodes that nobody recorded, modelled after those that were
``stage``          a scene, or a recorded cluster or node pool alone, as a fake ARM's documents
``expected``       the table: every finding that untouched recordings may give, with its reason
``tamperings``     the table: small edits of a scene, and what each must give
``tampering``      how such an edit is made
``auditing``       the real collectors, rules and report over a stage
=================  ==============================================================================
"""
