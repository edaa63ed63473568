"""Which AKS clusters left Microsoft's support policy, who broke it, and how long is left.

Data goes one way, and each room sees only the shared vocabulary::

    ARM JSON -> collect -> Snapshot -> evaluate -> verdicts, findings -> report -> html | csv | json

==============  ==========================================================================
``cli``         the door for people: parses, calls the pipeline, exits
``demo``        the other door: a local ARM over HTTPS that serves bundled fixtures
``settings``    flags > environment > ``aks-auditor.toml`` > defaults
``pipeline``    the story of a run, told once; the only module that knows every room
``collect``     the only room that knows Azure: reads ARM, yields a ``Snapshot``
``evaluate``    applies rules to a snapshot; turns what could not be read into *unknown*
``rules``       one clause check, one file; pure
``evidence``    the heart: operations, actors, attribution, transitions, clocks; pure
``report``      shapes results and renders them
``model``       the shared vocabulary: frozen data, no I/O
==============  ==========================================================================
"""

__version__ = "0.1.0"
