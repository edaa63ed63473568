from __future__ import annotations

from auditor.collect.budgets import ARM_ELSEWHERE, Budgets, Rate, TokenBucket

S1 = "https://arm.test/subscriptions/s1"
S2 = "https://arm.test/subscriptions/s2"
VMSS = "providers/Microsoft.Compute/virtualMachineScaleSets"
CLUSTERS = "providers/Microsoft.ContainerService/managedClusters"
GRAPH = "https://arm.test/providers/Microsoft.ResourceGraph/resources"


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def spend(budgets: Budgets, url: str, times: int, region: str = "") -> None:
    for _ in range(times):
        await budgets.spend(url, region)


async def test_a_bucket_gives_its_burst_at_once_and_the_rest_at_its_rate() -> None:
    clock = Clock()
    bucket = TokenBucket(Rate(3, 2), clock, clock.sleep)
    for _ in range(3):
        await bucket.take()
    assert clock.now == 0
    for _ in range(4):
        await bucket.take()
    assert clock.now == 2.0


async def test_tokens_come_back_with_time_up_to_the_burst() -> None:
    clock = Clock()
    bucket = TokenBucket(Rate(3, 2), clock, clock.sleep)
    for _ in range(3):
        await bucket.take()
    clock.now += 3600
    for _ in range(3):
        await bucket.take()
    assert clock.now == 3600


async def test_reads_of_one_subscription_stay_below_arms_limit() -> None:
    clock = Clock()
    budgets = Budgets(clock=clock, sleep=clock.sleep)
    await spend(budgets, f"{S1}/resourceGroups", 500)
    assert clock.now >= (500 - 250) / 25


async def test_subscriptions_do_not_wait_for_each_other() -> None:
    clock = Clock()
    budgets = Budgets(clock=clock, sleep=clock.sleep)
    await spend(budgets, f"{S1}/resourceGroups", 200)
    await spend(budgets, f"{S2}/resourceGroups", 200)
    assert clock.now == 0


async def test_other_clouds_allow_less() -> None:
    clock = Clock()
    budgets = Budgets(ARM_ELSEWHERE, clock, clock.sleep)
    await spend(budgets, f"{S1}/resourceGroups", 12_000)
    assert clock.now >= 3600 - 200


async def test_scale_set_lists_leave_room_for_the_autoscaler() -> None:
    clock = Clock()
    budgets = Budgets(clock=clock, sleep=clock.sleep)
    url = f"{S1}/resourceGroups/g/{VMSS}/aks/virtualMachines"
    await spend(budgets, url, 660, "westeurope")
    assert clock.now >= 60
    before = clock.now
    await spend(budgets, url, 1, "northeurope")
    assert clock.now == before


async def test_aks_allows_each_cluster_its_own_reads() -> None:
    clock = Clock()
    budgets = Budgets(clock=clock, sleep=clock.sleep)
    await spend(budgets, f"{S1}/resourceGroups/g/{CLUSTERS}/one", 50)
    await spend(budgets, f"{S1}/resourceGroups/g/{CLUSTERS}/two", 50)
    assert clock.now == 0
    await spend(budgets, f"{S1}/resourceGroups/g/{CLUSTERS}/one", 10)
    assert clock.now > 10


async def test_a_low_remainder_is_believed() -> None:
    clock = Clock()
    budgets = Budgets(clock=clock, sleep=clock.sleep)
    budgets.heed(f"{S1}/resourceGroups", {"x-ms-ratelimit-remaining-subscription-reads": "9"})
    await budgets.spend(f"{S1}/resourceGroups")
    assert clock.now > 0


async def test_a_high_remainder_and_an_unreadable_one_change_nothing() -> None:
    clock = Clock()
    budgets = Budgets(clock=clock, sleep=clock.sleep)
    for value in ("11999", "many", ""):
        headers = {"x-ms-ratelimit-remaining-subscription-reads": value}
        budgets.heed(f"{S1}/resourceGroups", headers)
    await spend(budgets, f"{S1}/resourceGroups", 200)
    assert clock.now == 0


async def test_computes_own_remainder_counts_against_its_own_bucket() -> None:
    clock = Clock()
    budgets = Budgets(clock=clock, sleep=clock.sleep)
    left = "Microsoft.Compute/HighCostGetVMScaleSet3Min;12,…HighCostGetVMScaleSet30Min;827"
    budgets.heed(f"{S1}/{VMSS}", {"x-ms-ratelimit-remaining-resource": left})
    await spend(budgets, f"{S1}/{VMSS}", 2)
    assert clock.now == 0
    await spend(budgets, f"{S1}/{VMSS}", 1)
    assert clock.now > 0


async def test_graph_is_left_alone_until_its_quota_is_back() -> None:
    clock = Clock()
    budgets = Budgets(clock=clock, sleep=clock.sleep)
    quota = {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:05"}
    budgets.heed(GRAPH, quota)
    await budgets.spend(GRAPH)
    assert clock.now >= 5


async def test_what_else_is_asked_of_aks_shares_one_bucket_per_subscription() -> None:
    clock = Clock()
    budgets = Budgets(clock=clock, sleep=clock.sleep)
    aks = "providers/Microsoft.ContainerService"
    await spend(budgets, f"{S1}/{aks}/locations/westeurope/kubernetesVersions", 25)
    await spend(budgets, f"{S1}/resourceGroups/rg/{CLUSTERS}/c/agentPools/p/machines", 25)
    assert clock.now == 0
    await spend(budgets, f"{S1}/{aks}/locations/northeurope/kubernetesVersions", 9)
    assert clock.now >= 9
    await spend(budgets, f"{S2}/{aks}/locations/westeurope/kubernetesVersions", 1)
    assert clock.now < 12
