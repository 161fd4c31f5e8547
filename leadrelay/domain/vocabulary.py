"""Every fact by its name: how a logged or queued fact is read back, whatever release wrote it."""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.domain.account import facts as account
from leadrelay.domain.card import facts as card
from leadrelay.domain.clocks import facts as clocks
from leadrelay.domain.crm import facts as crm
from leadrelay.domain.facts import Fact, Said
from leadrelay.domain.notices import facts as notices
from leadrelay.domain.nurture import facts as nurture
from leadrelay.domain.person import erasure_facts as erasures
from leadrelay.domain.person import facts as person
from leadrelay.domain.person import permission_facts as permission
from leadrelay.domain.routing import facts as routing
from leadrelay.domain.routing import rep_facts as reps
from leadrelay.domain.scoring import facts as scoring
from leadrelay.domain.stages import facts as stages

_MODULES = (account, person, permission, erasures, scoring, stages, nurture, routing, reps, clocks, card, notices, crm)

FACTS: Mapping[str, type[Fact]] = {
    kind.name(): kind
    for module in _MODULES
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Fact) and kind is not Fact
}

ADDRESSED = ("TouchReceived", "SourceDue", "TouchReady", "ContactDoubted", "OwnerNeeded", "CardChanged", "NoticeNeeded")
"""Facts that one function must answer; all others are told to whoever listens."""


def read(said: Said) -> Fact:
    """The fact in its envelope. Raises KeyError for a name this release does not know."""
    return FACTS[said.name].model_validate(said.data)
