"""Other people's text as plain text that shows it and steers nothing that prints it.

Build agents look for commands (``::error::``, ``##vso[…]``) in whatever is printed; a space
breaks them.
"""

from __future__ import annotations

import re

from auditor.report import words

_COMMANDS = re.compile(r":(?=:)|#(?=#(?:vso)?\[)", re.IGNORECASE)


def shown(text: str) -> str:
    """The text on one line, what would be invisible in it spelled out."""
    return words.visible(" ".join(text.split()))


def inert(text: str) -> str:
    """The text without anything that a build agent takes for a command."""
    return _COMMANDS.sub(lambda found: f"{found[0]} ", text)


def line(text: str) -> str:
    """The text on one line that neither a terminal nor a build agent takes for a command."""
    return inert(shown(text))
