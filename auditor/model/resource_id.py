"""ARM resource ids: compared without regard to case, printed as received.

ARM ids are case-insensitive, and its answers prove it: Compute lists answer with the resource
group in upper case, ``resourcegroups`` and ``resourceGroups`` both occur, and Resource Graph
lower-cases. Every comparison therefore goes through :func:`key`.
"""

from __future__ import annotations


def key(resource_id: str) -> str:
    """The form under which two spellings of one id are equal."""
    return resource_id.strip().rstrip("/").casefold()


def same(left: str | None, right: str | None) -> bool:
    """Whether both ids name one resource; two absent ids are the same."""
    return key(left or "") == key(right or "")


def name(resource_id: str) -> str:
    """The last segment: the resource's own name, as received."""
    return resource_id.rstrip("/").rpartition("/")[2]


def segment(resource_id: str, kind: str) -> str | None:
    """The name after the segment ``kind``, such as ``resourceGroups``; ``None`` if absent."""
    parts = resource_id.split("/")
    wanted = kind.casefold()
    for index, part in enumerate(parts[:-1]):
        if part.casefold() == wanted:
            return parts[index + 1] or None
    return None


def subscription(resource_id: str) -> str:
    """The subscription's id, or an empty string for a tenant-level id."""
    return segment(resource_id, "subscriptions") or ""


def resource_group(resource_id: str) -> str:
    """The resource group's name as received, or an empty string."""
    return segment(resource_id, "resourceGroups") or ""


def group_id(subscription_id: str, group: str) -> str:
    """The id of a resource group."""
    return f"/subscriptions/{subscription_id}/resourceGroups/{group}"


def within(resource_id: str, ancestor: str) -> bool:
    """Whether the id is the ancestor itself or lies below it."""
    inner, outer = key(resource_id), key(ancestor)
    return inner == outer or inner.startswith(outer + "/")


def resource_type(resource_id: str) -> str:
    """The full resource type in lower case, such as ``microsoft.network/virtualnetworks/subnets``.

    An extension resource (``…/providers/Microsoft.Resources/tags/default`` below another
    resource) gives the type of the extension resource. Empty for subscriptions and groups.
    """
    provider = key(resource_id).rpartition("/providers/")[2]
    if provider == key(resource_id):
        return ""
    parts = provider.split("/")
    return "/".join([parts[0], *parts[1::2]])


def parent(resource_id: str) -> str:
    """The id without its last type and name, such as a subnet's virtual network."""
    return resource_id.rstrip("/").rsplit("/", 2)[0]


def extended(resource_id: str) -> str:
    """What an extension resource, such as a lock, is on: its id up to the last provider.

    Empty for one that is on the whole tenant.
    """
    return resource_id[: max(resource_id.casefold().rfind("/providers/"), 0)]


def root(resource_id: str) -> str:
    """The key of the top-level resource that the id lies in: the scale set of an instance.

    The id's own key where it names no resource, such as a resource group's.
    """
    scope, found, rest = key(resource_id).partition("/providers/")
    return "/".join([scope, "providers", *rest.split("/")[:3]]) if found else scope
