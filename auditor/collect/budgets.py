"""Client-side budgets, below ARM's and the providers' own, so that an audit starves nobody.

The clusters' autoscaler and cloud provider spend from the same Compute buckets as the auditor;
a bucket just under the quota costs no time and never meets a 429. Sources: "Understand how
Azure Resource Manager throttles requests", "Compute throttling limits", "AKS quotas".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from enum import Enum
from urllib.parse import urlsplit

import msgspec

from auditor.collect import calls
from auditor.model import resource_id as arm

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

_RESERVE = 10
_GRAPH = "microsoft.resourcegraph/resources"


class Rate(msgspec.Struct, frozen=True):
    """How many requests may come at once, and how many more per second."""

    burst: float
    per_second: float


class Share(Enum):
    """Who shares a bucket."""

    RESOURCE = "resource"
    SCOPE = "scope"
    SUBSCRIPTION = "subscription"
    REGION = "region"
    USER = "user"


class Limit(msgspec.Struct, frozen=True):
    """A provider's own limit on one kind of request, or on all kinds of one ``name``."""

    rate: Rate
    share: Share
    name: str = ""


# Documented: 250 and 25/s per subscription in the public cloud; 12,000 an hour elsewhere.
ARM = Rate(200, 20)
ARM_ELSEWHERE = Rate(200, 3)
# Documented: 360 a minute, bucket 1,080, per subscription and region ("high cost get").
_SCALE_SETS = Limit(Rate(300, 5), Share.REGION)
# Documented: 300 a minute, bucket 900.
_MACHINES = Limit(Rate(250, 4), Share.REGION)
# Documented: 500 by subscription, 60 by group or cluster, and 1 more per second.
_CLUSTERS = Limit(Rate(50, 0.9), Share.SCOPE)
_CLUSTER = Limit(Rate(50, 0.9), Share.RESOURCE)
# Documented: 60 by subscription and 1 more per second, all other requests to AKS taken together.
_AKS = Limit(Rate(50, 0.9), Share.SUBSCRIPTION, "aks")

_LIMITS: Mapping[str, Limit] = {
    _GRAPH: Limit(Rate(10, 2), Share.USER),  # documented: 15 in 5 seconds
    "microsoft.compute/virtualmachinescalesets": _SCALE_SETS,
    "microsoft.compute/virtualmachinescalesets/{name}/virtualmachines": _SCALE_SETS,
    "microsoft.compute/virtualmachines": _MACHINES,
    "microsoft.containerservice/managedclusters": _CLUSTERS,
    "microsoft.containerservice/managedclusters/{name}": _CLUSTER,
    "microsoft.containerservice/managedclusters/{name}/agentpools/{name}/machines": _AKS,
    "microsoft.containerservice/locations/{name}/kubernetesversions": _AKS,
}


class TokenBucket:
    """Tokens that come back with time; who finds none waits for those that it took in advance."""

    def __init__(self, rate: Rate, clock: Clock, sleep: Sleep) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._tokens = rate.burst
        self._at = clock()

    async def take(self) -> None:
        """Take one token, waiting for it if need be."""
        self._refill()
        self._tokens -= 1
        if self._tokens < 0:
            await self._sleep(-self._tokens / self._rate.per_second)

    def at_most(self, tokens: float) -> None:
        """The other side says that no more than this is left."""
        self._refill()
        self._tokens = min(self._tokens, tokens)

    def empty_for(self, seconds: float) -> None:
        """The other side says that nothing is left for so long."""
        self.at_most(-seconds * self._rate.per_second)

    def _refill(self) -> None:
        now = self._clock()
        earned = (now - self._at) * self._rate.per_second
        self._tokens = min(self._rate.burst, self._tokens + earned)
        self._at = now


class Budgets:
    """The buckets of a run, by who shares them."""

    def __init__(
        self, arm_rate: Rate = ARM, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._arm_rate = arm_rate
        self._clock = clock
        self._sleep = sleep
        self._buckets: dict[tuple[str, ...], TokenBucket] = {}

    async def spend(self, url: str, region: str = "") -> None:
        """Wait until a request to this address is within every budget that it counts against."""
        for bucket in (self._of_arm(url), self._of_provider(url, region)):
            if bucket:
                await bucket.take()

    def heed(self, url: str, headers: Mapping[str, str], region: str = "") -> None:
        """Believe what an answer says is left, where that is less than we think."""
        for name, value in _remaining(headers):
            bucket = self._of_provider(url, region) if name == "resource" else self._of_arm(url)
            if bucket:
                bucket.at_most(value - _RESERVE)
        graph = self._of_provider(url, region)
        if graph and headers.get("x-ms-user-quota-remaining") == "0":
            graph.empty_for(_seconds(headers.get("x-ms-user-quota-resets-after", "")))

    def _of_arm(self, url: str) -> TokenBucket:
        return self._bucket(("arm", arm.subscription(urlsplit(url).path)), self._arm_rate)

    def _of_provider(self, url: str, region: str) -> TokenBucket | None:
        path = urlsplit(url).path
        kind = calls.template(path).casefold().rpartition("/providers/")[2]
        limit = _LIMITS.get(kind)
        if limit is None:
            return None
        sharers = {
            Share.RESOURCE: (arm.key(path),),
            Share.SCOPE: (arm.subscription(path).casefold(), arm.resource_group(path).casefold()),
            Share.SUBSCRIPTION: (arm.subscription(path).casefold(),),
            Share.REGION: (arm.subscription(path).casefold(), region.casefold()),
            Share.USER: (),
        }
        return self._bucket((limit.name or kind, *sharers[limit.share]), limit.rate)

    def _bucket(self, key: tuple[str, ...], rate: Rate) -> TokenBucket:
        if key not in self._buckets:
            self._buckets[key] = TokenBucket(rate, self._clock, self._sleep)
        return self._buckets[key]


def _remaining(headers: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """What ARM (``-subscription-reads: 42``) and Compute (``-resource: a;7,b;9``) say is left."""
    for name in ("subscription-reads", "tenant-reads"):
        value = headers.get(f"x-ms-ratelimit-remaining-{name}", "")
        if value.isdecimal():
            yield name, int(value)
    for part in headers.get("x-ms-ratelimit-remaining-resource", "").split(","):
        value = part.rpartition(";")[2].strip()
        if value.isdecimal():
            yield "resource", int(value)


def _seconds(text: str) -> float:
    """``hh:mm:ss`` in seconds; a second where it does not read."""
    parts = text.split(":")
    if not all(part.isdecimal() for part in parts):
        return 1.0
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return float(max(seconds, 1))
