"""Putting off: a reminder comes later, once for each reminder, and nothing that is owed to a customer waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.link import Link, signed, verified
from leadrelay.domain.notices.policy import KINDS
from leadrelay.domain.notices.snooze import may_snooze
from leadrelay.domain.vocabulary import read
from leadrelay.ports.notifier import Message
from leadrelay.ports.records import LogRecord
from tests.system import SECRETS, System, noisy_rules
from tests.workflows import lives

KEY = str(SECRETS["links"]["key"])
LABEL = "Remind me later"


def reminded() -> System:
    """They were called, and what was to come next did not: the owner is reminded."""
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    lives.call(system, "call-1")
    assert days(system, 1) == 1
    return system


def reminders(system: System) -> list[Message]:
    return [message for message in system.notifier.sent if message.title.startswith("Next step overdue")]


def tokens(message: Message) -> list[str]:
    return [address.rpartition("/")[2] for label, address in message.links if label == LABEL]


def lead(system: System) -> Lead:
    [record] = system.leads()
    return record.lead


def days(system: System, number: int) -> int:
    """So many days, with a sweep before anything becomes old news; how many reminders came."""
    before = len(reminders(system))
    for _ in range(24 * 3 * number):
        system.later(minutes=20)
    return len(reminders(system)) - before


def test_a_reminder_that_was_put_off_comes_when_two_more_working_days_have_begun() -> None:
    system = reminded()  # on Tuesday at noon
    [token] = tokens(reminders(system)[-1])
    step = lead(system).next_step
    assert system.act(token).state == "open"
    assert system.act(token, {}).state == "said"
    clock = lead(system).clock("next_step")
    assert clock is not None
    assert clock.due_at == datetime(2026, 11, 26, 8, 0, tzinfo=UTC)  # Thursday, 9:00 in Warsaw and in Belgrade
    assert lead(system).next_step == step
    assert system.act(token, {}).state == "done"
    assert days(system, 1) == 0
    assert days(system, 1) == 1


def test_without_an_answer_it_comes_every_working_day() -> None:
    system = reminded()
    assert days(system, 1) == 1


def test_each_reminder_may_be_put_off_and_an_old_link_does_nothing_more() -> None:
    system = reminded()
    [first] = tokens(reminders(system)[-1])
    system.act(first, {})
    days(system, 2)
    [second] = tokens(reminders(system)[-1])
    assert second != first
    assert system.act(second, {}).state == "said"
    assert system.act(first, {}).state == "done"


def test_the_log_gives_the_lead_that_was_put_off() -> None:
    system = reminded()
    [token] = tokens(reminders(system)[-1])
    system.act(token, {})
    current = lead(system)
    logs = [row for row in system.store.story(f"LEAD#{current.lead_id}") if isinstance(row, LogRecord)]
    own = [row for row in logs if row.sk.startswith("LOG#")]
    facts = [(read(said), said.metadata.occurred_at) for row in own for said in row.facts]
    assert fold(Lead(lead_id=current.lead_id), facts) == current
    assert [fact.name() for fact, _ in facts].count("Snoozed") == 1


@pytest.mark.parametrize("notice", ["assigned", "warn", "breach", "next_step"])
def test_the_first_contact_is_never_put_off(notice: str) -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    assert not [message for message in system.notifier.sent if tokens(message)]
    owner, clocks = lead(system).ownership, lead(system).clocks
    until = system.clock.now() + timedelta(days=1)
    about = f"{notice}-{owner.hop}-20261123T110000Z"
    forged = Link(lead_id=lead(system).lead_id, hop=owner.hop, rep=owner.rep or "", action="snooze", expires_at=until)
    assert system.act(signed(forged.with_(about=about), KEY), {}).state == "no_step"
    assert lead(system).clocks == clocks


def test_only_reminders_may_be_put_off() -> None:
    current = lead(reminded())
    assert may_snooze(current, "next_step")
    assert not [kind for kind in KINDS if may_snooze(current, kind) != (kind in ("next_step", "get_back"))]


def test_a_link_keeps_what_it_is_about() -> None:
    until = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    link = Link(lead_id="ab" * 16, hop=3, rep="anna", action="snooze", expires_at=until, about="next_step-3-2026")
    assert verified(signed(link, KEY), [KEY]) == link
    assert link.cause != link.with_(about="next_step-3-2027").cause
