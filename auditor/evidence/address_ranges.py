"""Address ranges in CIDR form, and the service tags that stand in their place."""

from __future__ import annotations

import ipaddress
import re
from typing import TypeAlias

Range: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_TAG = re.compile(r"[a-z][a-z0-9_.-]*", re.IGNORECASE)


def parse(text: str) -> Range | None:
    """An address or a range; ``None`` for anything else, such as a service tag."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def is_tag(text: str) -> bool:
    """Whether it can be the name of a service tag, or ``*``: anything else is a range, or odd."""
    return text == "*" or _TAG.fullmatch(text) is not None


def lies_within(inner: Range, outer: Range) -> bool:
    """Whether a range is part of another of its version."""
    return (
        inner.version == outer.version
        and int(outer.network_address) <= int(inner.network_address)
        and int(inner.broadcast_address) <= int(outer.broadcast_address)
    )
