"""Watching the numbers after each refresh: who crossed a line is told once in its days, and once a week what moved.

A notice is a row of the table like any other, whose name says what it is about and when: who looks twice says it once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.facts import Context
from leadrelay.domain.rules import Rules
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict
from leadrelay.ports.records import notice_key
from leadrelay.ports.rules import Rules as RulesPort
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.warehouse import BroughtIn, Rows
from leadrelay.reports import registry
from leadrelay.reports.asked import Asked
from leadrelay.reports.engine import Engine
from leadrelay.reports.inputs import brought
from leadrelay.reports.kept import kept
from leadrelay.reports.moved import Ask
from leadrelay.reports.result import Report
from leadrelay.reports.run import answered
from leadrelay.reports.telling import Lines, of_crossed, of_week
from leadrelay.reports.thresholds import crossed
from leadrelay.reports.weekly import due_since, week
from leadrelay.workflows.log import notice_log
from leadrelay.workflows.notice_row import notice_row

ABOUT = "reports"
"""What such a notice is about, in place of a source: `reports:` and the report. No source has a colon in its name."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The workflow with its ports."""

    store: Store
    rules: RulesPort
    rows: Rows
    inputs: BroughtIn
    clock: Clock

    def __call__(self) -> int:
        """Ask for the notices that are due; how many were not asked for before. Raises NoFacts before the first
        refresh, Retry, Misconfigured."""
        rules = self.rules.current()
        policy = rules.reports
        if not policy.thresholds and policy.digest is None:
            return 0
        engine = kept(self.rows)[0]
        return sum(self._say(*needed, rules) for needed in self._needed(rules, engine, self._asking(rules, engine)))

    def _asking(self, rules: Rules, engine: Engine) -> Ask:
        """Each question is answered once: the parts of many numbers are those of the same reports."""
        inputs, now = brought(self.inputs), self.clock.now()

        @cache
        def answer(name: str, question: str) -> Report:
            asked = Asked.model_validate_json(question)
            return answered(registry.report(name), asked, engine, rules, now, inputs)

        return lambda name, asked: answer(name, asked.model_dump_json())

    def _needed(self, rules: Rules, engine: Engine, ask: Ask) -> Iterator[tuple[NoticeNeeded, Lines]]:
        for found in crossed(rules.reports, self.clock.now(), ask):
            yield _notice(found.threshold.notice, found.notice_id, found.threshold.report), of_crossed(found, rules)
        yield from self._weekly(rules, engine, ask)

    def _weekly(self, rules: Rules, engine: Engine, ask: Ask) -> Iterator[tuple[NoticeNeeded, Lines]]:
        digest = rules.reports.digest
        due = None if digest is None else due_since(digest, rules.reports.zone, self.clock.now())
        if digest is None or due is None:
            return
        needed = _notice(digest.notice, f"{digest.notice}-{due}", "week")
        is_heard = bool(rules.notices.named(needed.notice))
        if is_heard and not self._is_said(needed):  # hundreds of questions are not asked for nothing
            yield needed, of_week(week(digest, rules.reports, due, ask, _among(rules, engine)), rules)

    def _is_said(self, needed: NoticeNeeded) -> bool:
        return self.store.load(notice_key("", needed.notice_id, needed.source)) is not None

    def _say(self, needed: NoticeNeeded, lines: Lines, rules: Rules) -> bool:
        if not rules.notices.named(needed.notice) or self._is_said(needed):
            return False
        cause = f"{ABOUT}:{needed.notice_id}"
        context = Context(
            correlation_id=needed.notice_id, causation_id=cause, rules_version=rules.version, at=self.clock.now()
        )
        row = notice_row(needed, "", context).with_(lines=dict(lines))
        try:
            self.store.commit(Change(cause=cause, puts=(Put(row), Put(notice_log(row, [needed], context)))))
        except Conflict:
            return False
        return True


def _notice(kind: str, notice_id: str, about: str) -> NoticeNeeded:
    return NoticeNeeded(notice_id=notice_id, notice=kind, hop=0, source=f"{ABOUT}:{about}")


def _among(rules: Rules, engine: Engine) -> Mapping[str, Sequence[str]]:
    column = f"{rules.reports.attribution}_source"
    sources = engine.select(f"SELECT DISTINCT {column} FROM lead_rows WHERE {column} IS NOT NULL")
    return {
        "source": [source for (source,) in sources],
        "pool": [pool.id for pool in rules.team.pools],
        "rep": [rep.id for rep in rules.team.reps],
    }
