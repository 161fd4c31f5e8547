"""The sales team of the demo, at work in the CRM's own page: a manager takes a lead over, a rep calls and logs it, and
whoever is given the lead that nobody called does so at once.

They press the page's own buttons; what LeadRelay makes of it comes back through the CRM like anybody's work.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.request import Request, urlopen

from leadrelay.domain.rules import Rules
from leadrelay.local.lapse import is_handed_over
from leadrelay.local.outside import Outside
from leadrelay.local.traffic import Act
from leadrelay.local.watch import Contact, Picture

MANAGER = "nina"
"""The rep id of who takes a lead over."""

SECONDS = 5.0


@dataclass
class Reps:
    """Who does what once; `done` are the addresses that were worked on."""

    outside: Outside
    rules: Rules
    done: set[str] = field(default_factory=set)

    def work(self, acts: Sequence[Act], picture: Picture) -> None:
        """Do what is to be done and can be done by now: the record is there, and who is to do it is its owner."""
        for act in list(acts):
            email = act.scene.visit.person.email.lower()
            there = [contact for contact in picture.contacts_of(email) if contact.owner_id]
            if there and email not in self.done and self._is_time(act, there[0], picture):
                self._act(act.scene.part, there[0])
                self.done.add(email)

    def _is_time(self, act: Act, contact: Contact, picture: Picture) -> bool:
        if act.scene.part != "impatient":
            return act.scene.part in ("taken", "called")
        lead = picture.lead_of(act)
        handed_over = lead is not None and is_handed_over(picture.facts.get(lead.lead_id, ()))
        return handed_over and lead is not None and contact.owner_id == self._owner_id(lead.ownership.rep)

    def _owner_id(self, rep: str | None) -> str | None:
        return None if rep is None else self.rules.team.rep(rep).crm[self.outside.vendor]

    def _act(self, part: str, contact: Contact) -> None:
        call = ("call", "Spoke about a first project")
        acts = {"taken": ("owner", self._owner_id(MANAGER)), "called": call, "impatient": call}
        act, value = acts[part]
        order = json.dumps({"id": contact.crm_id, "act": act, "value": value}).encode()
        url = f"{self.outside.crm.url}/__world/by_hand"
        with urlopen(Request(url, order, {"Content-Type": "application/json"}), timeout=SECONDS):  # noqa: S310
            pass
