"""The record of a choice: what was known when an owner was chosen, what each candidate was found to be, who it was.

It stands in the log row of the hop. With the lead as it was then and the rules of that version, the same choice can be
made again; what differs, if anything, is told. Only ids, codes and numbers: a log row holds nothing personal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from leadrelay.domain.account.evidence import AccountBy
from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Model
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.choose import Choice
from leadrelay.domain.routing.known_owner import Tie
from leadrelay.domain.routing.ledger import LeadClass, Turns, class_of
from leadrelay.domain.routing.policy import RoutingPolicy
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.skipped import Skip
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.team import Strategy
from leadrelay.domain.rules import Rules

_DIGITS = 6
"""Decimals that are kept of shares and credits: enough to see who was behind by a millionth of a lead."""


class DecisionRecord(Model):
    """One choice. `passed` are the routing rules that were asked before `rule` and did not hold, in their order. `kind`
    is the class of the lead and `strategy` the pool's. `turns` is the pools' memory of that class and `reps` what was
    known of the reps, both as they were before the choice, `colleagues` are the reps who own other people of the
    account. The rest is the choice, in its own words."""

    rule: str
    passed: tuple[str, ...] = ()
    rep: str | None = None
    pool: str | None = None
    kind: LeadClass = "other"
    strategy: Strategy | None = None
    queue: str | None = None
    waits: Literal["backlog", "claim"] | None = None
    next_step: str = "Call"
    unassignable: str | None = None
    candidates: tuple[Candidate, ...] = ()
    skipped: dict[str, Skip] = Field(default_factory=dict)
    asked_first: dict[str, Tie] = Field(default_factory=dict)
    account_by: AccountBy | None = None
    turns: dict[str, Turns] = Field(default_factory=dict)
    reps: dict[str, RepState] = Field(default_factory=dict)
    colleagues: tuple[str, ...] = ()

    @classmethod
    def of(cls, choice: Choice, lead: Lead, staffing: Staffing, rules: Rules, now: datetime) -> DecisionRecord:
        """What is kept of a choice for `lead`, as it was before, by these rules and with this staffing, `now` (UTC)."""
        kind, pools = class_of(lead), {pool.id: pool for pool in rules.team.pools}
        memory = {pool: turns.only(kind) for pool, turns in staffing.pools.items()}
        states = {rep: _read(state, now) for rep, state in staffing.reps.items()}
        return cls(
            **{name: getattr(choice, name) for name in CHOSEN},
            passed=passed(choice.rule, rules.routing),
            kind=kind,
            strategy=None if choice.pool not in pools else pools[choice.pool].strategy,
            candidates=tuple(map(_rounded, choice.candidates)),
            turns={pool: turns for pool, turns in memory.items() if turns != Turns()},
            reps={rep: state for rep, state in states.items() if state != RepState()},
            colleagues=staffing.colleagues,
        )

    def kept(self) -> dict[str, JsonValue]:
        """As it stands in a log row: what is as usual is left out, because a row is paid by its length."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def staffing(self) -> Staffing:
        """Who was there, for choosing again."""
        return Staffing(self.turns, self.reps, self.colleagues)

    def differs(self, again: DecisionRecord) -> dict[str, tuple[JsonValue, JsonValue]]:
        """What was found otherwise when it was chosen again: name -> (then, again). Empty: the same."""
        then, now = self.model_dump(mode="json"), again.model_dump(mode="json")
        return {name: (then[name], now[name]) for name in then if then[name] != now[name]}


CHOSEN = ("rule", "rep", "pool", "queue", "waits", "next_step", "unassignable", "skipped", "asked_first", "account_by")
"""What is kept of a `Choice` as it is. Its candidates are rounded; what it changes follows from the rest."""


def read_record(decision: Mapping[str, JsonValue]) -> DecisionRecord | None:
    """The record in a log row's `decision`; None where nobody was chosen, and for a row of a release that kept less."""
    chose = "rule" in decision and "given" not in decision
    return DecisionRecord.model_validate(decision) if chose else None


def passed(rule: str, routing: RoutingPolicy) -> tuple[str, ...]:
    """The rules that were asked before this one, or before the one whose table has this row ("territory/12"), and did
    not decide: all of them, where none did. Of who may not be contacted nothing is asked."""
    if rule == routing.refused.id:
        return ()
    ids, own = [each.id for each in routing.rules], rule.partition("/")[0]
    return tuple(ids[: ids.index(own)] if own in ids else ids)


def _rounded(candidate: Candidate) -> Candidate:
    shares = {name: getattr(candidate, name) for name in ("given", "credit", "behind")}
    return candidate.with_(**{name: None if share is None else round(share, _DIGITS) for name, share in shares.items()})


def _read(state: RepState, now: datetime) -> RepState:
    """Without what no test reads any more: absences that are over, and why somebody is away, which is theirs."""
    return state.with_(absences=state.presence(now).absences)
