"""Address ranges: what reads as one, and which lies within which."""

from __future__ import annotations

import pytest

from auditor.evidence.address_ranges import lies_within, parse


@pytest.mark.parametrize(
    ("inner", "outer", "within"),
    [
        ("10.244.1.0/24", "10.244.0.0/16", True),
        ("10.244.0.0/16", "10.244.0.0/16", True),
        ("10.244.1.4", "10.244.1.0/24", True),
        ("10.0.0.0/8", "10.244.0.0/16", False),
        ("10.245.0.0/24", "10.244.0.0/16", False),
        ("fd00:1::/64", "fd00::/16", True),
        ("::10.244.1.0/120", "10.244.0.0/16", False),
    ],
)
def test_a_range_lies_within_another_of_its_own_version(
    inner: str, outer: str, *, within: bool
) -> None:
    one, other = parse(inner), parse(outer)
    assert one is not None
    assert other is not None
    assert lies_within(one, other) is within


@pytest.mark.parametrize("text", ["AzureCloud", "", "*", "10.0.0.0/33", "10.0.0.1-10.0.0.9"])
def test_a_service_tag_is_no_range(text: str) -> None:
    assert parse(text) is None


def test_an_address_with_the_length_of_its_network_is_that_network() -> None:
    assert parse("10.244.1.4/24") == parse("10.244.1.0/24")
