"""A case: one lead's story as its sources told it, and what the rules should make of it.

Cases are the rules' tests and their best documentation. They are no rules: changing one deploys nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.touch import Answer, CrmRecord, Deal, Origin, Touch, TouchKind, Trust, Words, touch_id
from leadrelay.rulebook.problems import RulesInvalid, closest
from leadrelay.rulebook.read import Document, read
from leadrelay.rulebook.shape import shaped

Told = str | int | float | bool


class CaseRecord(Model):
    """What the CRM shows of the person from now on: a status or stage that a rep set, why and until when they gave the
    lead back, the state of a deal."""

    status: str | None = None
    stage: str | None = None
    reason: str | None = None
    decision_maker: str | None = None
    timing: str | None = None
    deal: Literal["open", "won", "lost"] | None = None


class CaseTouch(Model):
    """One thing that happened, in the sender's own words.

    `source` is a name of sources.yaml, `at` an ISO time with its zone. `fields` are answers under the sender's names.
    With `event` it is a behaviour, with `activity` something sales did (call, email, meeting_booked), with `crm` what
    somebody changed in the CRM, else a form.
    """

    source: str
    at: Instant
    form: str | None = None
    event: str | None = None
    activity: str | None = None
    crm: CaseRecord | None = None
    fields: dict[str, Told | list[Told]] = Field(default_factory=dict)
    origin: Origin = Origin()
    trust: Trust = "verified"

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(kind is not None for kind in (self.event, self.activity, self.crm)) > 1:
            raise ValueError("give one of `event`, `activity` and `crm`")
        return self

    @property
    def kind(self) -> TouchKind:
        """What it is."""
        if self.crm is not None:
            return "crm_change"
        if self.activity is not None:
            return "activity"
        return "behaviour" if self.event is not None else "submission"

    def touch(self, number: int, vendor: str) -> Touch:
        """As ingest would have stored it."""
        return Touch(
            touch_id=touch_id(self.source, f"case:{number}"),
            kind=self.kind,
            source=self.source,
            vendor=vendor,
            trust=self.trust,
            received_at=self.at,
            occurred_at=self.at,
            origin=self.origin.with_(form=self.form or self.origin.form),
            event=self.event or self.activity or (None if self.crm is None else "edited"),
            record=None if self.crm is None else _record(self.crm, vendor),
        )

    def words(self) -> Words:
        """The answers."""
        return Words(answers=tuple(Answer(key=name, values=_texts(value)) for name, value in self.fields.items()))


def _record(shown: CaseRecord, vendor: str) -> CrmRecord:
    deal = None if shown.deal is None else Deal(state=shown.deal)
    told = shown.model_dump(exclude={"deal"})
    return CrmRecord(crm=vendor, kind="deal" if deal else "person", person="1", record_id="1", deal=deal, **told)


class Outcome(Model):
    """What became of the lead. In a case, only what is written is expected.

    `to` is the pool, queue or rep that the routing rule `route` names; `policy` is the contact policy whose clock
    runs, null where none does. `lost` are the points that the caps took away; `relation` is what they are to us who are
    no sales lead. `sequence` is the nurture sequence the lead is in, `next_step` what its owner or queue does next.
    """

    segment: str | None = None
    persona: str | None = None
    relation: str | None = None
    icp: bool | None = None
    score: int | None = None
    fit: int | None = None
    engagement: int | None = None
    lost: int | None = None
    stage: str | None = None
    status: str | None = None
    qualifications: tuple[str, ...] | None = None
    sequence: str | None = None
    next_step: str | None = None
    temperature: Literal["hot", "warm"] | None = None
    channel: str | None = None
    route: str | None = None
    to: str | None = None
    policy: str | None = None
    due_at: Instant | None = None
    may_call: bool | None = None
    may_contact: bool | None = None

    def differs(self, found: Outcome) -> dict[str, tuple[JsonValue, JsonValue]]:
        """What was expected here and found otherwise: name -> (expected, found)."""
        wanted, got = self.model_dump(mode="json"), found.model_dump(mode="json")
        return {name: (wanted[name], got[name]) for name in sorted(self.model_fields_set) if wanted[name] != got[name]}


class Case(Model):
    """Touches of one person in the order they came, and the outcome after the last; with `until`, when nothing more had
    happened by then (an ISO time with its zone)."""

    about: str = ""
    touches: tuple[CaseTouch, ...] = Field(min_length=1)
    until: Instant | None = None
    expect: Outcome = Outcome()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        times = [*(touch.at for touch in self.touches), *filter(None, [self.until])]
        if times != sorted(times):
            raise ValueError("touches are written in the order they came")
        return self


def read_case(path: Path, sources: Collection[str] = ()) -> Case:
    """The case in a YAML or JSON file; its sources must be among `sources`, where those are given.

    Raises RulesInvalid with every fault and its place.
    """
    document = read(path)
    if document.problems:
        raise RulesInvalid(document.problems)
    case, faults = shaped(document, Case)
    if case is None:
        raise RulesInvalid(faults)
    if sources:
        _check_sources(document, case, sources)
    return case


def _check_sources(document: Document, case: Case, sources: Collection[str]) -> None:
    unknown = [
        document.problem(
            document.value_at(("touches", number, "source")),
            f"sources.yaml has no source '{touch.source}'",
            closest(touch.source, sources),
        )
        for number, touch in enumerate(case.touches)
        if touch.source not in sources
    ]
    if unknown:
        raise RulesInvalid(unknown)


def _texts(value: Told | list[Told]) -> tuple[str, ...]:
    return tuple(
        one if isinstance(one, str) else json.dumps(one) for one in (value if isinstance(value, list) else [value])
    )
