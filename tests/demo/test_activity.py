from __future__ import annotations

from typing import Any

import pytest

from auditor.demo import activity, files
from auditor.model.errors import UsageError
from tests.support.cases import home

PLACE = home("linux-managed-vnet")
CALLERS = files.callers(PLACE)
DELETE: dict[str, Any] = {
    "at": "2026-10-30T10:00:00Z",
    "operation": "Microsoft.Compute/virtualMachineScaleSets/deallocate/action",
    "resource": "virtualMachineScaleSets/aks-apps-38116459-vmss",
    "caller": "alice",
}


def expand(**changes: object) -> list[dict[str, Any]]:
    return list(activity.expand(DELETE | changes, CALLERS, PLACE))


def test_a_raw_record_is_taken_as_it_is() -> None:
    raw: dict[str, Any] = {"operationName": {"value": "Microsoft.X/y/write"}, "anything": 1}
    assert list(activity.expand(raw, CALLERS, PLACE)) == [raw]


def test_labels_are_shared_and_ids_are_kept() -> None:
    assert (
        expand(correlation="roll")[0]["correlationId"]
        == expand(correlation="roll", caller="bob")[0]["correlationId"]
    )
    given = "01234567-89ab-4cde-8f01-23456789abcd"
    assert expand(correlation=given)[0]["correlationId"] == given
    assert expand()[0]["correlationId"] != expand(caller="bob")[0]["correlationId"]


def test_a_refused_attempt_says_why() -> None:
    _, failed = expand(status=["Started", "Failed"], sub_status="Forbidden", status_message="no")
    assert failed["level"] == "Error"
    assert failed["subStatus"]["localizedValue"] == "Forbidden (HTTP Status Code: 403)"
    assert failed["properties"]["statusMessage"] == "no"


def test_the_platform_calls_without_caller_claims_or_request() -> None:
    for record in expand(caller="platform"):
        assert record["caller"] is None
        assert record["claims"] == {}
        assert "httpRequest" not in record


def test_the_address_of_the_request_is_on_record_where_asked() -> None:
    record = expand(api_version="2026-07-02-preview")[0]
    assert record["httpRequest"]["uri"].endswith("?api-version=2026-07-02-preview")
    assert record["httpRequest"]["method"] == "POST"


def test_an_action_is_on_the_type_before_its_verb() -> None:
    record = expand()[0]
    assert record["resourceType"]["value"] == "Microsoft.Compute/virtualMachineScaleSets"
    assert record["resourceProviderName"]["value"] == "Microsoft.Compute"


@pytest.mark.parametrize("changes", [{"caller": "nobody"}, {"when": "now"}, {"status": ["Done"]}])
def test_a_wrong_entry_is_told(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        expand(**changes)
