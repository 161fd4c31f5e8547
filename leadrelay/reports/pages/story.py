"""One lead's story, from the first touch to the won deal: what they did, what was decided and why, what was promised.

The log holds codes alone, so the timeline is for everybody who may see numbers; who it is, only for some.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

from leadrelay.domain.facts import Said
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.scoring.history import ScoreStep
from leadrelay.ports.records import LogRecord, SyncRecord
from leadrelay.reports.pages import values
from leadrelay.reports.pages.frame import Frame
from leadrelay.reports.pages.render import render
from leadrelay.reports.pages.telling import QUIET, details, group_of, points, sentence
from leadrelay.reports.pages.words import Words, readable
from leadrelay.workflows.my_leads import crm_address, name_of

MOST = 400
"""Entries on a page, the newest."""

_SHIFTS = 5
"""Reasons of a changed score that are told."""


_DEADLINES = ("ClockStarted", "ClockStopped")

_INWARD = frozenset({"assignment", "next_step", "backlog"})
"""Clocks of which what they wait for tells by itself."""


@dataclass(frozen=True)
class Entry:
    """One line of the timeline. `at` is UTC (ISO), `time` on the reader's clocks; `by_time`: nobody did anything, time
    alone changed it."""

    day: date
    at: str
    time: str
    group: str
    text: str
    details: tuple[str, ...]
    by_time: bool = False


def story_page(story: Mapping[str, Any], frame: Frame, by_name: bool) -> str:
    """What `workflows.story.Story` tells of a lead; who it is only with `by_name`."""
    words = frame.words
    lead, profile = Lead.model_validate(story["lead"]), Profile.model_validate(story["profile"])
    entries = list(timeline(story, words))
    days = groupby(entries[-MOST:], key=lambda entry: entry.day)
    who = name_of(profile) if by_name else ""
    erased = lead.erased_at
    return render(
        "story.html",
        frame,
        title=words.say("story.title", who=who or lead.lead_id[:12]),
        lead_id=lead.lead_id,
        merged=None if lead.merged_into is None else frame.lead(lead.merged_into),
        erased=None if erased is None else words.say("story.erased", when=words.at(erased)),
        state=list(_state(lead, words)),
        person=list(_person(profile, words)) if by_name else None,
        crm=list(_crm(story, words)) if by_name else [],
        reasons=_reasons(lead, words),
        days=[(words.day(day), list(some)) for day, some in days],
        cut=MOST if len(entries) > MOST else 0,
    )


def timeline(story: Mapping[str, Any], words: Words) -> Iterator[Entry]:
    """Every fact that a person wants to know, the oldest first; the deadlines of one decision together."""
    steps = iter([ScoreStep.model_validate(each) for each in story["scores"]])
    for row in map(LogRecord.model_validate, story["log"]):
        local = row.at.astimezone(words.zone)
        made = partial(Entry, day=local.date(), at=row.at.isoformat(), time=f"{local:%H:%M}")
        told = list(_told(row.facts))
        promised = [sentence(said, words) for said in told if said.name in _DEADLINES]
        for said in told:
            step = next(steps, None) if said.name == "LeadScored" else None
            if said.name not in _DEADLINES and _is_news(step):
                yield made(
                    group=group_of(said.name),
                    text=sentence(said, words),
                    details=(*details(said, words), *_shifts(step, words)),
                    by_time=step is not None and step.by_time,
                )
        if promised:
            one = len(promised) == 1
            text, more = (promised[0], ()) if one else (words.say("story.promised"), tuple(promised))
            yield made(group="clock", text=text, details=more)


def _told(facts: Sequence[Said]) -> Iterator[Said]:
    """Without what only the system says to itself, and deadlines that another one of the same kind takes the place of
    at once."""
    begun = {_kind(said) for said in facts if said.name == "ClockStarted"}
    for said in facts:
        kind = _kind(said)
        replaced = said.name == "ClockStopped" and kind in begun
        if said.name not in QUIET and not replaced and not (said.name in _DEADLINES and kind in _INWARD):
            yield said


def _kind(said: Said) -> str:
    """Of the clock that a fact is about."""
    clock = said.data.get("clock")
    found = clock if isinstance(clock, dict) else said.data
    return str(found.get("kind"))


def _is_news(step: ScoreStep | None) -> bool:
    return step is None or bool(step.shifts) or step.before != step.total


def _shifts(step: ScoreStep | None, words: Words) -> Iterator[str]:
    """Why the score is another than before."""
    says = points(words.rules)
    for shift in () if step is None else step.shifts[:_SHIFTS]:
        difference = shift.after - shift.before
        sign = "+" if difference > 0 else "−"
        yield f"{sign}{abs(difference)} {says.get(shift.rule, readable(shift.rule))}"


def _state(lead: Lead, words: Words) -> Iterator[tuple[str, str]]:
    """What is so now."""
    owner = lead.ownership.rep or lead.ownership.queue
    yield words.say("story.stage"), words.code("stage", lead.stage)
    yield words.say("story.status"), words.code("status", lead.status)
    yield words.say("story.owner"), words.say("story.nobody") if owner is None else words.code("owner", owner)
    yield words.say("story.score"), words.count(lead.score.total)
    yield words.say("story.captured"), words.at(lead.captured_at)
    if lead.contacted_at is not None:
        yield words.say("story.contacted"), words.at(lead.contacted_at)
    if lead.next_step is not None:
        step = lead.next_step
        yield words.say("story.next"), words.say("mine.due", what=step.what, when=words.at(step.due_at))
    for clock in sorted(lead.clocks, key=lambda each: each.due_at):
        if clock.kind != "next_step":
            what = words.code("clock", clock.kind)
            yield words.say("story.clocks"), words.say("mine.due", what=what, when=words.at(clock.due_at))
    yield from _origin(lead, words)


def _origin(lead: Lead, words: Words) -> Iterator[tuple[str, str]]:
    for name, source in (("source", lead.first), ("last_source", lead.last)):
        if source is not None:
            place = f" · {source.origin.campaign}" if source.origin.campaign else ""
            yield words.say(f"story.{name}"), words.code("source", source.source) + place
    for name, code in (("segment", lead.segment), ("persona", lead.persona)):
        if code is not None:
            yield words.say(f"story.{name}"), words.code(name, code)
    if lead.deals:
        yield words.say("story.deals"), ", ".join(words.code("deal", state) for state in lead.deals.values())


def _person(profile: Profile, words: Words) -> Iterator[tuple[str, str]]:
    """What is known of them and their company, by the names that fields have."""
    called = words.catalogue.codes["person"]
    order = {name: place for place, name in enumerate(called)}
    known = sorted(profile.plain().items(), key=lambda each: (order.get(each[0], len(order)), each[0]))
    for name, value in known:
        label = called.get(name) or readable(name.rpartition(".")[2])
        yield label, words.value(value, "code") if isinstance(value, bool) else str(value)


def _crm(story: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str | None]]:
    """Where their records are, and what is the matter with them."""
    for sync in map(SyncRecord.model_validate, story["crm"]):
        template = words.rules.crm.record_url if sync.crm == words.rules.crm.vendor else None
        href = crm_address(template, sync) if template and sync.crm_id else None
        yield f"{words.code('crm', sync.crm)}: {_in_crm(sync, words)}", href
        for refusal in sync.refused:
            yield words.say("story.crm_refused", what=refusal.what, hint=refusal.hint), None


def _in_crm(sync: SyncRecord, words: Words) -> str:
    known = words.say("story.in_crm", id=sync.crm_id) if sync.crm_id else ""
    waits = words.say("story.crm_waits") if sync.due_at is not None else ""
    return "; ".join(filter(None, (known, waits))) or values.NOTHING


def _reasons(lead: Lead, words: Words) -> Iterable[tuple[str, str]]:
    """What the score is made of, the weightiest first."""
    says = points(words.rules)
    lines = sorted((line for line in lead.score.lines if line.kept), key=lambda line: -abs(line.kept))
    return [(says.get(line.rule, readable(line.rule)), words.value(line.kept, "score")) for line in lines]
