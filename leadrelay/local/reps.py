"""The sales team of the demo, at work in the CRM's own page: a manager takes a lead over, a rep calls and logs it.

They press the page's own buttons; what LeadRelay makes of it comes back through the CRM like anybody's work.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.request import Request, urlopen

from leadrelay.domain.rules import Rules
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
        """Do what is to be done and can be done by now: the record is there and has an owner."""
        for act in list(acts):
            email = act.scene.visit.person.email.lower()
            there = [contact for contact in picture.contacts_of(email) if contact.owner_id]
            if act.scene.part in ("taken", "called") and email not in self.done and there:
                self._act(act.scene.part, there[0])
                self.done.add(email)

    def _act(self, part: str, contact: Contact) -> None:
        manager = self.rules.team.rep(MANAGER).crm[self.outside.vendor]
        acts = {"taken": ("owner", manager), "called": ("call", "Spoke about a first project")}
        act, value = acts[part]
        order = json.dumps({"id": contact.crm_id, "act": act, "value": value}).encode()
        url = f"{self.outside.crm.url}/__world/by_hand"
        with urlopen(Request(url, order, {"Content-Type": "application/json"}), timeout=SECONDS):  # noqa: S310
            pass
