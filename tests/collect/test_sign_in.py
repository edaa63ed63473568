from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.identity import aio as identity

from auditor.collect import credentials
from auditor.collect.cloud import named
from auditor.collect.credentials import InTenant, InThread, credential_for
from auditor.collect.transport import open_transport, trusted
from auditor.model.errors import RunFailedError, UsageError
from tests.collect.world import Scripted, options
from tests.support.credential import StaticCredential


@pytest.fixture(autouse=True)
def _no_identity_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


@contextlib.asynccontextmanager
async def made(auth: str | None, **changes: Any) -> AsyncIterator[Any]:  # noqa: ANN401 (any credential)
    credential = credential_for(options(auth=auth, **changes), named("usgov"), Scripted({}))
    yield credential
    await credential.close()


@pytest.mark.parametrize(
    ("auth", "kind"),
    [
        (None, identity.DefaultAzureCredential),
        ("cli", identity.AzureCliCredential),
        ("managed-identity", identity.ManagedIdentityCredential),
        ("environment", identity.EnvironmentCredential),
        ("device-code", InThread),
    ],
)
async def test_each_way_of_signing_in_has_its_credential(auth: str | None, kind: type) -> None:
    async with made(auth) as credential:
        assert isinstance(credential, kind)
    async with made(auth, tenant="11111111-2222-3333-4444-555555555555") as credential:
        assert isinstance(credential, kind | InTenant)


@pytest.mark.parametrize("client_id", [None, "5c0ffee0-0000-4000-8000-000000000001"])
def test_of_several_managed_identities_the_environments_is_asked_for(
    client_id: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr(credentials, "ManagedIdentityCredential", lambda **more: given.update(more))
    if client_id:
        monkeypatch.setenv("AZURE_CLIENT_ID", client_id)
    credential_for(options(auth="managed-identity"), named("public"), Scripted({}))
    assert given["client_id"] == client_id
    assert "authority" not in given


async def test_an_unknown_way_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="unknown way"):
        credential_for(options(auth="magic"), named("public"), Scripted({}))


async def test_a_way_that_is_not_set_up_fails_the_run() -> None:
    with pytest.raises(RunFailedError, match="not set up"):
        credential_for(options(auth="workload-identity"), named("public"), Scripted({}))


async def test_the_tenant_is_asked_for_by_name() -> None:
    asked: dict[str, object] = {}

    class Inner(StaticCredential):
        async def get_token(self, *_scopes: str, **given: object) -> AccessToken:
            asked.update(given)
            return AccessToken("t", 0)

    async with InTenant(Inner(), "tenant-1") as credential:
        await credential.get_token("scope", claims=None)
    assert asked == {"claims": None, "tenant_id": "tenant-1"}


def test_people_are_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    credentials._tell("https://login.test/device", "ABC", None)  # type: ignore[arg-type]  # unused
    told = capsys.readouterr()
    assert "ABC" in told.err
    assert told.out == ""


def test_a_bundle_that_cannot_be_read_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for content in (None, "no certificate"):
        bundle = tmp_path / "ca.pem"
        if content:
            bundle.write_text(content)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        with pytest.raises(UsageError, match="REQUESTS_CA_BUNDLE"):
            trusted()


async def test_the_transport_does_not_decompress_what_azure_core_will(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    async with open_transport(7) as transport:
        session = transport.session
        assert session is not None
        assert not session.auto_decompress
        assert session.connector is not None
        assert session.connector.limit == 7
    assert session.closed
