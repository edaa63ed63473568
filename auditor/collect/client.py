"""The one factory of clients: the SDK's own for AKS and Compute, ARM's pipeline for the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline import AsyncPipeline
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.containerservice.aio import ContainerServiceClient
from azure.mgmt.core import AsyncARMPipelineClient

from auditor.collect import failures
from auditor.collect.failures import FailedReadError
from auditor.collect.policies import REGION, BlockedRequestError, Policy
from auditor.model.errors import RunFailedError
from auditor.model.facet import Outcome


class Answer(msgspec.Struct, frozen=True):
    """What came back, whatever its status."""

    status: int
    body: bytes


class Carrier(Protocol):
    """Whatever takes requests and brings answers: Azure's clients, or a snapshot."""

    async def carry(self, request: HttpRequest, region: str) -> Answer:
        """The answer; ``region`` tells the budgets where the request counts.

        Raises ``FailedReadError`` where none came, :class:`RunFailedError` where signing in
        failed.
        """


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

    async def carry(self, request: HttpRequest, region: str) -> Answer:
        """See :class:`Carrier`."""
        client = self._providers.get(_provider(request.url), self._other)
        options = {REGION: region, "retry_on_methods": ("GET", "HEAD", "POST")}
        try:
            response = await client.send_request(request, **options)
        except ClientAuthenticationError as error:
            raise _not_signed_in(error) from error
        except AzureError as error:
            raise failures.of_exception(error) from error
        except BlockedRequestError as error:
            raise FailedReadError(Outcome.FAILED, str(error)) from error
        return Answer(response.status_code, response.content)


def _provider(url: str) -> str:
    """The namespace of the resource provider that answers a path, in lower case."""
    return urlsplit(url).path.casefold().rpartition("/providers/")[2].partition("/")[0]


def _not_signed_in(error: ClientAuthenticationError) -> RunFailedError:
    first = next(iter(error.message.strip().splitlines()), "no reason given")
    return RunFailedError(
        f"signing in to Azure failed: {failures.brief(first)}",
        "run `az login`, or name a way with --auth",
    )
