"""What rules say of clusters in which nobody broke anything: advice, and what time alone brings."""

from __future__ import annotations

from auditor.demo.files import CaseFile

LOCKDOWN_OFF = "GOV001"
NO_CHANNEL = "LIFE003"
BUILT_ON = "LIFE005"

OF_TIME = frozenset({"LIFE001", "LIFE002", "LIFE005"})
"""Rules that speak of any cluster, once enough time has passed."""

_EXACTLY = {
    "automatic-hosted-system": frozenset[str](),
    "availability-set": frozenset({LOCKDOWN_OFF, NO_CHANNEL, BUILT_ON}),
    "custom-node-group": frozenset[str](),
    "kubenet": frozenset({LOCKDOWN_OFF, BUILT_ON}),
    "kubenet-own-routes": frozenset({LOCKDOWN_OFF, BUILT_ON}),
    "legacy-tags": frozenset({LOCKDOWN_OFF, BUILT_ON}),
    "windows": frozenset({LOCKDOWN_OFF, BUILT_ON}),
}

RETIRED = {"availability-set": {"networkProfile.loadBalancerSku", "type"}}
"""Properties by which a kind is out of support already, however well it is kept."""


def on(kind: str) -> frozenset[str]:
    """The rules that have something to say of a healthy cluster of a kind."""
    return _EXACTLY.get(kind, frozenset({LOCKDOWN_OFF}))


def beside(case: CaseFile) -> frozenset[str]:
    """The rules that may speak in a case which is not about them."""
    aged = OF_TIME if case.now else frozenset[str]()
    return (on(case.base) | aged) - case.expect.keys()
