"""The lifecycle moves forward only, for its stated reasons, and every jump is stamped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.lead import Lead, Score
from leadrelay.domain.stages.advance import advanced
from leadrelay.domain.stages.facts import StageChanged
from tests.domain.people import NOW
from tests.system import default_rules

STAGES = [rule.id for rule in default_rules().stages.lifecycle]


def move(stage: str, **seen: object) -> StageChanged | None:
    rules = default_rules()
    view: dict[str, object] = {f"threshold.{name}": value for name, value in rules.thresholds(None).items()}
    view |= {name.replace("__", "."): value for name, value in seen.items()}
    return advanced(Lead(lead_id="1", stage=stage), view, rules, NOW)


MQL = {"lead__email": "a@example.com", "lead__icp": True, "lead__score": 40, "lead__intent_signals": 1}


def test_all_three_legs_make_an_mql() -> None:
    moved = move("lead", **MQL)
    assert moved is not None
    assert (moved.before, moved.after, moved.skipped) == ("lead", "mql", ())


@pytest.mark.parametrize("leg", [{"lead__icp": False}, {"lead__score": 39}, {"lead__intent_signals": 0}], ids=str)
def test_no_leg_may_be_missing(leg: dict[str, object]) -> None:
    assert move("lead", **{**MQL, **leg}) is None


def test_a_jump_is_stamped() -> None:
    moved = move("visitor", **{**MQL, "lead__score": 75})
    assert moved is not None
    assert (moved.after, moved.skipped) == ("sql", ("subscriber", "lead", "mql", "sal"))
    lead = moved.apply(Lead(lead_id="1"), NOW)
    assert (lead.stage, lead.reached, lead.skipped) == ("sql", {"sql": NOW}, ("lead", "mql", "sal", "subscriber"))


@pytest.mark.parametrize("stage", ["sql", "customer", "evangelist", "disqualified", "recycled"])
def test_nobody_is_moved_back_or_out_of_a_way_out(stage: str) -> None:
    assert move(stage, **{**MQL, "lead__score": 100}) is None


@given(
    stage=st.sampled_from([*STAGES, "visitor"]),
    icp=st.booleans(),
    score=st.integers(0, 100),
    intents=st.integers(0, 3),
    email=st.booleans(),
)
def test_every_move_is_forward_to_a_stage_whose_condition_holds(
    stage: str, icp: bool, score: int, intents: int, email: bool
) -> None:
    seen: dict[str, object] = {"lead__icp": icp, "lead__score": score, "lead__intent_signals": intents}
    moved = move(stage, **seen, **({"lead__email": "a@example.com"} if email else {}))
    if moved is not None:
        places = ["visitor", *STAGES]
        assert places.index(moved.after) > places.index(stage)
        assert moved.skipped == tuple(places[places.index(stage) + 1 : places.index(moved.after)])
        if moved.after == "mql":
            assert (icp, score >= 40, intents >= 1) == (True, True, True)


def test_the_first_time_at_a_stage_is_kept() -> None:
    lead = Lead(lead_id="1", score=Score(), reached={"mql": NOW})
    again = StageChanged(before="lead", after="mql", why="").apply(lead, NOW.replace(year=2030))
    assert again.reached == {"mql": NOW}
