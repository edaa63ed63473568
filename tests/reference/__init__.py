"""Real answers of Azure, recorded by others, as a touchstone: no untouched AKS object is accused.

The recordings lie beside this repository and are never copied into it; where they are absent,
everything here is skipped.

===============  ================================================================================
``recordings``   where they lie, and how a file of them is read
``overrides``    what was changed of a recording, and which other recording proves it
``scenes``       the table: which recordings make which cluster, and what AKS behaviour it shows
``stage``        a scene as documents of a fake ARM: one subscription, consistent names and ids
``instances``    nodes that nobody recorded, modelled after those that were
``expected``     the table: every finding that a scene or a lone cluster may have, with its reason
``tampering``    the table: small edits of a scene, and the one finding that each must give
``auditing``     the real collectors, rules and report over a stage
===============  ================================================================================
"""
