"""Merge patches on ARM documents, children that are inline in their parent included.

ARM answers a node pool, a security rule or a subnet both as a resource of its own and inside
its parent. Fixtures hold them once, in the parent; here they are addressed by their own path.
"""

from __future__ import annotations

import copy

import msgspec

from auditor.demo.files import Document, Patches
from auditor.demo.place import Place
from auditor.model import resource_id as arm
from auditor.model.errors import UsageError

Documents = dict[str, Document]
"""ARM documents by the key of their id: subscriptions, groups, resources, instances."""


class Inline(msgspec.Struct, frozen=True):
    """Where a parent holds its children; ``flat``: their properties lie beside their name."""

    path: tuple[str, ...]
    flat: bool = False


_EXTENSIONS = ("properties", "virtualMachineProfile", "extensionProfile", "extensions")
_INLINE = {
    "microsoft.containerservice/managedclusters/agentpools": Inline(
        ("properties", "agentPoolProfiles"), flat=True
    ),
    "microsoft.compute/virtualmachinescalesets/extensions": Inline(_EXTENSIONS),
    "microsoft.compute/virtualmachinescalesets/virtualmachines/extensions": Inline(("resources",)),
    "microsoft.compute/virtualmachines/extensions": Inline(("resources",)),
    "microsoft.network/networksecuritygroups/securityrules": Inline(
        ("properties", "securityRules")
    ),
    "microsoft.network/virtualnetworks/subnets": Inline(("properties", "subnets")),
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": Inline(
        ("properties", "virtualNetworkPeerings")
    ),
    "microsoft.network/routetables/routes": Inline(("properties", "routes")),
    "microsoft.network/loadbalancers/outboundrules": Inline(("properties", "outboundRules")),
    "microsoft.network/loadbalancers/backendaddresspools": Inline(
        ("properties", "backendAddressPools")
    ),
    "microsoft.network/loadbalancers/loadbalancingrules": Inline(
        ("properties", "loadBalancingRules")
    ),
}


def inline(resource_type: str) -> Inline | None:
    """How resources of a type (lower case) lie in their parent, or ``None`` if they do not."""
    return _INLINE.get(resource_type)


def children(parent: Document, where: Inline) -> list[Document]:
    """The parent's own list of children, to be read or changed in place."""
    node = parent
    for step in where.path[:-1]:
        node = node.setdefault(step, {})
    found: list[Document] | None = node.get(where.path[-1])
    if found is None:
        found = node[where.path[-1]] = []
    return found


def merge(target: Document, patch: Document) -> Document:
    """Apply a merge patch (RFC 7396) and return the result; both arguments stay as they are."""
    merged = dict(target)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            held = merged.get(name)
            merged[name] = merge(held if isinstance(held, dict) else {}, value)
        else:
            merged[name] = copy.deepcopy(value)
    return merged


def apply(documents: Documents, patches: Patches, place: Place) -> Documents:
    """The documents with patches applied; raises ``UsageError`` where a path leads nowhere.

    Documents that no patch touches are shared with the argument, which stays as it is.
    """
    patched = dict(documents)
    for path, patch in patches.items():
        resource_id = place.id_of(path)
        where = inline(arm.resource_type(resource_id))
        if where:
            _patch_child(patched, resource_id, where, patch)
        elif patch is None:
            _delete(patched, resource_id)
        else:
            _patch_document(patched, resource_id, patch)
    return patched


def _patch_document(documents: Documents, resource_id: str, patch: Document) -> None:
    held = documents.get(arm.key(resource_id))
    if held is None and not {"id", "name", "type"} <= patch.keys():
        raise _leads_nowhere(resource_id)
    documents[arm.key(resource_id)] = merge(held or {}, patch)


def _delete(documents: Documents, resource_id: str) -> None:
    gone = [key for key in documents if arm.within(key, resource_id)]
    if not gone:
        raise _leads_nowhere(resource_id)
    for key in gone:
        del documents[key]


def _patch_child(
    documents: Documents, resource_id: str, where: Inline, patch: Document | None
) -> None:
    parent = documents.get(arm.key(arm.parent(resource_id)))
    if parent is None:
        raise _leads_nowhere(resource_id)
    parent = documents[arm.key(arm.parent(resource_id))] = copy.deepcopy(parent)
    siblings, name = children(parent, where), arm.name(resource_id)
    index = next((i for i, s in enumerate(siblings) if arm.same(s["name"], name)), None)
    if index is None:
        if patch is None or "name" not in patch:
            raise _leads_nowhere(resource_id)
        siblings.append(patch)
    elif patch is None:
        del siblings[index]
    else:
        siblings[index] = merge(siblings[index], patch)


def _leads_nowhere(resource_id: str) -> UsageError:
    return UsageError(
        f"a fixture patches {resource_id}, which is not there",
        "a new child needs its name, a new resource its id, name and type",
    )
