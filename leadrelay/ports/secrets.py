"""Secrets by path, such as `source/webform` or `crm/hubspot`."""

from __future__ import annotations

from typing import Protocol

from leadrelay.ports.source import SecretValues


class Secrets(Protocol):
    """Raises Misconfigured when the secret is missing or malformed, Retry when it cannot be read now."""

    def get(self, path: str) -> SecretValues:
        """Named values; a value may be a list while it is being rotated."""
        ...

    def refresh(self, path: str) -> SecretValues:
        """As `get`, but at most half a minute old: for a signature that no known value explains."""
        ...
