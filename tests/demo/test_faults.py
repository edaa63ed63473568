from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from auditor.demo import tenant
from auditor.demo.answers import Answer
from auditor.demo.arm import FakeArm
from auditor.demo.files import Fault
from tests.support.cases import BASE_URL, BEARER

SUBSCRIPTIONS = f"{BASE_URL}/subscriptions?api-version=2022-12-01"


def arm_with(**fault: Any) -> FakeArm:  # noqa: ANN401 (a fault's fields)
    whole = tenant.of_cluster("linux-managed-vnet")
    faults = (Fault(**{"path": "/subscriptions", **fault}),)
    return FakeArm(msgspec.structs.replace(whole, faults=faults))


def ask(arm: FakeArm) -> Answer:
    return arm.answer("GET", SUBSCRIPTIONS, BEARER)


def test_a_refusal_has_arms_body() -> None:
    answer = ask(arm_with(status=403))
    assert answer.status == 403
    assert json.loads(answer.body)["error"]["code"] == "AuthorizationFailed"


def test_throttling_ends_after_its_times() -> None:
    arm = arm_with(status=429, headers={"Retry-After": "7"}, times=2)
    answers = [ask(arm) for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"


def test_a_broken_answer_is_half_of_the_true_one() -> None:
    whole = ask(arm_with(path="/elsewhere"))
    assert whole.body.startswith(ask(arm_with(truncate=True)).body)


def test_an_answer_may_be_anything_but_json() -> None:
    answer = ask(arm_with(status=502, body="<html>Bad Gateway</html>"))
    assert (answer.status, answer.body) == (502, b"<html>Bad Gateway</html>")


def test_a_lost_answer_is_on_record() -> None:
    arm = arm_with(timeout=True)
    assert ask(arm).dropped
    assert arm.calls[0].status == 0


def test_a_fault_strikes_by_the_decoded_address_whatever_its_case() -> None:
    arm = arm_with(path="RESOURCEGROUPNAME EQ 'X'", status=403)
    url = SUBSCRIPTIONS + "&%24filter=resourceGroupName%20eq%20%27x%27"
    assert arm.answer("GET", url, BEARER).status == 403


def test_a_request_that_failed_has_read_nothing() -> None:
    whole = tenant.of_case("VMSS001/transition-seen-only-once")
    once = Fault(path="/aks-apps-38116459-vmss", status=429, times=1)
    arm = FakeArm(msgspec.structs.replace(whole, faults=(once,)))
    ids = {d.get("name"): d["id"] for d in whole.documents.values()}
    url = f"{BASE_URL}{ids['aks-apps-38116459-vmss']}?api-version=2026-04-01"
    answers = [arm.answer("GET", url, BEARER) for _ in range(2)]
    assert [answer.status for answer in answers] == [429, 200]
    assert json.loads(answers[1].body)["sku"]["name"] == "Standard_D8ds_v5"


@pytest.mark.parametrize(
    ("path", "action"),
    [
        (
            "/subscriptions/x/resourceGroups",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
        (
            "/subscriptions/x/providers/Microsoft.Compute/virtualMachineScaleSets/s/virtualMachines",
            "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
        ),
    ],
)
def test_a_refusal_names_the_permission_that_is_missing(path: str, action: str) -> None:
    url = f"{BASE_URL}{path}?api-version=2026-04-01"
    answer = arm_with(status=403).answer("GET", url, BEARER)
    assert f"'{action}'" in json.loads(answer.body)["error"]["message"]
