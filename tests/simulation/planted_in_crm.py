"""Bugs planted on purpose between LeadRelay and the people at the CRM: each must be caught."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from unittest import mock

from leadrelay.domain import decide
from leadrelay.domain.card import circuit
from leadrelay.domain.crm import adopt
from leadrelay.domain.crm.deals import deal_fact
from leadrelay.domain.hearing import Heard
from leadrelay.domain.person.facts import LeadMerged
from leadrelay.domain.person.profile import Value
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.memory.crm_person import Person
from leadrelay.ports.crm import Ok, Rejected, UpsertPerson
from leadrelay.workflows import drain, poll
from leadrelay.workflows.deliver import account, asked, claim, diff, progress

Planted = Callable[[], AbstractContextManager[Any]]


def _owner_echo(touch: Any, rep: str | None, owner: str, shown: Any, lead: Any) -> bool:
    return bool(rep != lead.ownership.rep if rep is not None else owner != lead.ownership.outside)


def _timeless(touch: Any, rep: str | None, owner: str, shown: Any, lead: Any) -> bool:
    return _owner_echo(touch, rep, owner, shown, lead) and owner != shown.owner


def _unguarded_crm() -> Any:
    """The CRM's owner is written over, whoever chose it."""
    real = Person.takes

    def takes(self: Person, write: Any, order: Any) -> bool:
        return write.policy == "guarded" or real(self, write, order)

    return mock.patch.object(Person, "takes", takes)


def _unguarded_write() -> Any:
    """Deliver writes the owner as if it were a field of ours."""
    real = diff._writes

    def writes(to: Any, sync: Any) -> Iterator[Any]:
        return (replace(each, policy="own") if each.policy == "guarded" else each for each in real(to, sync))

    return mock.patch.object(diff, "_writes", writes)


def _echo_proves() -> Any:
    """What we wrote into the CRM is learnt from it as if a person had said it."""

    def news(self: Heard, *_: Any) -> Iterator[Any]:
        touch = self.touch
        for name, plain in self.values.items():
            at, source = touch.occurred_at, touch.source
            yield name, Value(value=plain, basis=touch.trust, source=source, touch_id=touch.touch_id, at=at)

    return mock.patch.object(Heard, "news", news)


def _cursor_first() -> Any:
    """The cursor moves before what was read is stored: who dies between has lost it."""
    real = poll.Poll._read_on

    def read_on(self: Any, record: Any, policy: Any, metadata: Any) -> None:
        fetcher = self.fetchers(record.source, policy)
        _, cursor = fetcher.since(record.cursor)
        moved = self._keep(record.with_(cursor=cursor))
        real(replace(self, fetchers=lambda *_: _From(fetcher, record.cursor)), moved, policy, metadata)

    return mock.patch.object(poll.Poll, "_read_on", read_on)


class _From:
    """A page read again from where it began."""

    def __init__(self, fetcher: Any, cursor: str | None) -> None:
        self._fetcher, self._cursor = fetcher, cursor

    def since(self, _: str | None) -> Any:
        read = self._fetcher.since(self._cursor)
        self._cursor = read[1]
        return read


def _cursor_forgotten() -> Any:
    """A page is read, and next time read again."""
    real = poll.Poll._keep

    def keep(self: Any, record: Any, *more: Any) -> Any:
        return real(self, record.with_(cursor=None), *more)

    return mock.patch.object(poll.Poll, "_keep", keep)


def _made_again() -> Any:
    """A record that is not there any more is made anew."""
    real = progress.Progress.note

    def note(self: Any, op: Any, result: Any) -> None:
        if isinstance(op, UpsertPerson) and isinstance(result, Rejected) and result.code == "NOT_FOUND":
            self.sync = self.sync.with_(crm_id=None, values={}, owner=None)
            self.put_off(progress._LOOK_AGAIN)
        else:
            real(self, op, result)

    return mock.patch.object(progress.Progress, "note", note)


def _deal_again() -> Any:
    """A deal that is told again is won again."""

    def deal(deal_id: str, told: Any, reason: str | None, decision: Any) -> None:
        decision.say(deal_fact(deal_id, told, reason))

    return mock.patch.object(adopt, "adopt_deal", deal)


def _never_due() -> Any:
    """Once shut, an account stays shut."""
    return mock.patch.object(circuit, "state", lambda shut, now: "open" if shut.until is None else "shut")


def _one_field_parks_all() -> Any:
    """One field that is refused is taken for the refusal of everything."""
    real = progress.Progress._person

    def person(self: Any, op: Any, result: Any) -> None:
        real(self, op, result)
        self.stopped = self.stopped or (isinstance(result, Ok) and bool(result.refused))

    return mock.patch.object(progress.Progress, "_person", person)


def _quiet_for_ever() -> Any:
    """What may wait for more changes is due never."""
    real = asked._due_at

    def due_at(row: Any, quiet_until: Any, now: Any, answer_within: Any) -> Any:
        return None if quiet_until is not None else real(row, quiet_until, now, answer_within)

    return mock.patch.object(asked, "_due_at", due_at)


def _merged_lives_on() -> Any:
    """A merged lead's record is written as that of any other."""

    def target(*given: Any) -> Any:
        return replace(diff.target(*given), merged=False)

    return mock.patch.object(claim, "target", target)


def _aliases_forgotten() -> Any:
    """Nobody asks any more what was written for a lead that became another."""
    real = LeadMerged.apply

    def apply(self: LeadMerged, lead: Any, at: Any) -> Any:
        return real(self, lead, at).with_(absorbed=())

    return mock.patch.object(LeadMerged, "apply", apply)


def _gone_is_forgotten() -> Any:
    """That people deleted the record is not heard."""
    return mock.patch.object(adopt, "RecordDeleted", return_value=None)


IN_CRM: dict[str, Planted] = {
    "our own status is taken for a person's": lambda: mock.patch.object(adopt.Shown, "wrote", return_value=False),
    "our own choice of owner is taken for a person's": lambda: mock.patch.object(adopt, "_is_news", _owner_echo),
    "a stale answer is taken for news": lambda: mock.patch.object(adopt, "_is_news", _timeless),
    "the CRM lets a person's owner be overwritten": _unguarded_crm,
    "deliver overwrites a person's owner": _unguarded_write,
    "a person's choice of owner is not heard": lambda: mock.patch.object(adopt, "_is_news", return_value=False),
    "a breach takes what a person gave": lambda: mock.patch.object(Ownership, "overridden", return_value=False),
    "an echo proves what nobody proved": _echo_proves,
    "the cursor moves before the touches are stored": _cursor_first,
    "the cursor is forgotten": _cursor_forgotten,
    "a source is not asked again": lambda: mock.patch.object(
        drain, "KINDS", tuple(each for each in drain.KINDS if each != "poll")
    ),
    "a deleted record is made again": _made_again,
    "that a record was deleted is not heard": _gone_is_forgotten,
    "a logged call does not stop the clock": lambda: mock.patch.object(decide, "reached", return_value=()),
    "a deal is counted twice": _deal_again,
    "the meter is ignored": lambda: mock.patch.object(account.Account, "meter", return_value=0.0),
    "an account that was shut stays shut": _never_due,
    "a refused field parks the whole card": _one_field_parks_all,
    "what may wait is never written": _quiet_for_ever,
    "a merged lead's record is written as live": _merged_lives_on,
    "a lead forgets which leads became it": _aliases_forgotten,
    "what is in shadow is written": lambda: mock.patch.object(claim, "is_sent", return_value=True),
}
"""What is broken, and how to break it."""
