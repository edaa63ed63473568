"""A credential that needs no directory."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from azure.core.credentials import AccessToken


class StaticCredential:
    """Gives one token that says nothing."""

    async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        """A token that never ends."""
        return AccessToken("a-fake-token", 4_102_444_800)

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()
