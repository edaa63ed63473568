"""The one factory of clients: the SDK's own for AKS and Compute, ARM's pipeline for the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol

from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import AsyncPipeline
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.containerservice.aio import ContainerServiceClient
from azure.mgmt.core import AsyncARMPipelineClient

from auditor.collect.policies import REGION, Policy


class Sender(Protocol):
    """What all clients can do."""

    def send_request(self, request: HttpRequest, **kwargs: Any) -> Awaitable[AsyncHttpResponse]:  # noqa: ANN401 (azure-core's own signature)
        """Send a request through the client's pipeline."""


class Clients:
    """Sends requests through the client of their provider; all share one pipeline.

    The pipeline is made here and handed to each client, so that none of them builds its own:
    theirs would register missing resource providers, which is a write.
    """

    def __init__(
        self,
        endpoint: str,
        policies: Sequence[Policy],
        transport: AsyncHttpTransport[HttpRequest, AsyncHttpResponse],
        credential: AsyncTokenCredential,
    ) -> None:
        pipeline = AsyncPipeline[HttpRequest, AsyncHttpResponse](transport, policies)
        arm: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] = AsyncARMPipelineClient(
            endpoint, policies=[], pipeline=pipeline
        )
        # A client's own subscription serves its typed operations alone; here, paths name theirs.
        own: dict[str, Any] = {"subscription_id": "", "base_url": endpoint}
        own |= {"credential": credential, "policies": [], "pipeline": pipeline}
        self._other: Sender = arm
        self._providers: Mapping[str, Sender] = {
            "microsoft.containerservice": ContainerServiceClient(**own),
            "microsoft.compute": ComputeManagementClient(**own),
        }

    async def send(self, request: HttpRequest, provider: str, region: str) -> AsyncHttpResponse:
        """The answer, whatever its status; ``region`` tells the budgets where it counts."""
        client = self._providers.get(provider.casefold(), self._other)
        options = {REGION: region, "retry_on_methods": ("GET", "HEAD", "POST")}
        return await client.send_request(request, **options)
