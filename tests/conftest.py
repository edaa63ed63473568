"""Makes ``tests.support`` importable from every test."""

from hypothesis import settings

# Slow machines are no failures, and the same examples are tried everywhere.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")
