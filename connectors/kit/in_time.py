"""Waiting for an enricher no longer than there is time.

Time-outs of a connection bound each step and not the whole: a slow name server, a page in many small pieces and three
questions in a row each add up. So the question is asked in a thread of its own, and whoever asked goes on without the
answer. What comes too late is thrown away; the enricher's own time-outs end the thread.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field

from leadrelay.ports.enrich import AccountFound, Enricher
from leadrelay.ports.errors import Retry

_AGAIN = 30.0
"""Seconds after which somebody who was too slow may be asked again."""

_Answer = AccountFound | Exception | None


@dataclass(frozen=True, slots=True)
class InTime:
    """Implements `ports.enrich.Inquiry` around an enricher. While a question is still under way no other is asked, so
    that somebody who never answers holds one thread and not one per lead."""

    enricher: Enricher
    _busy: threading.Lock = field(default_factory=threading.Lock, init=False)

    def account(self, domain: str, seconds: float) -> AccountFound | None:
        """See the port."""
        if not self._busy.acquire(blocking=False):
            raise Retry(_AGAIN, "still busy with the question before", "outage")
        said: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
        threading.Thread(target=self._ask, args=(domain, said), daemon=True, name="look-up").start()
        try:
            answer = said.get(timeout=seconds)
        except queue.Empty:
            raise Retry(_AGAIN, f"no answer in {seconds:.1f} s", "outage") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _ask(self, domain: str, said: queue.SimpleQueue[_Answer]) -> None:
        try:
            answer: _Answer = self.enricher.account(domain)
        except Exception as trouble:  # noqa: BLE001 - it is raised where somebody waits for it
            answer = trouble
        finally:
            self._busy.release()
        said.put(answer)
