"""The fake ARM under the real SDK: paging, retries and errors as azure-core handles them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Self

import msgspec
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ServiceResponseTimeoutError
from azure.mgmt.compute.aio import ComputeManagementClient

from auditor.demo import tenant
from auditor.demo.arm import FakeArm
from auditor.demo.files import Fault
from tests.support.cases import BASE_URL, home
from tests.support.transport import FakeArmTransport

KIND = "linux-managed-vnet"
PLACE = home(KIND)
SCALE_SET = "aks-apps-38116459-vmss"


class FakeCredential:
    async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        return AccessToken("a-fake-token", 4_000_000_000)

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def transport_with(*faults: Fault) -> FakeArmTransport:
    whole = tenant.of_cluster(KIND)
    return FakeArmTransport(FakeArm(msgspec.structs.replace(whole, faults=faults)))


def compute(transport: FakeArmTransport) -> ComputeManagementClient:
    return ComputeManagementClient(
        FakeCredential(), PLACE.subscription, base_url=BASE_URL, transport=transport
    )


async def instances(transport: FakeArmTransport) -> AsyncIterator[str]:
    async with compute(transport) as client:
        listed = client.virtual_machine_scale_set_vms.list(
            PLACE.node_group, SCALE_SET, expand="instanceView"
        )
        async for instance in listed:
            yield str(instance.instance_id)


async def test_lists_through_the_sdk() -> None:
    assert [i async for i in instances(transport_with())] == ["1", "4", "10"]


async def test_waits_as_told_without_waiting() -> None:
    transport = transport_with(
        Fault(path="/virtualMachines", status=429, headers={"Retry-After": "17"}, times=2)
    )
    assert len([i async for i in instances(transport)]) == 3
    assert transport.naps == [17, 17]


async def test_a_refusal_arrives_as_the_sdks_error() -> None:
    transport = transport_with(Fault(path="/virtualMachines", status=403))
    with pytest.raises(HttpResponseError) as refused:
        _ = [i async for i in instances(transport)]
    assert refused.value.status_code == 403
    assert refused.value.error is not None
    assert refused.value.error.code == "AuthorizationFailed"


async def test_a_lost_answer_arrives_as_a_timeout() -> None:
    transport = transport_with(Fault(path="/virtualMachines", timeout=True))
    with pytest.raises(ServiceResponseTimeoutError):
        _ = [i async for i in instances(transport)]
