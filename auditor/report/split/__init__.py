"""One report for the whole run, and a small one for each owner, subscription or group.

A part is a report like any other: a view over units of its own, which hold its clusters and what
was not read of them. Units go from the run's spool into those of the parts, one at a time.
"""

from auditor.report.split.write import Parts, write

__all__ = ["Parts", "write"]
