"""Keyed hashes that stand for people, so that what we keep and count says nothing about anybody."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from leadrelay.ports.secrets import Secrets


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Keyed hashes that stand for people and leads, so that ids and keys say nothing about anybody."""

    secrets: Secrets

    def of(self, kind: str, value: str) -> str:
        """32 hex: HMAC-SHA-256 with the deployment's own key."""
        key = self.secrets.get("identity")["key"][0]
        return hmac.new(key.encode(), f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:32]
