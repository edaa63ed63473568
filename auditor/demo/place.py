"""Where a fixture cluster is put: the ids that stand for the tokens of its file.

Fixture files hold tokens such as ``@subscription@`` instead of names and ids, so that one file
serves any number of clusters. ``@guid:label@`` becomes an identifier that is the same wherever
the label occurs in one cluster, and different in every other cluster; ``@uid:label@`` likewise,
in the shorter form of ``resourceUID``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

import msgspec

from auditor.model.errors import UsageError

_TOKEN = re.compile(r"@([a-z_]+)(?::([\w-]+))?@")
_NAMESPACE = uuid.UUID("0c6f3d8e-52a1-4f0b-9a57-4e6f1d2b7c90")
_UID_LENGTH = 24
_DIGITS = 8
_NUMBER = re.compile(rf"(?<![0-9a-f])\d{{{_DIGITS}}}(?![0-9a-f]|-[0-9a-f]{{4}}-)")
_NAMES = ("tenant", "subscription", "group", "cluster", "location", "node_group")
_PROVIDERS = {
    "managedclusters": "Microsoft.ContainerService",
    "virtualmachinescalesets": "Microsoft.Compute",
    "virtualmachines": "Microsoft.Compute",
    "availabilitysets": "Microsoft.Compute",
    "disks": "Microsoft.Compute",
    "snapshots": "Microsoft.Compute",
    "networksecuritygroups": "Microsoft.Network",
    "virtualnetworks": "Microsoft.Network",
    "routetables": "Microsoft.Network",
    "loadbalancers": "Microsoft.Network",
    "publicipaddresses": "Microsoft.Network",
    "networkinterfaces": "Microsoft.Network",
    "natgateways": "Microsoft.Network",
    "privateendpoints": "Microsoft.Network",
    "privatednszones": "Microsoft.Network",
    "userassignedidentities": "Microsoft.ManagedIdentity",
    "autoscalesettings": "Microsoft.Insights",
    "locks": "Microsoft.Authorization",
    "roleassignments": "Microsoft.Authorization",
    "denyassignments": "Microsoft.Authorization",
}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster's coordinates in a fixture tenant; ``node_group`` is empty until it is known.

    ``own_numbers``: the eight digits that AKS puts into names are other ones than in the file,
    as they are where several clusters of a kind lie side by side.
    """

    tenant: str
    subscription: str
    group: str
    cluster: str
    location: str
    node_group: str = ""
    own_numbers: bool = False

    @property
    def subscription_id(self) -> str:
        """The subscription's ARM id."""
        return f"/subscriptions/{self.subscription}"

    @property
    def group_id(self) -> str:
        """The id of the resource group that holds the cluster."""
        return f"{self.subscription_id}/resourceGroups/{self.group}"

    @property
    def node_group_id(self) -> str:
        """The id of the node resource group."""
        return f"{self.subscription_id}/resourceGroups/{self.node_group}"

    @property
    def cluster_id(self) -> str:
        """The cluster's id, spelled as AKS spells it."""
        group = f"{self.subscription_id}/resourcegroups/{self.group}"
        return f"{group}/providers/Microsoft.ContainerService/managedClusters/{self.cluster}"

    def guid(self, label: str) -> str:
        """The identifier that a label stands for in this cluster."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.cluster_id}\n{label}".casefold()))

    def fill(self, text: str) -> str:
        """The text with its tokens replaced; raises ``UsageError`` on an unknown one."""
        if self.own_numbers:
            text = _NUMBER.sub(self._number, text)
        names = self._names()
        return _TOKEN.sub(lambda match: self._value(match, names), text)

    def _number(self, match: re.Match[str]) -> str:
        return str(uuid.UUID(self.guid(match.group())).int)[:_DIGITS]

    def _value(self, match: re.Match[str], names: Mapping[str, str]) -> str:
        name, label = match.groups()
        if name == "guid" and label:
            return self.guid(label)
        if name == "uid" and label:
            return self.guid(label).replace("-", "")[:_UID_LENGTH]
        if label or name not in names:
            raise UsageError(
                f"unknown token {match.group()} in a fixture", "see fixtures/README.md"
            )
        return names[name]

    def _names(self) -> Mapping[str, str]:
        derived = ("group_id", "node_group_id", "cluster_id")
        return {name: getattr(self, name) for name in (*_NAMES, *derived)}

    def id_of(self, path: str) -> str:
        """The ARM id that a fixture path means.

        A full id stays; ``.`` is the node resource group; ``managedClusters/…`` lies in the
        cluster's group; anything else is relative to the node resource group, where the
        provider may be left out for the types that AKS uses.
        """
        if path.startswith("/"):
            return path
        if path == ".":
            return self.node_group_id
        kind = path.partition("/")[0].casefold()
        if kind == "managedclusters":
            return f"{self.cluster_id.rpartition('/')[0]}/{path.partition('/')[2]}"
        if "." in kind:
            return f"{self.node_group_id}/providers/{path}"
        if kind not in _PROVIDERS:
            raise UsageError(f"no provider is known for {path!r}", "write Microsoft.X/… before it")
        return f"{self.node_group_id}/providers/{_PROVIDERS[kind]}/{path}"
