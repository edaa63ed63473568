from __future__ import annotations

import pytest

from auditor.collect import cloud
from auditor.collect.calls import Ledger
from auditor.demo.answers import Answer
from auditor.model.errors import UsageError
from tests.collect.world import ENDPOINT, Scripted, Step, ok, options, refusal

METADATA = "/metadata/endpoints"


async def resolved(step: Step, endpoint: str = ENDPOINT) -> cloud.Cloud:
    given = options(arm_endpoint=endpoint)
    return await cloud.resolve(given, Scripted({METADATA: step}), Ledger())


@pytest.mark.parametrize(
    ("name", "endpoint", "scope"),
    [
        ("public", "https://management.azure.com", "https://management.azure.com/.default"),
        (
            "china",
            "https://management.chinacloudapi.cn",
            "https://management.chinacloudapi.cn/.default",
        ),
        (
            "usgov",
            "https://management.usgovcloudapi.net",
            "https://management.core.usgovcloudapi.net/.default",
        ),
    ],
)
async def test_clouds_by_name(name: str, endpoint: str, scope: str) -> None:
    given = options(cloud=name, arm_endpoint=None)
    known = await cloud.resolve(given, Scripted({}), Ledger())
    assert (known.endpoint, known.scope) == (endpoint, scope)


async def test_other_clouds_read_more_slowly_and_sign_in_elsewhere() -> None:
    assert cloud.named("china").reads.per_second < cloud.named("public").reads.per_second
    assert cloud.named("usgov").authority == "https://login.microsoftonline.us"
    assert cloud.named("public").authority is None


def test_an_unknown_cloud_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as caught:
        cloud.named("mars")
    assert "public, china, usgov" in caught.value.hint


async def test_a_custom_endpoint_says_whom_its_tokens_are_for() -> None:
    told = {"loginEndpoint": "https://login.test", "audiences": [None, "https://aud.test/"]}
    custom = await resolved(ok({"authentication": told}), f"{ENDPOINT}/")
    assert custom.endpoint == ENDPOINT
    assert custom.scope == "https://aud.test/.default"
    assert custom.authority == "https://login.test"


async def test_the_endpoint_itself_is_preferred_among_audiences() -> None:
    audiences = ["https://other.test/", f"{ENDPOINT}/"]
    custom = await resolved(ok([{"authentication": {"audiences": audiences}}]))
    assert custom.scope == f"{ENDPOINT}/.default"


@pytest.mark.parametrize(
    "step", [refusal(404), Answer(body=b"<html>"), Answer(body=b"[]"), Answer(body=b"{}")]
)
async def test_an_endpoint_that_tells_nothing_is_its_own_audience(step: Step) -> None:
    custom = await resolved(step)
    assert custom.scope == f"{ENDPOINT}/.default"
    assert custom.authority is None


async def test_a_login_endpoint_without_tls_is_not_believed() -> None:
    told = {"authentication": {"loginEndpoint": "http://login.test"}}
    assert (await resolved(ok(told))).authority is None


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://arm.example.test",
        "arm.example.test",
        "https://",
        "ftp://x",
        "https://user:pw@x.test",
        "https://x.test/path",
        "https://x.test/?q=1",
    ],
)
async def test_an_endpoint_without_tls_or_with_more_than_a_host_is_a_usage_error(
    endpoint: str,
) -> None:
    with pytest.raises(UsageError, match="--arm-endpoint"):
        await resolved(ok({}), endpoint)
