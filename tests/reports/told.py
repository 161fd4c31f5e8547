"""Small lives, told as facts: what a test of a report needs, no more."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from leadrelay.domain.clocks.clock import Clock, ClockKind
from leadrelay.domain.facts import Context, Fact, Said, say
from leadrelay.domain.lead import Score
from leadrelay.domain.person.facts import LeadCreated, TouchIdentified
from leadrelay.domain.routing.facts import LeadAssigned
from leadrelay.domain.scoring.facts import LeadScored
from leadrelay.domain.signal import Attribution
from leadrelay.domain.stages.facts import StageChanged
from leadrelay.domain.touch import Origin, TouchKind
from leadrelay.reports.engine import Engine
from tests.reports.lake import engine_of

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)


def when(ms: int) -> datetime:
    """The instant."""
    return datetime.fromtimestamp(ms / 1000, UTC)


class Told:
    """Facts as they are said, in one log for each lead. Leads are named by short ids."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self._versions: Counter[str] = Counter()
        self._hops: Counter[str] = Counter()

    def say(self, log: str, *facts: Fact, at: int = NOON_MS) -> None:
        """One commit of a lead's log."""
        self._versions[log] += 1
        context = Context(correlation_id="t", causation_id="t", rules_version="r", at=when(at))
        self.said.extend(say(facts, f"{log}:{self._versions[log]}", log, context))

    def submission(
        self,
        lead: str,
        source: str = "website",
        at: int = NOON_MS,
        campaign: str | None = None,
        kind: TouchKind = "submission",
    ) -> str:
        """A touch of the lead, who becomes `lead` with the first; its id."""
        touch = f"{source}.{lead}{self._versions[lead]}"
        attribution = Attribution(
            touch_id=touch, source=source, vendor=source, channel=source, intent=None, product=None, at=when(at),
            origin=Origin(campaign=campaign),
        )  # fmt: skip
        heard = TouchIdentified(
            touch_id=touch, kind=kind, occurred_at=when(at), received_at=when(at), signals=(),
            attribution=attribution if kind == "submission" else None, source_channel=source,
        )  # fmt: skip
        news = self._versions[lead] == 0
        first = [LeadCreated(touch_id=touch, captured_at=when(at))] if news else []
        staged = [StageChanged(before="visitor", after="lead", why="known")] if news else []
        self.say(lead, *first, heard, *staged, at=at)
        return touch

    def scored(self, lead: str, total: int, at: int = NOON_MS, fields: dict[str, str] | None = None) -> None:
        """A score."""
        score = Score(total=total, fit=total)
        self.say(lead, LeadScored(score=score, segment=None, persona=None, icp=False, fields=fields or {}), at=at)

    def stage(self, lead: str, after: str, at: int = NOON_MS, before: str = "lead") -> None:
        """A stage."""
        self.say(lead, StageChanged(before=before, after=after, why="rules"), at=at)

    def given(self, lead: str, rep: str, pool: str, at: int = NOON_MS) -> int:
        """An assignment; its hop."""
        self._hops[lead] += 1
        fact = LeadAssigned(hop=self._hops[lead], why="new", rule="hot", rep=rep, pool=pool)
        self.say(lead, fact, at=at)
        return self._hops[lead]

    def engine(self) -> Engine:
        """The base tables of what was told."""
        return engine_of(self.said)


def clock(kind: ClockKind, hop: int, started: int, minutes: int = 5) -> Clock:
    """A clock that runs for so many minutes."""
    return Clock(
        kind=kind, hop=hop, policy="hot", calendar="always", started_at=when(started),
        due_at=when(started + minutes * 60_000),
    )  # fmt: skip
