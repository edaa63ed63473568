"""Why a call failed: the code and what was in the way stay, the text goes."""

from __future__ import annotations

import json

import pytest

from auditor.collect.wire.refusal import Refusal

GROUP = "/subscriptions/s/resourceGroups/MC_shop"
ASSIGNMENT = "/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Authorization"
DENIED = f"{ASSIGNMENT}/policyAssignments/deny-ips"


def message(code: str, text: str, **more: object) -> str:
    return json.dumps({"status": "Failed", "error": {"code": code, "message": text, **more}})


LOCKED = message(
    "ScopeLocked",
    f"The scope '{GROUP}/providers/x' cannot perform write operation because following scope(s) "
    f"are locked: '{GROUP}', '/subscriptions/s'. Please remove the lock and try again.",
)
BY_POLICY = message(
    "RequestDisallowedByPolicy",
    "Resource 'ip' was disallowed by policy. Policy identifiers: "
    f'\'[{{"policyAssignment":{{"name":"No IPs","id":"{DENIED}"}}}}]\'.',
    additionalInfo=[{"type": "PolicyViolation", "info": {"policyAssignmentId": DENIED}}],
)


@pytest.mark.parametrize(
    ("status", "code", "blocked_by"),
    [
        (LOCKED, "ScopeLocked", (GROUP, "/subscriptions/s")),
        (BY_POLICY, "RequestDisallowedByPolicy", (DENIED,)),
        (message("A", "x", details=[{"code": "B", "message": "y"}]), "B", ()),
        (json.dumps({"code": "Conflict"}), "Conflict", ()),
        ("AllocationFailed", "AllocationFailed", ()),
        ("The password is hunter2", "", ()),
        ("{broken", "", ()),
        ("[1]", "", ()),
        ("", "", ()),
    ],
)
def test_code_and_obstacles_are_kept(status: str, code: str, blocked_by: tuple[str, ...]) -> None:
    refusal = Refusal.of(status)
    assert (refusal.code, refusal.blocked_by) == (code, blocked_by)


@pytest.mark.parametrize("status", [LOCKED, BY_POLICY, "AllocationFailed", "no code at all", ""])
def test_the_harmless_form_of_a_refusal_is_itself(status: str) -> None:
    once = Refusal.of(status)
    assert Refusal.of(str(once)) == once


def test_the_text_does_not_stay() -> None:
    assert "hunter2" not in Refusal.of(message("Bad", "the value hunter2 was refused"))
