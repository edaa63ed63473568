"""Recorded objects, moved into one cluster of one subscription.

The recorders put zeros for every subscription, that of AKS's image galleries included. Here each
cluster has a subscription, a resource group, a node resource group and a suffix of its own,
everywhere the same, and the galleries have their own subscription back. How a name was spelt, in
mixed case or shouted, stays as it was.
"""

from __future__ import annotations

import json
import re

import msgspec

from tests.reference.recordings import Document

TENANT = "3b1e5a0c-7f42-4d86-9c15-e0a6d2f84b71"
SUBSCRIPTION = "5d0c9e7a-2b64-4f18-8a33-c41f7be09d56"
ZEROS = "00000000-0000-0000-0000-000000000000"
SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets"

_GALLERIES = "109a5e88-712a-48ae-9078-9ca8b3c81345"
_OF_GALLERY = re.compile(rf"/subscriptions/{ZEROS}(/resourceGroups/AKS-[a-z]+/)", re.IGNORECASE)
_OTHERS = re.compile(rf"/subscriptions/(?!{_GALLERIES})[0-9a-f-]{{36}}")
_NODE_GROUP = re.compile(r"\bMC_[^/\"]+")
_SUFFIX = re.compile(
    r"resourceNameSuffix\": \"(\d+)|aks-vnet-(\d+)|aks-agentpool-(\d+)-(?:nsg|routetable)",
    re.IGNORECASE,
)


class Names(msgspec.Struct, frozen=True):
    """What a recorded object calls its cluster and all around it; ``""`` where it is silent."""

    group: str
    cluster: str
    node_group: str
    suffix: str = ""
    scale_set: str = ""


def names(*bodies: Document) -> Names:
    """The names in recorded objects, in their own spelling rather than a shouted one."""
    text = json.dumps(bodies)
    spelt = [found for found in _NODE_GROUP.findall(text) if not found.isupper()]
    node_group = next(iter(spelt), "")
    _, group, cluster, *_ = f"{node_group}__".split("_")
    suffix = next(("".join(found) for found in _SUFFIX.findall(text)), "")
    scale_set = bodies[0]["name"] if bodies[0]["type"] == SCALE_SET else ""
    return Names(group, cluster, node_group, suffix, scale_set)


def moved(body: Document, to: Names) -> Document:
    """The object in another cluster: every name of its own one replaced, case kept."""
    own = msgspec.structs.asdict(names(body))
    new = msgspec.structs.asdict(to)
    changes = {own[key].casefold(): new[key] for key in own if own[key] and new[key]}
    if not changes:
        return body
    pattern = "|".join(re.escape(name) for name in sorted(changes, key=len, reverse=True))

    def changed(match: re.Match[str]) -> str:
        name = str(changes[match[0].casefold()])
        return name.upper() if match[0].isupper() else name

    text = re.sub(pattern, changed, json.dumps(body), flags=re.IGNORECASE)
    found: Document = json.loads(text)
    return found


def placed(document: Document) -> Document:
    """The object in this tenant's subscription, its image in AKS's."""
    text = _OF_GALLERY.sub(rf"/subscriptions/{_GALLERIES}\1", json.dumps(document))
    found: Document = json.loads(_OTHERS.sub(f"/subscriptions/{SUBSCRIPTION}", text))
    return found
