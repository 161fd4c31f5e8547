"""What a rep does on the sandbox's page: gives a record away, sets its status, logs a call, opens and closes a deal."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.hubspot.sandbox.kinds import CONTACTS, DEALS, OWNER, STATUSES
from connectors.hubspot.sandbox.objects import wire_time
from connectors.hubspot.sandbox.pipelines import STAGES
from leadrelay.local.crm_world import Record, World

STATUS = "hs_lead_status"


@dataclass(frozen=True, slots=True)
class Hands:
    """See `leadrelay.local.crm_world.page.Hands`; ids are HubSpot's. Each raises KeyError for what is not there."""

    world: World

    def owners(self) -> list[tuple[str, str]]:
        """Those who can take a record."""
        return [(owner.id, owner.name) for owner in self.world.owners() if owner.active]

    def statuses(self) -> list[tuple[str, str]]:
        """The lead statuses of a new account."""
        return list(STATUSES)

    def give(self, person_id: str, owner_id: str) -> Record:
        """Another owner."""
        if self.world.owner(owner_id) is None:
            raise KeyError(owner_id)
        return self._edit(CONTACTS, person_id, OWNER, owner_id)

    def set_status(self, person_id: str, status: str) -> Record:
        """Another lead status."""
        if status not in dict(STATUSES):
            raise KeyError(status)
        return self._edit(CONTACTS, person_id, STATUS, status)

    def log_call(self, person_id: str, about: str) -> Record:
        """A call that was made now, by whoever owns the contact."""
        call = {"hs_call_direction": "OUTBOUND", "hs_call_status": "COMPLETED", "hs_call_title": about or "Call"}
        return self._add("calls", person_id, {**call, "hs_timestamp": wire_time(self.world.now())})

    def open_deal(self, person_id: str, name: str, amount: str = "") -> Record:
        """A deal in the first stage of the default pipeline; `amount` as people write it, e.g. 1200.50."""
        values = {"dealname": name, "pipeline": "default", "dealstage": STAGES[0][0], "amount": amount}
        return self._add(DEALS, person_id, values)

    def close_deal(self, deal_id: str, *, won: bool, reason: str = "") -> Record:
        """A deal won, or lost for a reason."""
        values = {"dealstage": "closedwon" if won else "closedlost", "closed_lost_reason": "" if won else reason}
        return _there(self.world.by_hand("update", DEALS, deal_id, values))

    def _edit(self, kind: str, record_id: str, name: str, value: str) -> Record:
        return _there(self.world.by_hand("update", kind, record_id, {name: value}))

    def _add(self, kind: str, person_id: str, values: dict[str, str]) -> Record:
        contact = self.world.get(CONTACTS, person_id)
        if contact is None:
            raise KeyError(person_id)
        owned = {**values, OWNER: contact.values.get(OWNER, "")}
        return _there(self.world.by_hand("create", kind, "", owned, [(CONTACTS, contact.id)]))


def _there(record: Record | None) -> Record:
    if record is None:
        raise KeyError("the record is gone")
    return record
