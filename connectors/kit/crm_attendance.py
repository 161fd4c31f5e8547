"""Who still works in a CRM, and how much they have there: every CRM with owners and a count of open records says it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from leadrelay.ports.attendance import Seen
from leadrelay.ports.crm_setup import CrmOwner


class Census(Protocol):
    """The people of an account."""

    def owners(self) -> list[CrmOwner]:
        """Everybody who can own a record, and those who no longer can."""
        ...

    def load(self, owners: Collection[str] | None = None) -> dict[str, int]:
        """Open records by owner id; of these owners, or of all."""
        ...


class CrmAttendance:
    """Implements `leadrelay.ports.attendance.Attendance`."""

    def __init__(self, census: Census) -> None:
        self._census = census

    def seen(self, people: Mapping[str, str], now: datetime) -> dict[str, Seen]:
        """Who has left the CRM, and what everybody else has open. Of an owner id that the CRM does not know nothing is
        said: `leadrelay crm doctor` does."""
        active = {owner.owner_id: owner.active for owner in self._census.owners()}
        here = [owner for owner in people.values() if active.get(owner)]
        load = self._census.load(here) if here else {}
        return {rep: _seen(owner, active[owner], load) for rep, owner in people.items() if owner in active}


def _seen(owner: str, active: bool, load: Mapping[str, int]) -> Seen:
    """Who has nothing open is in no count."""
    return Seen(gone=not active, open=load.get(owner, 0) if active else None)
