"""The receipt: how often which path was called, failed ones and blocked ones included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from auditor.model.run import CallRow

_SPELLING = {
    name.casefold(): name
    for name in (
        "subscriptions",
        "resourceGroups",
        "Microsoft.Authorization",
        "Microsoft.Compute",
        "Microsoft.ContainerService",
        "Microsoft.Features",
        "Microsoft.Insights",
        "Microsoft.Network",
        "Microsoft.ResourceGraph",
        "agentPools",
        "autoscaleSettings",
        "denyAssignments",
        "kubernetesVersions",
        "loadBalancers",
        "managedClusters",
        "networkSecurityGroups",
        "publicIPAddresses",
        "roleAssignments",
        "roleDefinitions",
        "routeTables",
        "subnets",
        "virtualMachineScaleSets",
        "virtualMachines",
        "virtualNetworks",
    )
}
_LITERAL = frozenset({"management"})


class Ledger:
    """Counts requests by method and path template."""

    def __init__(self) -> None:
        self._sent: Counter[tuple[str, str]] = Counter()
        self._failed: Counter[tuple[str, str]] = Counter()
        self._blocked: Counter[tuple[str, str]] = Counter()

    def sent(self, method: str, url: str, *, failed: bool) -> None:
        """One attempt went out; ``failed``: no answer, or a status of 400 or above."""
        call = (method.upper(), template(urlsplit(url).path))
        self._sent[call] += 1
        self._failed[call] += failed

    def blocked(self, method: str, url: str) -> None:
        """One request was refused before it was sent."""
        self._blocked[method.upper(), template(urlsplit(url).path)] += 1

    def rows(self) -> tuple[CallRow, ...]:
        """The receipt, sorted by path."""
        calls = sorted({*self._sent, *self._blocked}, key=lambda call: (call[1], call[0]))
        return tuple(
            CallRow(
                method=method,
                path=path,
                count=self._sent[method, path],
                failed=self._failed[method, path],
                blocked=self._blocked[method, path],
            )
            for method, path in calls
        )


def template(path: str) -> str:
    """The path with its names taken out: ``/subscriptions/{subscriptionId}/…``."""
    return "/" + "/".join(_templated([part for part in path.split("/") if part]))


def _templated(parts: list[str]) -> Iterator[str]:
    expected = "kind"
    for part in parts:
        yield _placeholder(expected, part)
        expected = _after(expected, part)


def _placeholder(expected: str, part: str) -> str:
    if expected.startswith("{") and part.casefold() not in _LITERAL:
        return expected
    return _SPELLING.get(part.casefold(), part)


def _after(expected: str, part: str) -> str:
    """What follows: kinds and names alternate, and a provider's namespace stands between."""
    kind = part.casefold()
    if expected.startswith("{"):
        return "type" if expected == "{name}" else "kind"
    if expected == "namespace":
        return "type"
    if kind == "providers":
        return "namespace"
    if expected == "type":
        return "{name}"
    return {"subscriptions": "{subscriptionId}", "resourcegroups": "{resourceGroupName}"}.get(
        kind, "kind"
    )
