"""`scoring.yaml`, `account`: which behaviour shows that a company, and not only a person, is looking at us."""

from __future__ import annotations

from leadrelay.domain.model import Model


class AccountPolicy(Model):
    """Somebody is active who gave one of these `signals` within so many days."""

    signals: tuple[str, ...] = ()
    within_days: int = 14
