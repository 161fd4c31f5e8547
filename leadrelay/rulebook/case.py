"""A case: one lead's story as its sources told it, and what the rules should make of it.

Cases are the rules' tests and their best documentation. They are no rules: changing one deploys nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.person.looked_up import ALWAYS
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.rules import RuleFiles
from leadrelay.domain.sources.channel import ChannelClass
from leadrelay.domain.touch import Answer, CrmRecord, Deal, Origin, Touch, TouchKind, Trust, Words, touch_id
from leadrelay.rulebook.problems import Problem, RulesInvalid, closest
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


class CaseRep(Model):
    """How a rep is when the story begins: `away`, until the ISO time `back` or until told otherwise; with so many
    `open` leads, and first contact made after so many `response_minutes` (business) as a rule."""

    away: bool = False
    back: Instant | None = None
    open: int = Field(default=0, ge=0)
    response_minutes: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _back_from_where(self) -> Self:
        if self.back is not None and not self.away:
            raise ValueError("who comes back is `away: true` until then")
        return self

    def state(self, at: datetime) -> RepState:
        """As the table would have it at the instant `at` (UTC)."""
        quickness = None if self.response_minutes is None else 60 * self.response_minutes
        absences = (Absence(start=at, until=self.back),) if self.away else ()
        known = int(quickness is not None)
        return RepState(open=self.open, absences=absences, response_seconds=quickness, responses=known)


class Outcome(Model):
    """What became of the lead. In a case, only what is written is expected.

    `to` is the pool, queue or rep that the routing rule `route` names, `rep` who has it, `sdr` and `ae` the last of
    each team in a hand-off; `policy` is the contact policy whose clock runs, null where none does, `promises` are all
    other clocks that policies time, each with its deadline (UTC). `lost` are the points that the caps took away;
    `relation` is what they are to us who are no sales lead. `sequence` is the nurture sequence the lead is in,
    `next_step` what its owner or queue does next. `lacks` is what marketing promises of such leads, and did not bring.
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
    channel_class: ChannelClass | None = None
    partner: str | None = None
    route: str | None = None
    to: str | None = None
    rep: str | None = None
    sdr: str | None = None
    ae: str | None = None
    policy: str | None = None
    due_at: Instant | None = None
    lacks: tuple[str, ...] | None = None
    promises: dict[str, Instant] | None = None
    may_call: bool | None = None
    may_contact: bool | None = None

    def differs(self, found: Outcome) -> dict[str, tuple[JsonValue, JsonValue]]:
        """What was expected here and found otherwise: name -> (expected, found)."""
        wanted, got = self.model_dump(mode="json"), found.model_dump(mode="json")
        return {name: (wanted[name], got[name]) for name in sorted(self.model_fields_set) if wanted[name] != got[name]}


class Case(Model):
    """Touches of one person in the order they came, and the outcome after the last; with `until`, when nothing more had
    happened by then (an ISO time with its zone). `company` is what is known of their company beforehand, by fields of
    the account without `account.` (owner, deal_owner, customer, open_deal, key_account ...). `reps` says of people of
    team.yaml how they are at the beginning; who is not named is there, with no open lead."""

    about: str = ""
    company: dict[str, Told] = Field(default_factory=dict)
    reps: dict[str, CaseRep] = Field(default_factory=dict)
    touches: tuple[CaseTouch, ...] = Field(min_length=1)
    until: Instant | None = None
    expect: Outcome = Outcome()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        times = [*(touch.at for touch in self.touches), *filter(None, [self.until])]
        if times != sorted(times):
            raise ValueError("touches are written in the order they came")
        return self


def read_case(path: Path, rules: RuleFiles | None = None) -> Case:
    """The case in a YAML or JSON file; its sources, reps and fields of the company must be known to `rules`, where
    those are given.

    Raises RulesInvalid with every fault and its place.
    """
    document = read(path)
    if document.problems:
        raise RulesInvalid(document.problems)
    case, faults = shaped(document, Case)
    if case is None:
        raise RulesInvalid(faults)
    unknown = (
        []
        if rules is None
        else [*_sources(document, case, rules), *_reps(document, case, rules), *_company(document, case, rules)]
    )
    if unknown:
        raise RulesInvalid(unknown)
    return case


def _sources(document: Document, case: Case, rules: RuleFiles) -> Iterator[Problem]:
    known = rules.sources.sources
    for number, touch in enumerate(case.touches):
        if touch.source not in known:
            place = document.value_at(("touches", number, "source"))
            yield document.problem(place, f"sources.yaml has no source '{touch.source}'", closest(touch.source, known))


def _reps(document: Document, case: Case, rules: RuleFiles) -> Iterator[Problem]:
    known = [rep.id for rep in rules.team.reps]
    for rep in case.reps:
        if rep not in known:
            yield document.problem(document.key_at(("reps", rep)), f"team.yaml has no rep '{rep}'", closest(rep, known))


def _company(document: Document, case: Case, rules: RuleFiles) -> Iterator[Problem]:
    fields = (*ALWAYS, *rules.fields.fields)
    known = [name.removeprefix("account.") for name in fields if name.startswith("account.")]
    for name in case.company:
        if name not in known:
            place = document.key_at(("company", name))
            yield document.problem(place, f"fields.yaml has no field 'account.{name}'", closest(name, known))


def _texts(value: Told | list[Told]) -> tuple[str, ...]:
    return tuple(
        one if isinstance(one, str) else json.dumps(one) for one in (value if isinstance(value, list) else [value])
    )
