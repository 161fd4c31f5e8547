"""A score so high that the manager hears of it: told once, on the next call list, and ready again after it fell."""

from __future__ import annotations

from datetime import date

from leadrelay.domain.clocks.notices import notice
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.facts import AlertRearmed, ScoreAlerted


def alert(decision: Decision) -> None:
    """Tell when the score is over the line, once; take it back when it is under the second line. Between the two
    nothing happens, so a score that swings around one line does not ring the bell each day."""
    lead, lines = decision.lead, decision.rules.stages
    over = _holds(lines.alert, decision)
    if lead.alerted:
        if not over and _holds(lines.alert_rearm, decision):
            decision.say(AlertRearmed(score=lead.score.total))
    elif over and lead.live and lead.permission.may_contact:
        on = call_day(lead, decision).isoformat() if lead.permission.may_call else None
        decision.say(
            ScoreAlerted(score=lead.score.total, listed_on=on),
            notice("score_alert", lead, lead.ownership.hop, decision.at),
        )


def _holds(line: str | None, decision: Decision) -> bool:
    return line is not None and decision.rules.holds(line, decision.seen(), decision.at)


def call_day(lead: Lead, decision: Decision) -> date:
    """The next working day that has not begun yet where the manager of the lead's pool works; RevOps' without one."""
    calendar = decision.rules.team.rep(_manager(lead, decision.rules)).calendar
    return decision.rules.calendar(calendar).next_day(decision.at)


def _manager(lead: Lead, rules: Rules) -> str:
    managers = {pool.id: pool.manager for pool in rules.team.pools}
    return managers.get(lead.ownership.pool or "", rules.team.revops)
