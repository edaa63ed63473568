from __future__ import annotations

from uuid import UUID

from auditor.evidence.applications import AKS_RESOURCE_PROVIDER, AZURE_SERVICES, CLIENTS


def test_application_ids_are_guids_in_lower_case() -> None:
    for app_id in (AKS_RESOURCE_PROVIDER, *AZURE_SERVICES, *CLIENTS):
        assert str(UUID(app_id)) == app_id


def test_an_application_is_aks_a_service_or_a_client_of_people_never_two_of_them() -> None:
    assert not AZURE_SERVICES.keys() & CLIENTS.keys()
    assert AKS_RESOURCE_PROVIDER not in AZURE_SERVICES.keys() | CLIENTS.keys()


def test_every_application_has_a_name() -> None:
    assert all(AZURE_SERVICES.values())
    assert all(CLIENTS.values())
