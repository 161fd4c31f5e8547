"""In some worlds somebody asks to be forgotten: what is removed, what stays away, and what must be true at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from leadrelay.domain.card.card import digest
from leadrelay.domain.touch import Words
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import DeliveryRecord, LeadRecord, SyncRecord, TouchRecord, WordsRecord, words_key
from leadrelay.workflows.erasures import Erasures
from tests.simulation.senders import PEOPLE

if TYPE_CHECKING:
    from tests.simulation.hub import Invocation
    from tests.simulation.world import World

SHARE = 0.15
"""In how many worlds."""

_AGAIN = 60.0
"""Seconds after which whoever asked, and heard nothing, asks again."""


class Erased:
    """One world: whom somebody asked to remove, and what is checked when the world is at rest."""

    def __init__(self, world: World, work: Erasures) -> None:
        self._world, self._work = world, work
        self._rng = Random(f"erased {world.seed}")
        self.asked: dict[str, str] = {}

    def plan(self) -> None:
        """Somebody asks, some time after they wrote to us; or not in this world."""
        if self._rng.random() < SHARE and self._world.mix.trouble and not self._world.without:
            person = self._rng.choice(sorted({saying.person for saying in self._world.cast.sayings}))
            at = self._rng.uniform(30, 2 * self._world.mix.trouble)
            self._world.hub.at(at, partial(self._ask, PEOPLE[person].email))

    def _ask(self, address: str) -> None:
        def work() -> bool:
            try:
                self.asked[address] = self._work.by_email(address)
                return self._work(self.asked[address])
            except Reject:
                return True  # nobody is known by it: whoever asks is told so

        def ended(run: Invocation) -> None:
            if run.fate != "done":
                self._world.hub.after(_AGAIN, partial(self._ask, address))

        self.asked.setdefault(address, "")
        self._world.begin("erase", work, ended, 60)

    def at_rest(self) -> Iterator[str]:
        """Whatever is still to be read of anybody who was erased."""
        rows = list(self._world.store.rows.values())
        leads = {each.lead.lead_id: each for each in rows if isinstance(each, LeadRecord)}
        erased = {lead_id for lead_id, each in leads.items() if each.lead.erased_at is not None}
        if erased:
            self._world.seen.add("somebody was erased")
        for lead_id in sorted(erased):
            yield from self._left_of(leads[lead_id])
        touches = [each for each in rows if isinstance(each, TouchRecord)]
        for address, lead_id in self.asked.items():
            record = leads.get(lead_id)
            if record is not None and record.lead.erased_at is not None:
                yield from self._came_back(address, record.lead.erased_at, touches)
        yield from self._said([each for each in touches if each.lead_id in erased or each.erased_at is not None])
        digests = {digest(text) for who in PEOPLE if who.email in self.asked for text in (who.email, who.phone)}
        for row in (each for each in rows if isinstance(each, SyncRecord) and each.lead_id in erased):
            if digests & {*row.values.values(), *row.shows.values(), *(each.partition("=")[2] for each in row.offered)}:
                yield f"what the CRM showed of erased {row.lead_id} can be guessed"

    def _left_of(self, record: LeadRecord) -> Iterator[str]:
        lead = record.lead
        if record.profile.values or record.profile.consents:
            yield f"erased {lead.lead_id} is still known: {sorted(record.profile.values)}"
        if lead.clocks or lead.next_step or lead.wanted or record.listing():
            yield f"erased {lead.lead_id} is still to be worked"
        family = (lead.merged_into, *lead.absorbed)
        others = [self._world.store.rows.get((f"LEAD#{each}", "LEAD")) for each in family if each]
        if any(isinstance(each, LeadRecord) and each.lead.erased_at is None for each in others):
            yield f"{lead.lead_id} was erased, and who is the same person was not"

    def _came_back(self, address: str, erased_at: datetime, touches: list[TouchRecord]) -> Iterator[str]:
        """What they did before is nowhere, whenever it came. A wrong clock may take it for later."""
        for touch in (each for each in touches if each.touch.occurred_at <= erased_at and not self._world.mix.skew):
            words = self._world.store.rows.get((words_key(touch.touch.touch_id).pk, "WORDS"))
            said = words.words.answers if isinstance(words, WordsRecord) and touch.state == "done" else ()
            if any(address in answer.values for answer in said):
                yield f"{touch.touch.touch_id} is there, and who said it was erased since then"

    def _said(self, touches: list[TouchRecord]) -> Iterator[str]:
        for touch in touches:
            touch_id = touch.touch.touch_id
            words = self._world.store.rows.get((words_key(touch_id).pk, "WORDS"))
            if isinstance(words, WordsRecord) and words.words != Words():
                yield f"the words of {touch_id} were erased, and are there"
            raw = self._world.store.rows.get((f"DELIVERY#{touch.touch.delivery}", "RAW"))
            if isinstance(raw, DeliveryRecord) and raw.body:
                yield f"the delivery of {touch_id} was erased, and is there"
            if touch.state == "refused" and touch.touch.kind == "submission":
                self._world.seen.add("what somebody said before they were erased came after it")
