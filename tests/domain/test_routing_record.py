"""The record of a choice: the same choice can be made again from it, and it says nothing of anybody but in codes."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.lead import Lead, Ownership, Wanted
from leadrelay.domain.routing.choose import Choice, choose, needs
from leadrelay.domain.routing.ledger import Turns
from leadrelay.domain.routing.record import CHOSEN, DecisionRecord, passed, read_record
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.team import Member, Pool, Rep, TeamPolicy
from leadrelay.domain.rules import Rules
from tests.domain.people import NOW, profile
from tests.system import default_rules

ADA = profile(lead__email="ada@example.com")
HOURS = st.integers(-72, 72).map(lambda hours: NOW + timedelta(hours=hours))
NAMES = [f"rep{number}" for number in range(10)]


@st.composite
def absences(draw: st.DrawFn) -> Absence:
    start = draw(HOURS)
    until = draw(st.none() | st.integers(1, 96).map(lambda hours: start + timedelta(hours=hours)))
    return Absence(start=start, until=until, why=draw(st.sampled_from(["", "a private matter"])))


states = st.builds(RepState, open=st.integers(0, 20), absences=st.lists(absences(), max_size=3).map(tuple))


@st.composite
def teams(draw: st.DrawFn) -> Rules:
    """The default rules with another sales team: weights, who is active, how many each can have."""
    rules = default_rules()
    active = st.sampled_from([True, True, True, False])
    calendars = st.sampled_from(sorted(rules.calendars.calendars))
    caps = st.none() | st.integers(1, 20)
    reps = tuple(
        Rep(id=name, name=name, email="", calendar=draw(calendars), active=draw(active), cap=draw(caps))
        for name in NAMES[: draw(st.integers(1, 10))]
    )
    members = tuple(Member(rep=rep.id, weight=draw(st.integers(1, 9))) for rep in reps)
    pool = Pool(id="sdr", name="", members=members, manager="nina")
    team: TeamPolicy = rules.team
    pools = (pool, *(each for each in team.pools if each.id != "sdr"))
    return rules.with_(team=team.with_(reps=(*team.reps, *reps), pools=pools))


def chosen(lead: Lead, staffing: Staffing, rules: Rules) -> DecisionRecord:
    return DecisionRecord.of(choose(lead, ADA, staffing, rules, NOW), lead, staffing, rules, NOW)


@settings(max_examples=200)
@given(teams(), st.data())
def test_a_choice_is_made_again_exactly_from_what_its_row_keeps(rules: Rules, data: st.DataObject) -> None:
    """One after another, so that turns and states are those of a team at work."""
    staffing = Staffing(reps={name: data.draw(states) for name in NAMES})
    for number in range(data.draw(st.integers(1, 6))):
        recent = data.draw(st.lists(st.sampled_from(NAMES), max_size=2))
        hot = data.draw(st.sampled_from(["hot", None]))
        wanted = Wanted(why="new", exclude=tuple(recent), hop=0)
        lead = Lead(lead_id=str(number), temperature=hot, stage="mql", wanted=wanted)
        asked = needs(lead, ADA, rules, NOW)
        read = Staffing(
            {pool: staffing.turns(pool) for pool in asked.pools}, {rep: staffing.rep(rep) for rep in asked.reps}
        )
        record = chosen(lead, read, rules)
        again = read_record(json.loads(json.dumps(record.kept())))
        assert again == record
        assert record.differs(chosen(lead, again.staffing(), rules)) == {}
        choice = choose(lead, ADA, read, rules, NOW)
        staffing = Staffing({**staffing.pools, **choice.turns}, {**staffing.reps, **choice.reps})


def test_what_was_otherwise_is_named() -> None:
    rules, lead = default_rules(), Lead(lead_id="1", temperature="hot")
    fresh = chosen(lead, Staffing(), rules)
    later = chosen(lead, Staffing({"sdr": choose(lead, ADA, Staffing(), rules, NOW).turns["sdr"]}), rules)
    differs = fresh.differs(later)
    assert differs["rep"] == (fresh.rep, later.rep)
    assert fresh.rep != later.rep
    assert "rule" not in differs


def test_the_rules_that_did_not_hold_are_named_in_their_order() -> None:
    rules = default_rules()
    kept = chosen(Lead(lead_id="1", temperature="hot"), Staffing(), rules)
    ids = [rule.id for rule in rules.routing.rules]
    assert (kept.rule, list(kept.passed)) == ("hot", ids[: ids.index("hot")])
    assert passed("fallback", rules.routing) == tuple(ids)
    assert passed("do_not_contact", rules.routing) == ()
    assert passed(ids[0], rules.routing) == ()


def test_nothing_is_kept_of_why_somebody_is_away_or_of_an_absence_that_is_over() -> None:
    over = Absence(start=NOW - timedelta(days=9), until=NOW, why="hospital")
    lasts = Absence(start=NOW - timedelta(days=1), until=NOW + timedelta(days=1), why="hospital")
    staffing = Staffing(reps={"anna": RepState(open=3, absences=(over, lasts))})
    kept = chosen(Lead(lead_id="1", temperature="hot"), staffing, default_rules())
    assert "hospital" not in json.dumps(kept.kept())
    assert kept.reps["anna"].absences == (lasts.with_(why=""),)
    assert kept.reps["anna"].open == 3


def test_a_pool_of_ten_is_kept_in_three_kilobytes() -> None:
    rules = default_rules()
    reps = tuple(rules.team.reps[0].with_(id=f"a.person.{number}", cap=20) for number in range(10))
    members = tuple(Member(rep=rep.id, weight=2) for rep in reps)
    pools = tuple(pool.with_(members=members) if pool.id == "sdr" else pool for pool in rules.team.pools)
    rules = rules.with_(team=rules.team.with_(reps=(*rules.team.reps, *reps), pools=pools))
    away = Absence(start=NOW - timedelta(days=1), until=NOW + timedelta(days=9))
    staffing = Staffing(reps={rep.id: RepState(open=12, absences=(away,) if rep is reps[0] else ()) for rep in reps})
    for number in range(100):
        lead = Lead(lead_id=str(number), temperature="hot", ownership=Ownership())
        choice = choose(lead, ADA, staffing, rules, NOW)
        kept = DecisionRecord.of(choice, lead, staffing, rules, NOW).kept()
        staffing = Staffing({**staffing.pools, **choice.turns}, {**staffing.reps, **choice.reps})
    assert len(kept["candidates"]) == 10
    size = len(json.dumps(kept, separators=(",", ":")))
    assert size < 3000


def test_rows_of_a_former_release_and_of_other_decisions_keep_no_record() -> None:
    assert read_record({}) is None
    former = {"rule": "hot", "candidates": {"anna": None}, "given": {"anna": 1}, "unassignable": None}
    assert read_record(former) is None


def test_everything_a_choice_says_is_kept() -> None:
    """Who gives `Choice` another word says here what becomes of it."""
    derived = {"candidates", "turns", "reps"}
    assert {field.name for field in fields(Choice)} == {*CHOSEN, *derived}
    assert Turns() == DecisionRecord(rule="x").staffing().turns("sdr")
