"""The door for people: parses, calls, exits. Data goes to stdout, words go to stderr."""

from auditor.cli.app import main

__all__ = ["main"]
