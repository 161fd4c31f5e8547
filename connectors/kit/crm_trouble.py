"""What may keep a CRM's work from being done, as the workflows tell it apart: later, never, who knows.

A connector reads its vendor's answers into these. The role turns them into the result of a write or, for a question,
into the port's error. Waits are in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from connectors.kit.crm_pace import Hold
from leadrelay.ports.crm import Rejected, RetryLater, Scope, Unknown, WriteOp, WriteResult
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry

LOCKED, OUTAGE, AUTH = 2.0, 30.0, 300.0
"""Seconds to wait where the answer names none."""
AFTER_SILENCE = 2.0
"""Seconds until the work that stood behind a silence may be tried."""
NOT_SENT = "not sent: the one before got no answer"
ACCOUNT_WIDE = frozenset({"second", "10s", "day", "outage", "auth", "budget"})
"""After these nothing else gets through either."""

Heard = TypeVar("Heard")


class Silence(Exception):
    """Nobody answered. `sent` says whether the request may have arrived; where we held it back ourselves, `after`
    (seconds) and `scope` say for how long and why."""

    def __init__(self, why: str, *, sent: bool, after: float | None = None, scope: Scope = "outage") -> None:
        super().__init__(why)
        self.why = why
        self.sent = sent
        self.after = after
        self.scope = scope


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is wrong with the work: later."""

    after: float
    scope: Scope
    message: str

    def result(self, op_id: str) -> WriteResult:
        """As the result of a write."""
        return RetryLater(op_id, self.after, self.scope, self.message)

    def error(self) -> PortError:
        """As the error of a read."""
        if self.scope == "auth":
            return Misconfigured(self.message)
        return Retry(self.after, self.message, self.scope)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The CRM refuses the work itself. `parts` are the fields it names, each refused on its own: the rest may be sent
    without them. `told_as` is the port's code where `code` is one of the connector's own."""

    code: str
    message: str
    field: str | None = None
    existing_id: str | None = None
    parts: tuple[Refusal, ...] = ()
    told_as: str = ""

    def result(self, op_id: str) -> Rejected:
        """As the result of a write."""
        return Rejected(op_id, self.told_as or self.code, self.message, self.field, self.existing_id)

    def error(self) -> PortError:
        """As the error of a read."""
        return Misconfigured(self.message) if self.code == "PERMISSION" else Reject(self.code, self.message)


@dataclass(frozen=True, slots=True)
class Doubt:
    """It may have happened."""

    message: str

    def result(self, op_id: str) -> WriteResult:
        """As the result of a write."""
        return Unknown(op_id, self.message)

    def error(self) -> PortError:
        """As the error of a read: reading again does no harm."""
        return Retry(OUTAGE, self.message, "outage")


Trouble = Wait | Refusal | Doubt


class Refused(Exception):
    """A question that got no usable answer: the role turns it into a result or into the port's error."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble


# -- silences


def held(hold: Hold) -> Silence:
    """The silence of a request that we did not send."""
    after, scope, why = hold
    return Silence(why, sent=False, after=after, scope=scope)


def of_silence(silence: Silence, *, reading: bool = False) -> Trouble:
    """Read a missing answer: what was never sent, or only asked, can be sent again."""
    if silence.sent and not reading:
        return Doubt(silence.why)
    return Wait(OUTAGE if silence.after is None else silence.after, silence.scope, silence.why)


def heard(question: Callable[[], Heard]) -> Heard:
    """The answer to a question that changes nothing. Raises Refused where there is none."""
    try:
        return question()
    except Silence as silence:
        raise Refused(of_silence(silence, reading=True)) from silence


@contextmanager
def as_port_errors() -> Iterator[None]:
    """What is refused in here leaves as the port's error: Retry, Reject or Misconfigured."""
    try:
        yield
    except Refused as refused:
        raise refused.trouble.error() from refused


# -- what a trouble means for the work behind it


def stops(told: object) -> bool:
    """Whether nothing else should be sent after this: a silence, or a wait of the whole account."""
    return isinstance(told, Doubt) or (isinstance(told, Wait) and told.scope in ACCOUNT_WIDE)


def unsent(stopping: object) -> Wait:
    """What the rest of the work gets after something that `stops` it: it was never sent."""
    return stopping if isinstance(stopping, Wait) else Wait(AFTER_SILENCE, "outage", NOT_SENT)


def blocking(result: WriteResult) -> RetryLater | None:
    """The same of a result: what keeps the operations after it from being sent."""
    if isinstance(result, Unknown):
        return RetryLater(result.op_id, AFTER_SILENCE, "outage", NOT_SENT)
    return result if isinstance(result, RetryLater) and result.scope in ACCOUNT_WIDE else None


def held_back(ops: Iterable[WriteOp], blocked: RetryLater) -> list[WriteResult]:
    """The results of operations that are not sent, because of one before them."""
    return [replace(blocked, op_id=op.op_id) for op in ops]
