"""Whose doing it is that a customer's route table lacks AKS's routes, and what cannot be told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.evidence import managed_network, pools, subnet_routes
from auditor.evidence.network_edits import Edit
from auditor.model import resource_id as arm
from auditor.model.aks import NetworkProfile, PoolKind
from auditor.model.facet import Facet, Gap, Known
from auditor.model.network import Route, RouteTable, Subnet
from auditor.model.operation import Actor, Operation, OperationKind, OperationStatus
from auditor.model.question import LookBack
from auditor.model.snapshot import Cluster
from tests import build
from tests.deeds import BY_ALICE, BY_BARE, BY_BOB, BY_CLUSTER, BY_SERVICE, operation

NETWORK = f"/subscriptions/{build.SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network"
TABLE = f"{NETWORK}/routeTables/rt-nodes"
SUBNET = f"{NETWORK}/virtualNetworks/vnet-shop/subnets/snet-nodes"
MADE = build.at("2026-10-20 06:00")
AFTER = build.at("2026-10-29 12:00")
FIRST, SECOND = "aks-apps-38116459-vmss000000", "aks-apps-38116459-vmss000001"
ROUTE = Route(
    name=FIRST,
    prefix="10.244.0.0/24",
    next_hop_type="VirtualAppliance",
    next_hop_address="10.42.0.4",
)


def table(*routes: Route, **changes: Any) -> RouteTable:  # noqa: ANN401 (any field)
    return RouteTable(id=TABLE, name="rt-nodes", routes=routes, **changes)


def cluster(
    read: Facet[RouteTable] | None = None,
    subnet: Facet[Subnet] | None = None,
    numbers: Iterable[int] = (0,),
    **changes: Any,  # noqa: ANN401 (any facet)
) -> Cluster:
    """A kubenet cluster on a subnet of the customer's, with some nodes made at the same time."""
    profile = NetworkProfile(plugin="kubenet", pod_cidrs=("10.244.0.0/16",))
    on = Subnet(
        id=SUBNET, name="snet-nodes", route_table_id=TABLE, address_prefixes=("10.42.0.0/20",)
    )
    given: dict[str, Any] = {
        "scale_sets": [build.scale_set(nics=())],
        "nodes": {"apps": tuple(build.node(n, created_at=MADE) for n in numbers)},
        "virtual_networks": Known(()),
        "subnets": {arm.key(SUBNET): subnet or Known(on)},
        "subnet_route_tables": {arm.key(TABLE): read or Known(table())},
    }
    managed = build.managed(build.pool(subnet_id=SUBNET), network=profile)
    return build.cluster(managed, **given | changes)


def told(of: Cluster, *operations: Operation) -> list[Edit | Gap]:
    own = managed_network.of(of).require()
    (view,) = pools.node_pools(of)
    return list(subnet_routes.of_pool(view, own, build.context(of, *operations)))


def wrote(
    on: str = TABLE,
    verb: str = "routeTables/write",
    by: Actor = BY_BOB,
    when: datetime = AFTER,
    **changes: Any,  # noqa: ANN401 (any field)
) -> Operation:
    name = f"Microsoft.Network/{verb}"
    return operation(OperationKind.NETWORK_WRITE, on, by, when, name=name, **changes)


def deleted(node: str = FIRST, **changes: Any) -> Operation:  # noqa: ANN401 (any field)
    return wrote(f"{TABLE}/routes/{node}", "routeTables/routes/delete", **changes)


@pytest.mark.parametrize(
    ("done", "confidence"),
    [
        (wrote(), "likely"),
        (wrote(request_paths=("location", "tags.owner")), "likely"),
        (deleted(), "confirmed"),
        (deleted(f"{FIRST.upper()}____102440024"), "confirmed"),
        (deleted(by=BY_BARE), "likely"),
        (wrote(by=BY_SERVICE), "possible"),
    ],
)
def test_who_took_routes_away_is_told_by_what_they_wrote_since_the_node_was_there(
    done: Operation, confidence: str
) -> None:
    (edit,) = told(cluster(), done)
    assert isinstance(edit, Edit)
    assert (edit.author, edit.confidence) == (done, confidence)
    assert edit.questions == ()


@pytest.mark.parametrize(
    "done",
    [
        wrote(when=MADE - timedelta(days=1)),
        wrote(by=BY_CLUSTER),
        wrote(status=OperationStatus.FAILED),
        wrote(request_paths=("tags.owner",)),
        wrote(f"{TABLE}/routes/default", "routeTables/routes/write"),
        wrote(f"{TABLE}/routes/{FIRST}", "routeTables/routes/write"),
        wrote(f"{NETWORK}/routeTables/rt-other"),
        deleted(SECOND),
        deleted("default"),
    ],
)
def test_what_cannot_have_taken_the_route_away_accuses_nobody(done: Operation) -> None:
    (edit,) = told(cluster(), done)
    assert isinstance(edit, Edit)
    assert (edit.author, edit.confidence) == (None, "possible")
    assert edit.explained_by == frozenset()
    assert edit.questions == (LookBack(TABLE),)


def test_of_several_nodes_each_must_have_lost_its_route_by_somebody() -> None:
    of = cluster(numbers=(0, 1))
    (edit,) = told(of, deleted(FIRST))
    assert isinstance(edit, Edit)
    assert edit.author is None
    newest = deleted(SECOND, by=BY_ALICE, when=AFTER + timedelta(hours=1))
    (edit,) = told(of, newest, deleted(FIRST))
    assert isinstance(edit, Edit)
    assert edit.author == newest


def test_a_table_with_every_route_tells_nothing() -> None:
    assert told(cluster(Known(table(ROUTE)))) == []


def test_without_running_nodes_there_is_nothing_to_be_reached() -> None:
    bare = Known(Subnet(id=SUBNET, name="snet-nodes"))
    assert told(cluster(subnet=bare, numbers=())) == []
    assert len(told(cluster(subnet=bare))) == 1


def test_a_subnet_that_lost_its_table_is_no_proof_against_who_wrote_it() -> None:
    (edit,) = told(cluster(subnet=Known(Subnet(id=SUBNET, name="snet-nodes"))))
    assert isinstance(edit, Edit)
    assert (edit.resource_id, edit.path, edit.confidence) == (SUBNET, "routeTable", "likely")
    assert not edit.raised_by_operation


@pytest.mark.parametrize(
    ("of", "scope"),
    [
        (cluster(build.gap("table")), "table"),
        (cluster(subnet=build.gap("subnet")), "subnet"),
        (cluster(subnets={}), SUBNET),
        (cluster(subnet_route_tables={}), TABLE),
        (cluster(Known(table(provisioning_state="Updating"))), TABLE),
        (cluster(subnet=Known(Subnet(id=SUBNET, name="s", provisioning_state="Updating"))), SUBNET),
    ],
)
def test_what_is_unread_or_moves_is_unknown(of: Cluster, scope: str) -> None:
    (gap,) = told(of)
    assert isinstance(gap, Gap)
    assert gap.scope == scope


def test_a_table_in_the_node_resource_group_is_akss_wherever_the_subnet_lies() -> None:
    own_id = f"{build.NETWORK}/routeTables/aks-agentpool-26180121-routetable"
    subnet = Known(Subnet(id=SUBNET, name="snet-nodes", route_table_id=own_id))
    empty = RouteTable(id=own_id, name=arm.name(own_id))
    (edit,) = told(cluster(subnet=subnet, route_tables=Known((empty,))))
    assert isinstance(edit, Edit)
    assert OperationKind.NETWORK_WRITE in edit.explained_by
    (unread,) = told(cluster(subnet=subnet, route_tables=build.gap("tables")))
    assert isinstance(unread, Gap)
    (unlisted,) = told(cluster(subnet=subnet, route_tables=Known(())))
    assert isinstance(unlisted, Gap)
    assert unlisted.scope == own_id


def test_machines_of_their_own_live_where_their_pool_was_put() -> None:
    profile = NetworkProfile(plugin="kubenet", pod_cidrs=("10.244.0.0/16",))
    pool = build.pool("vms", count=1, kind=PoolKind.VIRTUAL_MACHINES, subnet_id=SUBNET)
    machine = build.machine("aks-vms-26193347-vm0")
    of = cluster(
        scale_sets=[],
        virtual_machines=Known((machine,)),
        machines={"vms": Known((machine.id,))},
    )
    described = Known(build.managed(pool, network=profile))
    (edit,) = told(replace(of, managed=described))
    assert isinstance(edit, Edit)
    assert "aks-vms-26193347-vm0" in edit.what


@pytest.mark.parametrize(
    ("done", "is_told"),
    [
        (deleted(), True),
        (deleted(f"{FIRST}____102440024"), True),
        (wrote(f"{TABLE}/routes/{FIRST}", "routeTables/routes/write"), True),
        (deleted("default"), False),
        (deleted(SECOND), False),
        (deleted(by=BY_CLUSTER), False),
        (deleted(status=OperationStatus.FAILED), False),
        (deleted(when=MADE - timedelta(minutes=1)), False),
        (wrote(), False),
        (
            wrote(f"{NETWORK}/routeTables/rt-other/routes/{FIRST}", "routeTables/routes/write"),
            False,
        ),
    ],
)
def test_on_record_it_is_nodes_routes_alone_that_a_customer_may_not_touch(
    done: Operation, *, is_told: bool
) -> None:
    of = cluster(Known(table(ROUTE)))
    told_of = list(subnet_routes.deeds(of, build.context(of, done)))
    assert told_of == ([done] if is_told else [])


def test_without_kubenet_no_route_is_akss() -> None:
    of = cluster(managed=Known(build.managed(network=NetworkProfile(plugin="azure"))))
    assert list(subnet_routes.deeds(of, build.context(of, deleted()))) == []
