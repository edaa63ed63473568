"""The fixture files, typed: a misspelt key is an error with the file's name, never ignored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec

from auditor.demo.place import Place
from auditor.model.errors import UsageError
from auditor.resources import folder

Document: TypeAlias = dict[str, Any]
"""A JSON object as ARM returns it."""

Patches: TypeAlias = dict[str, Document | None]
"""Merge patches (RFC 7396) by fixture path; ``None`` deletes."""

CATEGORIES = ("violates", "passes", "benign", "unknown", "transition")


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all fixture structs."""


class ClusterFile(_File, frozen=True, kw_only=True):
    """``clusters/<kind>.json``: a healthy cluster with all that belongs to it.

    ``instances`` is by scale set name. ``node_group`` is the name of the node resource group,
    AKS's default unless the file says otherwise.
    """

    description: str
    resources: list[Document]
    instances: dict[str, list[Document]] = {}
    activity: list[Document] = []
    node_group: str = "MC_@group@_@cluster@_@location@"


class Surroundings(_File, frozen=True, kw_only=True):
    """``surroundings.json``: what lies around every cluster, put once where clusters share it."""

    description: str
    resources: list[Document]


class Fault(_File, frozen=True, kw_only=True):
    """What goes wrong with the requests whose path and query match ``path``.

    ``times`` is how many of them fail before ARM recovers (``None``: all). With ``truncate``
    the true answer breaks off half-way; with ``timeout`` none comes; ``body`` replaces the
    whole answer as it stands, JSON or not.
    """

    path: str
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 500
    code: str = ""
    message: str = ""
    headers: dict[str, str] = {}
    times: int | None = None
    body: str | None = None
    truncate: bool = False
    timeout: bool = False


class Expectation(_File, frozen=True, kw_only=True):
    """What a rule says of a case. A finding lists those fields of the report that matter."""

    verdict: Literal["violation", "warning", "unknown", "pass", "not_applicable"]
    findings: list[Document] = []


class CaseFile(_File, frozen=True, kw_only=True):
    """``cases/<RULE>/<category>-<slug>.json``: what differs from a healthy cluster.

    ``then`` holds patches that show only from the second read of an object on.
    """

    title: str
    why: str
    base: str
    now: datetime | None = None
    patch: Patches = {}
    then: Patches = {}
    add: list[Document] = []
    instances: dict[str, list[Document]] = {}
    activity: list[Document] = []
    faults: list[Fault] = []
    expect: dict[str, Expectation] = {}


class Caller(_File, frozen=True, kw_only=True):
    """Who calls ARM, as the activity log shows it: ``caller``, claims, client address."""

    description: str
    caller: str | None = None
    claims: dict[str, str] = {}
    address: str = ""


class TenantSubscription(_File, frozen=True, kw_only=True):
    """A subscription of the demo tenant, with the management groups above it as Graph has them."""

    id: str
    name: str
    state: str = "Enabled"
    management_groups: list[Document] = []


class TenantCluster(_File, frozen=True, kw_only=True):
    """A cluster of the demo tenant; ``subscription`` is a name, ``cases`` are ``RULE/file``.

    ``tags`` are put over those of its kind; ``null`` takes one away.
    """

    name: str
    subscription: str
    group: str
    location: str
    base: str
    cases: list[str] = []
    node_group: str = ""
    faults: list[Fault] = []
    tags: dict[str, str | None] = {}


class TenantFile(_File, frozen=True, kw_only=True):
    """``tenant.json``: the tenant that the demo audits."""

    now: datetime
    tenant: str
    subscriptions: list[TenantSubscription]
    clusters: list[TenantCluster]
    faults: list[Fault] = []


T = TypeVar("T")


def read(path: Path, type_: type[T], place: Place | None = None) -> T:
    """Decode a fixture file, its tokens filled in where a place is given.

    Raises ``UsageError`` that names the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return msgspec.json.decode(place.fill(text) if place else text, type=type_)
    except FileNotFoundError as error:
        raise UsageError(f"there is no fixture {path.name}", f"looked for {path}") from error
    except (UsageError, msgspec.DecodeError) as error:
        raise UsageError(f"{path.name}: {error}", "see fixtures/README.md") from error


def settled(kind: str, place: Place) -> Place:
    """The place with its node resource group named, as the kind has it unless already known."""
    if place.node_group:
        return place
    template = read(folder("fixtures") / "clusters" / f"{kind}.json", ClusterFile).node_group
    return msgspec.structs.replace(place, node_group=place.fill(template))


def cluster(kind: str, place: Place) -> ClusterFile:
    """The healthy cluster of a kind, put at a place."""
    return read(folder("fixtures") / "clusters" / f"{kind}.json", ClusterFile, place)


def surroundings(place: Place) -> Surroundings:
    """What lies around a cluster at a place."""
    return read(folder("fixtures") / "surroundings.json", Surroundings, place)


def case(case_id: str, place: Place | None = None) -> CaseFile:
    """The case ``RULE/category-slug``, its tokens filled in where a place is given."""
    return read(folder("fixtures") / "cases" / f"{case_id}.json", CaseFile, place)


def callers(place: Place) -> Mapping[str, Caller]:
    """All callers by name, as they appear to the cluster at a place."""
    return read(folder("fixtures") / "callers.json", dict[str, Caller], place)


def tenant() -> TenantFile:
    """The demo tenant."""
    return read(folder("fixtures") / "tenant.json", TenantFile)


def kinds() -> tuple[str, ...]:
    """The kinds of healthy cluster, sorted."""
    return tuple(sorted(path.stem for path in (folder("fixtures") / "clusters").glob("*.json")))


def case_ids() -> tuple[str, ...]:
    """Every case as ``RULE/category-slug``, sorted."""
    root = folder("fixtures") / "cases"
    return tuple(
        sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.glob("*/*.json"))
    )
