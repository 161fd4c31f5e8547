"""One lead as this viewer may see it: whole with its story, or as the codes that every number is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from leadrelay.domain.lead import Lead, Score
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.reporting.access import Viewer, by_name
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import lead_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Store
from leadrelay.workflows.my_leads import name_of
from leadrelay.workflows.story import Story

_HOPS = 8
"""Leads that became one another; more is a circle."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The story as `Story` tells it. Where the viewer may not see who it is (`by_name`), it has no profile, no history
    and no explanation: they were written of a person."""

    story: dict[str, JsonValue]
    by_name: bool


@dataclass(frozen=True, slots=True)
class ShownLead:
    """The workflow with its ports."""

    store: Store
    rules: Rules

    def __call__(self, lead_id: str, viewer: Viewer) -> Shown:
        """What this viewer may see of the lead. Raises Reject when there is no such lead, Retry."""
        record = self.store.load(lead_key(lead_id))
        if record is None:
            raise Reject("unknown_lead", "no lead has this id")
        if by_name(viewer, self._owner(record.lead), self.rules.current()):
            return Shown(Story(self.store)(lead_id), by_name=True)
        return Shown(_veiled(record.lead), by_name=False)

    def _owner(self, lead: Lead) -> Ownership:
        """Whose the person is now: a lead that became part of another is that one's owner's."""
        for _ in range(_HOPS):
            winner = None if lead.merged_into is None else self.store.load(lead_key(lead.merged_into))
            if winner is None:
                break
            lead = winner.lead
        return lead.ownership


@dataclass(frozen=True, slots=True)
class Names:
    """The names of leads on a list, of those whom the viewer may know."""

    store: Store
    rules: Rules

    def __call__(self, lead_ids: Sequence[str], viewer: Viewer) -> dict[str, str]:
        """Lead -> name and company, where there are any. Raises Retry."""
        rules, found = self.rules.current(), self.store.load_all([lead_key(each) for each in lead_ids])
        seen = [each for each in found if each is not None and by_name(viewer, each.lead.ownership, rules)]
        named = ((each.lead.lead_id, _called(each.profile)) for each in seen if each.lead.merged_into is None)
        return {lead_id: name for lead_id, name in named if name}


def _called(profile: Profile) -> str:
    return ", ".join(filter(None, (name_of(profile), profile.text("account.name"))))


def _veiled(lead: Lead) -> dict[str, JsonValue]:
    """Named one by one: what is added to a lead stays hidden until somebody decides otherwise."""
    owner = lead.ownership
    told = Lead(
        lead_id=lead.lead_id,
        standing=lead.standing,
        captured_at=lead.captured_at,
        merged_into=lead.merged_into,
        first=lead.first,
        last=lead.last,
        stage=lead.stage,
        status=lead.status,
        segment=lead.segment,
        score=Score(fit=lead.score.fit, engagement=lead.score.engagement, total=lead.score.total),
        ownership=Ownership(rep=owner.rep, pool=owner.pool, queue=owner.queue, hop=owner.hop, waits=owner.waits),
        erased_at=lead.erased_at,
    )
    empty: list[JsonValue] = []
    return {
        "lead": told.model_dump(mode="json"),
        "profile": Profile().model_dump(mode="json"),
        "version": 0,
        "scores": empty,
        "crm": empty,
        "notices": empty,
        "log": empty,
    }
