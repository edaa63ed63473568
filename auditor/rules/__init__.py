"""One rule, one file: see ``CONTRIBUTING.md`` for how to add one."""
