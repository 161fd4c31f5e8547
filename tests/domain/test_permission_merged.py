"""Two leads that are one person: what either refused, nobody plans for the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.decide import hear
from leadrelay.domain.hearing import understood
from leadrelay.domain.merging import absorbed
from tests.domain import people
from tests.domain.people import NOW, told, words
from tests.domain.test_adopt import owned


@pytest.mark.parametrize(
    ("said", "step"), [("do not call", "Write, do not call"), ("do not contact", "Do not contact")]
)
def test_a_merge_with_who_refused_changes_the_step_and_the_clock(said: str, step: str) -> None:
    decision = owned()
    other = told(words(**{"email": "ada@other.example", said: "yes"}), people.touch(2, form="newsletter"))
    decision.at, decision.facts = NOW + timedelta(minutes=1), []
    decision.lead = decision.lead.with_(listed_on="2026-11-24")
    decision.profile = decision.profile.absorb(other.profile)
    decision.say(absorbed(other.lead))
    page = people.touch(3, form=None, at=decision.at).with_(kind="behaviour", event="page_viewed")
    hear(understood(page, words(), decision.rules, decision.at), decision)
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what.startswith(step)
    assert decision.lead.listed_on is None
    clock = decision.lead.clock("first_contact")
    assert (clock is not None) == decision.lead.permission.may_contact
