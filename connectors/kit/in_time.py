"""Waiting for an outside system no longer than there is time.

Time-outs of a connection bound each step and not the whole: a slow name server, a page in many small pieces and three
questions in a row each add up. So the question is asked in a thread of its own, and whoever asked goes on without the
answer. What comes too late is thrown away; the system's own time-outs end the thread.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NoReturn, TypeVar

from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.contacts import Contacts
from leadrelay.ports.enrich import AccountFound, Enricher
from leadrelay.ports.errors import Retry

_AGAIN = 30.0
"""Seconds after which somebody who was too slow may be asked again."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Asks one question at a time: while one is still under way no other is asked, so that somebody who never answers
    holds one thread and not one per lead."""

    _busy: threading.Lock = field(default_factory=threading.Lock, init=False)

    def answer(self, question: Callable[[], T], seconds: float) -> T:
        """The answer, or what asking raised. Raises Retry when there is none in this time."""
        if not self._busy.acquire(blocking=False):
            raise Retry(_AGAIN, "still busy with the question before", "outage")
        said: queue.SimpleQueue[Callable[[], T]] = queue.SimpleQueue()
        threading.Thread(target=self._ask, args=(question, said), daemon=True, name="look-up").start()
        try:
            told = said.get(timeout=seconds)
        except queue.Empty:
            raise Retry(_AGAIN, f"no answer in {seconds:.1f} s", "outage") from None
        return told()

    def _ask(self, question: Callable[[], T], said: queue.SimpleQueue[Callable[[], T]]) -> None:
        try:
            answer = question()
        except Exception as trouble:  # noqa: BLE001 - it is raised where somebody waits for it
            told: Callable[[], T] = partial(_raised, trouble)
        else:
            told = partial(_given, answer)
        finally:
            self._busy.release()
        said.put(told)


@dataclass(frozen=True, slots=True)
class InTime:
    """Implements `ports.enrich.Inquiry` around an enricher."""

    enricher: Enricher
    _patience: Patience = field(default_factory=Patience, init=False)

    def account(self, domain: str, seconds: float) -> AccountFound | None:
        """See the port."""
        return self._patience.answer(partial(self.enricher.account, domain), seconds)


@dataclass(frozen=True, slots=True)
class ContactsInTime:
    """Implements `ports.contacts.PromptContacts` around a CRM's contacts."""

    contacts: Contacts
    _patience: Patience = field(default_factory=Patience, init=False)

    def made(self, people: Sequence[str], since: datetime, seconds: float) -> Sequence[TouchDraft]:
        """See the port."""
        return self._patience.answer(partial(self.contacts.made, people, since), seconds)


def _given(answer: T) -> T:
    return answer


def _raised(trouble: Exception) -> NoReturn:
    raise trouble
