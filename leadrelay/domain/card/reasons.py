"""Why a lead is worth what it is worth, in a sentence that a rep reads."""

from __future__ import annotations

from leadrelay.domain.lead import Lead, ScoreLine
from leadrelay.domain.rules import Rules

_REASONS = 5


def reasons(lead: Lead, rules: Rules) -> str:
    """The strongest reasons of the score, strongest first; what somebody did with the day of the last time (UTC). What
    the caps took whole is no reason."""
    says = {rule.id: rule.says for rule in rules.scoring.fit.rules}
    says |= {rule.id: rule.says + _last_time(lead, rule.signal) for rule in rules.scoring.engagement.rules}
    counted = [line for line in lead.score.lines if line.kept]
    return "; ".join(_reason(line, says.get(line.rule, line.rule)) for line in counted[:_REASONS])


def _last_time(lead: Lead, signal: str) -> str:
    known = lead.signals.get(signal)
    return f", {known.times[0]:%-d %b}" if known is not None and known.times else ""


def _reason(line: ScoreLine, says: str) -> str:
    lost = "" if line.kept == line.points else f" of {line.points:+d}"
    return f"{line.kept:+d}{lost} {says}"
