"""People in the report: in full, under a pseudonym, or not at all."""

from __future__ import annotations

import msgspec

from auditor import people
from auditor.model.report import AffectsRow, CoverageRow, EvidenceRow, FindingRow, UnitResult
from tests.cli.rows import finding, unit

_RESOURCE = "/subscriptions/s/resourceGroups/alice/providers/Microsoft.Compute/disks/d"


def deed(**fields: object) -> FindingRow:
    told = {
        "actor_kind": "user",
        "actor": "alice@example.com",
        "actor_id": "6f0a8c1e-0000-4000-8000-000000000001",
        "client_address": "203.0.113.7",
        "resource_id": _RESOURCE,
        "summary": "scaled by alice@example.com from 203.0.113.7",
        "evidence": (EvidenceRow(text="caller 6f0a8c1e-0000-4000-8000-000000000001"),),
    }
    return finding(**told | fields)


def text_of(result: UnitResult) -> str:
    return msgspec.json.encode(result).decode()


def test_full_changes_nothing() -> None:
    result = unit(deed())
    assert people.shown(result, people.FULL) is result


def test_none_leaves_no_name_id_or_address_anywhere() -> None:
    text = text_of(people.shown(unit(deed()), "none"))
    for told in ("alice@", "6f0a8c1e", "203.0.113.7"):
        assert told not in text


def test_a_pseudonym_is_the_same_wherever_the_person_appears() -> None:
    hidden = people.shown(unit(deed(), deed(actor="ALICE@example.com")), people.HASH)
    first, second = hidden.findings
    assert first.actor.startswith("person-")
    assert first.actor == second.actor
    assert first.summary == f"scaled by {first.actor} from {first.client_address}"
    assert first.evidence[0].text == f"caller {first.actor_id}"


def test_resource_ids_and_everything_else_stay() -> None:
    before = deed(actor="alice", summary="alice did it", occurred_at="2026-11-01T00:00:00Z")
    after = people.shown(unit(before), "none").findings[0]
    assert after.resource_id == _RESOURCE
    kept = set(FindingRow.__struct_fields__) - {
        "actor",
        "actor_id",
        "client_address",
        "summary",
        "evidence",
    }
    assert all(getattr(after, field) == getattr(before, field) for field in kept)
    assert after.summary == "(withheld) did it"


def test_a_name_inside_a_longer_word_is_not_torn_out() -> None:
    before = deed(actor="ops", summary="ops changed pool ops-1 of devops")
    after = people.shown(unit(before), "none").findings[0]
    assert after.summary == "(withheld) changed pool ops-1 of devops"


def test_aks_and_the_platform_are_nobody() -> None:
    before = finding(actor_kind="aks", actor="AKS resource provider", summary="by AKS")
    assert people.shown(unit(before), "none").findings[0] == before


def test_whoever_arm_refused_is_masked_in_the_coverage() -> None:
    row = CoverageRow(
        id="cov-1", scope="/subscriptions/s", collector="clusters", outcome="denied",
        status=403, code="AuthorizationFailed", permission="", affects=AffectsRow(), at=None,
        message="The client 'bob@example.com' with object id '0b0b' does not have authorization",
    )  # fmt: skip
    message = people.shown(unit(coverage=(row,)), "none").coverage[0].message
    assert message == (
        "The client '(withheld)' with object id '(withheld)' does not have authorization"
    )


def test_a_mail_address_in_a_tag_is_masked_too() -> None:
    before = finding(owner="carol@example.com")
    assert people.shown(unit(before), "none").findings[0].owner == "(withheld)"
