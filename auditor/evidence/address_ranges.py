"""Address ranges in CIDR form."""

from __future__ import annotations

import ipaddress
from typing import TypeAlias

Range: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse(text: str) -> Range | None:
    """An address or a range; ``None`` for anything else, such as a service tag."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def lies_within(inner: Range, outer: Range) -> bool:
    """Whether a range is part of another of its version."""
    return (
        inner.version == outer.version
        and int(outer.network_address) <= int(inner.network_address)
        and int(inner.broadcast_address) <= int(outer.broadcast_address)
    )
