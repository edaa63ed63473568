"""``GET /subscriptions``, api-version 2022-12-01."""

from __future__ import annotations

from auditor.collect.wire.base import Wire
from auditor.model.snapshot import Subscription


class WireSubscription(Wire):
    """A subscription that the identity can see, in any state."""

    subscription_id: str
    display_name: str | None = None
    state: str | None = None
    tenant_id: str | None = None

    def to_model(self) -> Subscription:
        """The subscription in the model's words."""
        return Subscription(
            id=self.subscription_id,
            name=self.display_name or "",
            tenant_id=self.tenant_id or "",
            state=self.state or "",
        )
