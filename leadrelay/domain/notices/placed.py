"""Where a lead is and why, in the language of who reads it; what `card.placement` says of it in English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from leadrelay.domain.notices.notice import Notice
from leadrelay.domain.notices.wording import Words
from leadrelay.domain.routing.skipped import MOST, Skip


def owner(notice: Notice, words: Words) -> str:
    """Who has it; where it waits and who may not take it, each with why, for who can do something about that."""
    held, team = notice.lead.ownership, notice.rules.team
    if held.rep is not None:
        return team.rep(held.rep).name
    if held.queue is not None:
        return team.queue(held.queue).name
    if held.waits is None:
        return words.nobody
    name = (held.pool or "") if notice.pool is None else notice.pool.name
    place = words.placed[held.waits].format(pool=name)
    passed = _skipped(held.skipped, notice, words)
    return words.placed["skipped"].format(place=place, skipped=passed) if passed else place


def why(notice: Notice, words: Words, zone: ZoneInfo) -> str | None:
    """The rule that put it there, why somebody was needed, who was asked first, and what could be promised; None where
    no rule did."""
    held = notice.lead.ownership
    if held.rule is None:
        return None
    says = notice.rules.routing.says(held.rule) or words.placed["no_rule"]
    because = words.placed["why"].format(says=says, why=words.why.get(held.why or "", held.why))
    return because + _asked_first(notice, words) + _promise(notice, words, zone)


def _promise(notice: Notice, words: Words, zone: ZoneInfo) -> str:
    held = notice.lead.ownership
    if held.rep is None or held.due_at is None:
        return ""
    return words.placed["promise"].format(when=words.at(held.due_at, zone))


def _asked_first(notice: Notice, words: Words) -> str:
    held, team = notice.lead.ownership, notice.rules.team
    said = ""
    for rep, tie in held.asked_first.items():
        skip = held.skipped.get(rep)
        test = "" if skip is None else _test(skip, rep, notice, words)
        form = words.placed["but" if test else "tie"]
        said += form.format(name=team.rep(rep).name, tie=words.ties.get(tie, tie), test=test)
    return said


def _skipped(skipped: Mapping[str, Skip], notice: Notice, words: Words) -> str:
    team, others = notice.rules.team, len(skipped) - MOST
    named = [
        words.placed["rep"].format(name=team.rep(rep).name, test=_test(skip, rep, notice, words))
        for rep, skip in list(skipped.items())[:MOST]
    ]
    more = [words.placed["others"].format(count=others)] if others > 0 else []
    return "; ".join([*named, *more])


def _test(skip: Skip, rep: str, notice: Notice, words: Words) -> str:
    """Why they were passed over, with the times of their own clocks."""
    if skip.cap is not None:
        return words.ends["open"].format(open=skip.open, cap=skip.cap)
    if skip.until is not None and skip.test in words.ends:
        return words.ends[skip.test].format(when=_their(skip.until, rep, notice, words))
    return words.tests.get(skip.test, skip.test)


def _their(at: datetime, rep: str, notice: Notice, words: Words) -> str:
    rules = notice.rules
    return words.at(at, rules.zone(rules.team.rep(rep).calendar))
