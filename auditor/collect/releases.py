"""Which Kubernetes versions AKS offers where: asked once for each location of the whole run."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.collect import surfaces
from auditor.collect.once import Once
from auditor.model import resource_id as arm
from auditor.model.facet import Facet, Known
from auditor.model.lifecycle import KubernetesRelease


class Releases:
    """The versions by location.

    AKS allows few such calls (60, then one a second, per subscription), and the answer is the
    same for everyone. So each location is asked through one subscription: the first by id that
    Resource Graph shows to have a cluster there, so that a replayed snapshot asks the same.
    Where that one refuses, or Graph shows none, a cluster's own subscription is asked.
    """

    def __init__(self, once: Once, through: Mapping[str, str]) -> None:
        self._once = once
        self._through = through

    async def at(self, location: str, subscription_id: str) -> Facet[tuple[KubernetesRelease, ...]]:
        """What a location offers; ``subscription_id`` is the one of who wants to know."""
        place = plain(location)
        first = self._through.get(place, subscription_id)
        read = await self._once.get(surfaces.RELEASES, _path(first, place))
        if isinstance(read, Known) or arm.same(first, subscription_id):
            return read
        return await self._once.get(surfaces.RELEASES, _path(subscription_id, place))


def plain(location: str) -> str:
    """A location's name as addresses have it: ``West Europe`` is ``westeurope``."""
    return location.replace(" ", "").casefold()


def _path(subscription_id: str, location: str) -> str:
    return (
        f"/subscriptions/{subscription_id}/providers/Microsoft.ContainerService"
        f"/locations/{location}/kubernetesVersions"
    )
