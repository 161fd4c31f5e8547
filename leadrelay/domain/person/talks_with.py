"""Whom of ours somebody talks to already: who answers them in their own account, whom they book a meeting with.

A sender tells it with what was said. Only one that proves itself is believed, and only under a name that its connector
or the rules give: what visitors type into a form must never choose their rep.
"""

from __future__ import annotations

from leadrelay.domain.person import normal
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import Touch, Words

REP = "lead.rep"
"""The field with the rep's id; what maps into it may hold the id or the rep's e-mail address."""


def talks_with(touch: Touch, words: Words, source: SourcePolicy, team: TeamPolicy) -> str | None:
    """The id of the rep, None where nobody is named, or nobody of team.yaml."""
    if touch.trust != "verified" or touch.kind == "enrichment":
        return None
    maps = (source.form(touch.origin.form).map, source.map, source.defaults)
    names = {normal.field_name(name) for each in maps for name in each.get(REP, ())}
    said = (value for answer in words.answers if normal.field_name(answer.key) in names for value in answer.values)
    reps = {name.casefold(): rep.id for rep in team.reps for name in (rep.email, rep.id)}
    return next((reps[value.strip().casefold()] for value in said if value.strip().casefold() in reps), None)
