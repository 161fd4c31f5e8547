"""Any schedule of changes, looks and failures: the last state of each record is told, and no key says two things."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.salesforce import sweep
from connectors.salesforce.sandbox.store import Row
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Retry
from tests.connectors.salesforce.reading_world import quiet_org

MANY = examples(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
STEP = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 3), st.integers(0, 50)),
    st.tuples(st.just("late"), st.integers(0, 3), st.integers(0, 50)),
    st.tuples(st.just("show"), st.just(0), st.just(0)),
    st.tuples(st.just("new"), st.just(0), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 7, 30]), st.just(0)),
    st.tuples(st.just("look"), st.just(0), st.just(0)),
    st.tuples(st.just("fail"), st.integers(0, 8), st.just(0)),
)


@MANY
@given(steps=st.lists(STEP, max_size=25), page=st.integers(1, 4))
def test_whatever_happens_while_one_reads(steps: list[tuple[str, int, int]], page: int) -> None:
    """Edits within one second, edits between two pages, changes that show up to 59 seconds late, questions that fail:
    the last state of every record that changed was told, and the same key never says two things."""
    run = Run(page)
    for step in steps:
        run.do(*step)
    run.finish()


class Run:
    """One schedule."""

    def __init__(self, page: int) -> None:
        self.here = quiet_org()
        self.before = self.here.store.before
        self.hidden_at: dict[str, float] = {}
        self.seconds = 0.0
        self.reading = self.here.reading
        self.records = self.here.records()
        self.page = page
        self.leads = [self.here.lead(Title="0") for _ in range(4)]
        _, self.cursor = self._quietly(None)
        self.said: dict[str, TouchDraft] = {}
        self.changed: set[str] = set()

    def do(self, what: str, number: int, value: int) -> None:
        getattr(self, what)(number, value)

    def edit(self, number: int, value: int) -> None:
        lead = self.leads[number]
        if lead not in self.before:  # a record that is being saved is locked
            self.here.hands.change(lead, {"Title": str(value)})
            self.changed.add(lead)

    def late(self, number: int, value: int) -> None:
        """Saved now, and to be seen later."""
        lead = self.leads[number]
        if lead not in self.before:
            self.before[lead] = dict(self.here.store.row("Lead", lead) or {})
            self.hidden_at[lead] = self.seconds
            self.here.hands.change(lead, {"Title": str(value)})
            self.changed.add(lead)

    def show(self, *_: int) -> None:
        self.before.clear()
        self.hidden_at.clear()

    def new(self, *_: int) -> None:
        lead = self.here.lead(Title="new")
        self.leads.append(lead)
        self.changed.add(lead)

    def wait(self, seconds: int, _: int) -> None:
        self.here.clock.ahead(seconds)
        self.seconds += seconds
        for lead, since in list(self.hidden_at.items()):
            if self.seconds - since >= 59:
                del self.before[lead], self.hidden_at[lead]

    def look(self, *_: int) -> None:
        drafts, self.cursor = self._quietly(self.cursor)
        for draft in drafts:
            assert self.said.setdefault(draft.key, draft) == draft, "one key says two things"

    def fail(self, passed: int, _: int) -> None:
        genuine, left = self.reading.select, passed

        def failing(*args: object, **values: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise Retry(30, "away", "outage")
            return genuine(*args, **values)  # type: ignore[arg-type]

        self.reading.select = failing  # type: ignore[method-assign, assignment]
        try:
            self.look()
        except Retry:
            return
        finally:
            self.reading.select = genuine  # type: ignore[method-assign]

    def finish(self) -> None:
        """Everything has come to light, a minute has passed, and the looks have come to their end."""
        self.show()
        self._drain()
        self.wait(61, 0)
        self._drain()
        for lead in self.changed:
            row = self.here.store.row("Lead", lead) or {}
            assert self._told(lead, row), "the last state was never told"

    def _drain(self) -> None:
        for _ in range(500):
            before = self.cursor
            self.look()
            if self.cursor == before:
                return
        raise AssertionError("it never ends")

    def _told(self, lead: str, row: Row) -> bool:
        drafts = (one for one in self.said.values() if one.record and one.record.record_id == lead)
        return any(one.words.value("lead.job_title") == row["Title"] for one in drafts)

    def _quietly(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        genuine, sweep.PAGE = sweep.PAGE, self.page
        try:
            return self.records.since(cursor)
        finally:
            sweep.PAGE = genuine
