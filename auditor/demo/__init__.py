"""A local ARM over HTTPS that serves the bundled fixtures.

================  ==========================================================================
``files``         the fixture files, typed
``place``         where a fixture cluster is put: tokens and paths
``patches``       merge patches on ARM documents
``activity``      activity-log records, written out from short entries
``tenant``        all of the above, put together
``arm``           answers requests from a tenant (``answers`` ``manners`` ``shelf`` ``faults``
                  ``activity_log`` ``graph``)
``server``        the same over HTTPS, with an authority from ``certificates``
``run``           the demo's stage
================  ==========================================================================
"""
