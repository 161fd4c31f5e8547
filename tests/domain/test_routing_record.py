"""The record of a choice: the same choice can be made again from it, and it says nothing of anybody but in codes."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime, timedelta
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.choose import Choice, choose, needs
from leadrelay.domain.routing.ledger import Turns
from leadrelay.domain.routing.ownership import Ownership, Wanted
from leadrelay.domain.routing.record import CHOSEN, DecisionRecord, passed, read_record
from leadrelay.domain.routing.rep_state import Absence, Allowance, RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.team import Fairness, Member, OutsideHours, Pool, Rep, Strategy, TeamPolicy
from leadrelay.domain.rules import Rules
from tests.domain.people import NOW, profile
from tests.system import default_rules

ADA = profile(lead__email="ada@example.com", lead__language="pl", account__owner="rep3")
HOURS = st.integers(-72, 72).map(lambda hours: NOW + timedelta(hours=hours))
NAMES = [f"rep{number}" for number in range(10)]


@st.composite
def absences(draw: st.DrawFn) -> Absence:
    start = draw(HOURS)
    until = draw(st.none() | st.integers(1, 96).map(lambda hours: start + timedelta(hours=hours)))
    return Absence(start=start, until=until, why=draw(st.sampled_from(["", "a private matter"])))


states = st.builds(
    RepState,
    open=st.integers(0, 20),
    absences=st.lists(absences(), max_size=3).map(tuple),
    back_at=st.none() | HOURS,
    allowance=st.none() | st.builds(Allowance, left=st.integers(-2_000_000, 5_000_000), at=HOURS),
    crm_open=st.none() | st.integers(0, 30),
    crm_seen_at=st.none() | HOURS,
    response_seconds=st.none() | st.integers(0, 9_000),
)


@st.composite
def people(draw: st.DrawFn, name: str, calendars: list[str]) -> Rep:
    return Rep(
        id=name,
        name=name,
        email="",
        calendar=draw(st.sampled_from(calendars)),
        active=draw(st.sampled_from([True, True, True, False])),
        cap=draw(st.none() | st.integers(1, 20)),
        monthly=draw(st.none() | st.integers(1, 60)),
        languages=draw(st.sampled_from([(), ("pl",), ("pl", "sr")])),
        since=draw(st.none() | st.integers(0, 40).map(lambda days: NOW.date() - timedelta(days=days))),
    )


@st.composite
def pools(draw: st.DrawFn, name: str, reps: tuple[Rep, ...], after: str | None) -> Pool:
    fairness = Fairness(
        credits=draw(st.sampled_from([(), ("away",), ("inactive", "away", "off_hours")])),
        half_life_days=draw(st.none() | st.integers(1, 60)),
        ramp_days=draw(st.none() | st.integers(1, 60)),
    )
    return Pool(
        id=name,
        name="",
        members=tuple(Member(rep=rep.id, weight=draw(st.integers(1, 9))) for rep in reps),
        manager="nina",
        strategy=draw(st.sampled_from(get_args(Strategy))),
        sticky=draw(st.booleans()),
        in_time_minutes=draw(st.sampled_from([0, 60, 6000])),
        outside_hours=draw(st.sampled_from(get_args(OutsideHours))),
        follow_the_sun=draw(st.sampled_from([None, after])),
        fairness=fairness,
    )


@st.composite
def teams(draw: st.DrawFn) -> Rules:
    """The default rules with another sales team, that may hand leads over to the enterprise team by the sun."""
    rules = default_rules()
    calendars = sorted(rules.calendars.calendars)
    reps = tuple(draw(people(name, calendars)) for name in NAMES[: draw(st.integers(1, 10))])
    half = draw(st.integers(1, len(reps)))
    team: TeamPolicy = rules.team
    changed = (draw(pools("sdr", reps[:half], "enterprise")), draw(pools("enterprise", reps[half - 1 :], None)))
    others = (each for each in team.pools if each.id not in ("sdr", "enterprise"))
    return rules.with_(team=team.with_(reps=(*team.reps, *reps), pools=(*changed, *others)))


def chosen(lead: Lead, staffing: Staffing, rules: Rules, now: datetime = NOW) -> DecisionRecord:
    return DecisionRecord.of(choose(lead, ADA, staffing, rules, now), lead, staffing, rules, now)


@settings(max_examples=200)
@given(teams(), st.data())
def test_a_choice_is_made_again_exactly_from_what_its_row_keeps(rules: Rules, data: st.DataObject) -> None:
    """One after another, so that turns and states are those of a team at work."""
    staffing, now = Staffing(reps={name: data.draw(states) for name in NAMES}), data.draw(HOURS)
    for number in range(data.draw(st.integers(1, 6))):
        recent = data.draw(st.lists(st.sampled_from(NAMES), max_size=2))
        hot = data.draw(st.sampled_from(["hot", None]))
        why = data.draw(st.sampled_from(["new", "breach", "passed", "handover", "hand_back"]))
        owner = Ownership(
            rep=data.draw(st.none() | st.sampled_from(NAMES)), pool="sdr", previous=tuple(recent), hop=len(recent)
        )
        wanted = Wanted(why=why, exclude=tuple(recent), hop=owner.hop)
        lead = Lead(lead_id=str(number), temperature=hot, stage="mql", ownership=owner, wanted=wanted)
        asked = needs(lead, ADA, rules, now)
        read = Staffing(
            {pool: staffing.turns(pool) for pool in asked.pools},
            {rep: staffing.rep(rep) for rep in asked.reps},
            tuple(data.draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))),
        )
        record = chosen(lead, read, rules, now)
        again = read_record(json.loads(json.dumps(record.kept())))
        assert again == record
        assert record.differs(chosen(lead, again.staffing(), rules, now)) == {}
        choice = choose(lead, ADA, read, rules, now)
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
    assert {field.name for field in fields(Staffing)} == {"pools", "reps", "colleagues"}
    assert Turns() == DecisionRecord(rule="x").staffing().turns("sdr")
