"""Claim, call, record: one worker at a time writes a lead's current card to the CRM, many leads in one call.

The sync row is the lease. It is claimed before the CRM is called; afterwards what was achieved is recorded, and if the
lead has moved on meanwhile, the newer card is written too. So lateness, repeats and two workers are harmless. Each lead
is claimed and recorded by itself: one lead's trouble is no other's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from leadrelay.domain.card.facts import CardChanged
from leadrelay.domain.facts import Metadata
from leadrelay.ports.clock import Clock
from leadrelay.ports.crm import Crm, Meter
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import MapRecord, SyncRecord, map_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.deliver.account import Account
from leadrelay.workflows.deliver.claim import Claim
from leadrelay.workflows.deliver.record import after, heard
from leadrelay.workflows.deliver.send import Desk, Job
from leadrelay.workflows.log import answering, sync_log
from leadrelay.workflows.outcome import ATTEMPTS

T = TypeVar("T")

_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Deliver:
    """The workflow with its ports; `crm` gives the CRM by vendor, made when first asked, with the meter that it asks
    before each request."""

    store: Store
    rules: Rules
    crm: Callable[[str, Meter], Crm]
    clock: Clock
    telemetry: Telemetry
    _accounts: dict[str, Account] = field(default_factory=dict, init=False)

    def __call__(self, batch: Sequence[tuple[CardChanged, Metadata]]) -> Mapping[int, Exception]:
        """Bring the CRM up to date with the leads as they are now, whatever versions the facts were about. Returns what
        went wrong, by the position of the fact."""
        failed: dict[tuple[str, str], Exception] = {}
        places: list[tuple[str, str]] = []
        asked: dict[str, dict[str, Metadata]] = {}
        for _, metadata in batch:
            lead_id = metadata.lead_id or ""
            vendor = self._each([(lead_id, metadata)], self._vendor, failed)
            places.append((vendor[0] if vendor else "", lead_id))
            for crm in vendor:
                asked.setdefault(crm, {}).setdefault(lead_id, metadata)
        for crm, leads in asked.items():
            self._deliver(crm, leads, failed)
        return {number: failed[place] for number, place in enumerate(places) if place in failed}
