"""The clusters of cases, as the real collectors read them and the pipeline completes them."""

from __future__ import annotations

from datetime import datetime, timedelta

from auditor import rules
from auditor.collect import Scope, SourceOptions, open_source
from auditor.demo.arm import FakeArm
from auditor.model.run import ScopeRow
from auditor.model.snapshot import Cluster
from auditor.pipeline import Plan, _judge
from tests.support import cases
from tests.support.credential import StaticCredential
from tests.support.transport import FakeArmTransport


async def completed(arm: FakeArm) -> tuple[list[Cluster], datetime]:
    """Every cluster of a tenant with all its questions answered, and the time that it is."""
    now = arm.tenant.now
    options = SourceOptions(
        arm_endpoint=cases.BASE_URL, now=now, since=now - timedelta(days=30), scope=Scope()
    )
    plan = Plan(run_id="case", as_of=now, clock=lambda: now, rules=rules.load(), scope=ScopeRow())
    transport = FakeArmTransport(arm)
    found: list[Cluster] = []
    async with open_source(options, transport=transport, credential=StaticCredential()) as source:
        for unit in await source.units():
            snapshot, _ = await _judge(source, await source.collect(unit), plan)
            found.extend(snapshot.clusters)
    return found, now
