"""What may happen to a lead, as senders, salespeople and time make it happen."""

from __future__ import annotations

from typing import Any

from leadrelay.domain.touch import Answer, Origin, TouchDraft, Words
from tests.system import Crash, System

ADA = {
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Example",
    "company": "Example Ltd",
    "industry": "Software",
    "employees": "201-500",
    "country": "Poland",
    "job_title": "Head of Operations",
}


def demo(form: str = "demo", submission: str = "submission-0001", **fields: str) -> dict[str, Any]:
    """A web form's JSON."""
    return {"form": form, "submission_id": submission, "fields": {**ADA, **fields}}


def draft(
    key: str, form: str | None = None, event: str | None = None, kind: str = "submission", **fields: str
) -> TouchDraft:
    """A touch as a source would say it."""
    anonymous = fields.pop("anonymous_id", None)
    answers = tuple(Answer(key=name, values=(value,)) for name, value in fields.items())
    words = Words(answers=answers, anonymous_id=anonymous)
    return TouchDraft.model_validate(
        {"kind": kind, "key": key, "event": event, "words": words, "origin": Origin(form=form)}
    )


def send(system: System, body: dict[str, Any]) -> None:
    """As a sender does: until it is accepted."""
    for _ in range(9):
        try:
            reply = system.post(body)
        except Crash:
            continue
        if reply.status == 200:
            system.settle()
            return
        assert reply.status == 503
    raise AssertionError("nobody answers this sender")


def call(system: System, key: str) -> None:
    """Sales called; a sender repeats until it is accepted."""
    for _ in range(9):
        try:
            reply = system.tell(draft(key, event="call", kind="activity", email=ADA["email"]))
        except Crash:
            continue
        if reply.status == 200:
            system.settle()
            return
    raise AssertionError("nobody answers this sender")


def whole_life(system: System) -> None:
    """A hot lead: nobody calls, it changes hands, asks again by another way, is called at last."""
    send(system, demo())
    system.later(minutes=4)  # warned
    system.later(minutes=2)  # breached, handed over
    send(system, demo("offer", "submission-0002", phone="+48 22 123 45 67"))
    call(system, "call-1")
    quieten(system)


def quieten(system: System) -> None:
    """Time for everything that is late: sweeps each minute, well within a working day."""
    for _ in range(6):
        system.later(minutes=1)
