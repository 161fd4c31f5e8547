"""Who may take a lead: each test by itself, their order, and what follows where nobody passes them all."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.card.card import card_of
from leadrelay.domain.clocks.business_time import CalendarSpec
from leadrelay.domain.clocks.callback import Callback
from leadrelay.domain.clocks.starting import contact_clock
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.allowance import LEAD
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.choose import Choice, choose, needs
from leadrelay.domain.routing.eligibility import TESTS
from leadrelay.domain.routing.ownership import Ownership, Wanted
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.rep_state import Absence, Allowance, RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.team import Member, Pool, Rep
from leadrelay.domain.rules import Rules
from leadrelay.domain.view import view
from tests.domain.people import NOW, failures, profile, told, words
from tests.domain.people import given as give
from tests.system import default_rules

WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
ZONES = {"warsaw": "Europe/Warsaw", "york": "America/New_York", "kolkata": "Asia/Kolkata"}
NIGHT = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
"""Monday: 21:30 in Warsaw, 15:30 in New York, 2:00 of Tuesday in India."""

HOT: dict[str, Any] = {"lead_id": "1", "standing": "live", "temperature": "hot"}


def person(rep: str, calendar: str = "warsaw", **about: Any) -> Rep:
    return Rep(id=rep, name=rep.title(), email="", calendar=calendar, **about)


def team(*reps: Rep, other: tuple[Rep, ...] = (), route: dict[str, Any] | None = None, **about: Any) -> Rules:
    """Rules with one pool of these people, and a second pool of others."""
    rules, boss = default_rules(), person("boss")
    calendars = {name: CalendarSpec.model_validate({"tz": zone, "week": WEEK}) for name, zone in ZONES.items()}
    pools = (
        Pool(id="p", name="", manager="boss", members=tuple(Member(rep=rep.id) for rep in reps), **about),
        Pool(id="q", name="", manager="boss", members=tuple(Member(rep=rep.id) for rep in other)),
    )
    one = RouteRule.model_validate({"id": "only", "if": "True", "pool": "p", "says": "Because", **(route or {})})
    return Rules.of(
        rules.with_(
            team=rules.team.with_(reps=(*reps, *other, boss), pools=pools, revops="boss"),
            calendars=rules.calendars.with_(calendars=calendars),
            routing=rules.routing.with_(rules=(one,)),
        )
    )


def chosen(
    rules: Rules, at: datetime = NOW, who: Profile | None = None, states: dict[str, RepState] | None = None, **lead: Any
) -> Choice:
    asked = {"wanted": Wanted(why="new", exclude=(), hop=0), **HOT, **lead}
    return choose(Lead(**asked), who or Profile(), Staffing(reps=states or {}), rules, at)


def verdicts(choice: Choice) -> list[str | None]:
    return [candidate.failed for candidate in choice.candidates]


def absent(start: float, until: float | None, at: datetime = NOW) -> RepState:
    """In hours from `at`."""
    end = None if until is None else at + timedelta(hours=until)
    return RepState(absences=(Absence(start=at + timedelta(hours=start), until=end),))


EMPTY = RepState(allowance=Allowance(left=0, at=NOW))


# ---- each test by itself, and their order


def test_the_first_test_that_fails_is_told_and_the_order_is_that_of_the_pages() -> None:
    full = RepState(open=3, allowance=Allowance(left=0, at=NIGHT), absences=absent(0, None, NIGHT).absences)
    person_ = person("anna", active=False, languages=("de",), cap=3, monthly=5)
    mended: list[tuple[str, Any, RepState, tuple[str, ...], datetime]] = [
        ("inactive", {}, full, ("anna",), NIGHT),
        ("skill", {"active": True}, full, ("anna",), NIGHT),
        ("language", {"skills": ("cloud",)}, full, ("anna",), NIGHT),
        ("recent_owner", {"languages": ("de", "pl")}, full, ("anna",), NIGHT),
        ("away", {}, full, (), NIGHT),
        ("off_hours", {}, full.with_(absences=()), (), NIGHT),
        ("cap", {}, full.with_(absences=()), (), NOW),
        ("rate", {"cap": 4}, full.with_(absences=(), allowance=EMPTY.allowance), (), NOW),
        ("none", {"monthly": None}, full.with_(absences=()), (), NOW),
    ]
    found = []
    for _, better, state, exclude, at in mended:
        person_ = person_.with_(**better)
        rules = team(person_, route={"needs": ["cloud"], "language": "require"}, outside_hours="hold")
        wanted = Wanted(why="new", exclude=exclude, hop=0)
        choice = chosen(rules, at, profile(lead__language="pl"), {"anna": state}, wanted=wanted)
        found += verdicts(choice)
    assert found == [*(name for name, *_ in mended[:-1]), None]
    assert [name for name, _ in TESTS] == [name for name, *_ in mended[:-1]]


@pytest.mark.parametrize(
    ("language", "speaks", "wish", "failed"),
    [
        ("pl", ("pl",), "require", None),
        ("pl", ("de",), "require", "language"),
        ("pl", (), "require", None),
        (None, ("de",), "require", None),
        ("pl", ("de",), "prefer", None),
        ("pl", ("de",), "ignore", None),
    ],
)
def test_a_language_is_required_only_where_the_rule_says_so_and_both_are_known(
    language: str | None, speaks: tuple[str, ...], wish: str, failed: str | None
) -> None:
    rules = team(person("anna", languages=speaks), route={"language": wish})
    who = profile() if language is None else profile(lead__language=language)
    assert verdicts(chosen(rules, who=who)) == [failed]


def preferred(choice: Choice) -> list[bool]:
    return [candidate.preferred for candidate in choice.candidates]


def test_who_speaks_the_language_and_has_the_skill_is_preferred() -> None:
    reps = (person("anna", languages=("de",)), person("bea"), person("cleo", languages=("pl",), skills=("cloud",)))
    pole = profile(lead__language="pl")
    choice = chosen(team(*reps), who=pole)
    assert (choice.rep, preferred(choice)) == ("cleo", [False, False, True])
    assert preferred(chosen(team(*reps, route={"prefers": ["cloud"]}))) == [False, False, True]
    assert preferred(chosen(team(*reps, route={"prefers": ["cloud", "sap"]}), who=pole)) == [False] * 3
    assert preferred(chosen(team(*reps, route={"language": "ignore"}), who=pole)) == [False] * 3
    assert preferred(chosen(team(*reps))) == [False] * 3


def test_who_stays_in_the_pool_that_had_it_is_not_asked_what_another_rule_needs() -> None:
    rules = team(person("anna"), other=(person("bea"),), route={"needs": ["cloud"]})
    owner = Ownership(rep="bea", pool="q", hop=1)
    wanted = Wanted(why="breach", exclude=(), hop=1)
    assert verdicts(chosen(rules, ownership=owner, wanted=wanted)) == [None]
    assert verdicts(chosen(rules)) == ["skill"]


# ---- away


@pytest.mark.parametrize(
    ("start", "until", "at", "failed"),
    [
        (-1, 1, NOW, "away"),
        (-1, None, NOW, "away"),
        (2, 9, NOW, None),
        (-9, -1, NOW, None),
        (10, 40, NIGHT, "away"),  # a leave that begins before they could call
        (-10, 11, NIGHT, "off_hours"),  # away tonight, back when the day begins
        (40, 90, NIGHT, "off_hours"),
    ],
)
def test_one_must_be_there_when_one_could_call(start: float, until: float | None, at: datetime, failed: str) -> None:
    rules = team(person("anna"), outside_hours="hold")
    assert verdicts(chosen(rules, at, states={"anna": absent(start, until, at)})) == [failed]


# ---- in time


def test_who_works_now_is_asked_before_who_could_call_tomorrow() -> None:
    rules = team(person("anna"), person("yves", "york"), person("indra", "kolkata"))
    choice = chosen(rules, NIGHT)
    assert (choice.rep, verdicts(choice)) == ("yves", ["off_hours", None, "off_hours"])
    due = {candidate.rep: candidate.due_at for candidate in choice.candidates}
    assert due["yves"] == NIGHT + timedelta(minutes=5)
    assert due["indra"] == datetime(2026, 11, 24, 3, 35, tzinfo=UTC)
    assert due["anna"] == datetime(2026, 11, 24, 8, 5, tzinfo=UTC)


def test_what_a_candidate_would_owe_is_what_the_clock_holds_the_owner_to() -> None:
    rules = team(person("anna"), person("yves", "york"), person("indra", "kolkata"))
    lead = Lead(**HOT, wanted=Wanted(why="new", exclude=(), hop=0))
    for candidate in choose(lead, Profile(), Staffing(), rules, NIGHT).candidates:
        started = contact_clock(lead, candidate.rep, view(lead, Profile(), rules), rules, NIGHT)
        assert started is not None
        assert started.clock.due_at == candidate.due_at


def test_who_begins_first_has_it_where_nobody_works_and_turns_are_fair_among_equals() -> None:
    late = NIGHT + timedelta(hours=2)
    rules = team(person("anna"), person("bea"), person("indra", "kolkata"), person("yves", "york"))
    assert chosen(rules, late).rep == "indra"
    gone = {"indra": absent(0, None, late)}
    staffing, got = Staffing(reps=gone), Counter[str | None]()
    for number in range(20):
        lead = Lead(**{**HOT, "lead_id": f"{number}", "wanted": Wanted(why="new", exclude=(), hop=0)})
        choice = choose(lead, Profile(), staffing, rules, late)
        staffing = staffing.after(choice.turns, choice.reps)
        got[choice.rep] += 1
    assert got == {"anna": 10, "bea": 10}


def test_a_pool_may_have_patience() -> None:
    early = datetime(2026, 11, 23, 7, 40, tzinfo=UTC)  # twenty minutes before Warsaw begins
    pool = (person("anna"), person("indra", "kolkata"))
    assert verdicts(chosen(team(*pool, in_time_minutes=19), early)) == ["off_hours", None]
    assert verdicts(chosen(team(*pool, in_time_minutes=20), early)) == [None, None]


def test_the_pool_that_follows_the_sun_is_asked_before_the_next_shift() -> None:
    anna, yves, zoe = person("anna"), person("yves", "york"), person("zoe", "york")
    rules = team(anna, zoe, other=(yves, zoe), follow_the_sun="q")
    away = {"zoe": absent(0, None, NIGHT)}
    choice = chosen(rules, NIGHT, states=away)
    assert (choice.rep, choice.pool, list(choice.turns)) == ("yves", "q", ["q"])
    assert failures(choice.candidates) == {"anna": "off_hours", "zoe": "away", "yves": None}
    assert set(choice.skipped) == {"anna", "zoe"}
    lead = Lead(**HOT, wanted=Wanted(why="new", exclude=(), hop=0))
    assert needs(lead, Profile(), rules, NIGHT).pools == ("p", "q")
    assert set(needs(lead, Profile(), rules, NIGHT).reps) == {"anna", "zoe", "yves"}
    late = NIGHT + timedelta(hours=3)
    assert (chosen(rules, late, states=away).rep, chosen(rules, late, states=away).pool) == ("anna", "p")
    assert chosen(rules, NOW).pool == "p"


def test_pools_that_follow_one_another_in_a_circle_are_asked_once() -> None:
    rules = team(person("anna"), other=(person("bea"),), follow_the_sun="q")
    pools = tuple(pool.with_(follow_the_sun={"p": "q", "q": "p"}[pool.id]) for pool in rules.team.pools)
    circle = Rules.of(rules.with_(team=rules.team.with_(pools=pools)))
    assert chosen(circle, NIGHT).rep == "anna"


@pytest.mark.parametrize(("policy", "rep", "waits"), [("next_shift", "anna", None), ("hold", None, "backlog")])
def test_outside_hours_the_pool_says_whether_the_lead_waits(policy: str, rep: str | None, waits: str | None) -> None:
    choice = chosen(team(person("anna"), outside_hours=policy), NIGHT)
    assert (choice.rep, choice.waits, choice.pool, choice.unassignable) == (rep, waits, "p", None)
    assert verdicts(choice) == ["off_hours"]


def test_who_fails_more_than_the_hours_gets_nothing_at_night_either() -> None:
    rules = team(person("anna", cap=2), person("bea", monthly=3))
    states = {"anna": RepState(open=2), "bea": RepState(allowance=Allowance(left=LEAD - 1, at=NIGHT))}
    choice = chosen(rules, NIGHT, states=states)
    assert (choice.rep, choice.waits) == (None, "backlog")
    assert verdicts(choice) == ["off_hours", "off_hours"]


def test_a_call_at_their_own_time_goes_to_who_works_then() -> None:
    call = Callback(at=NIGHT, asked_at=NOW, touch_id="t")
    rules = team(person("anna"), person("yves", "york"))
    choice = chosen(rules, NOW, callback=call)
    assert (choice.rep, verdicts(choice)) == ("yves", ["off_hours", None])
    assert choice.candidates[1].due_at == NIGHT
    alone = chosen(team(person("anna"), person("indra", "kolkata")), NOW, callback=call)
    assert alone.rep == "anna"  # 17:00 in Warsaw is nearer to what they asked for than 9:00 in India


def test_a_policy_may_count_in_other_hours_than_the_reps_but_the_rep_must_work() -> None:
    rules = team(person("anna"), person("yves", "york"))
    first, *others = rules.sla.first_contact
    sla = rules.sla.with_(first_contact=(first.with_(calendar="warsaw"), *others))
    support = Rules.of(rules.with_(sla=sla))
    assert verdicts(chosen(support, NOW)) == [None, "off_hours"]  # 12:00 in Warsaw, 6:00 in New York
    tonight = chosen(support, NIGHT)
    assert verdicts(tonight) == [None, None]  # what is owed by Tuesday 9:05 both can do by then
    assert tonight.candidates[0].due_at == datetime(2026, 11, 24, 8, 5, tzinfo=UTC)


def test_a_policy_for_a_pool_is_that_of_the_pool_that_is_asked() -> None:
    rules = team(person("anna"))
    slow = rules.sla.first_contact[0].model_copy(update={"id": "slow", "if_": 'lead.pool == "p"', "minutes": 60})
    sla = rules.sla.with_(first_contact=(slow, *rules.sla.first_contact))
    (anna,) = chosen(Rules.of(rules.with_(sla=sla))).candidates
    assert anna.due_at == NOW + timedelta(minutes=60)


def test_who_owes_no_contact_is_not_held_up_by_the_hours() -> None:
    owner = Ownership(rep="bea", pool="q", hop=1)
    handed: dict[str, Any] = {
        "ownership": owner,
        "wanted": Wanted(why="hand_off", exclude=(), hop=1),
        "contacted_at": NOW,
    }
    choice = chosen(team(person("anna"), outside_hours="hold"), NIGHT, **handed)
    assert (choice.rep, choice.candidates[0].due_at) == ("anna", None)


def test_somebody_whose_calendar_never_opens_is_never_chosen() -> None:
    rules = team(person("anna", "closed"))
    shut = [NOW.date() + timedelta(days=number) for number in range(500)]
    closed = CalendarSpec.model_validate({"tz": "UTC", "week": WEEK, "holidays": shut})
    calendars = {**rules.calendars.calendars, "closed": closed}
    choice = chosen(Rules.of(rules.with_(calendars=rules.calendars.with_(calendars=calendars))))
    assert (choice.rep, verdicts(choice)) == (None, ["off_hours"])


# ---- the promise


def promised(at: datetime) -> tuple[Lead, str]:
    rules = team(person("anna"), person("bea"))
    decision = told(words(email="ada@example.com"), rules=rules, at=at)
    give(decision)
    return decision.lead, str(card_of(decision.lead, decision.profile, rules).fields["owner_reason"])


def test_the_card_says_the_honest_promise_where_nobody_could_be_in_time() -> None:
    lead, reason = promised(NIGHT)
    assert lead.ownership.due_at == datetime(2026, 11, 24, 8, 5, tzinfo=UTC)
    assert reason.endswith("; nobody could be in time, first contact is promised by Tue 24 Nov 09:05 Warsaw")
    clock = lead.clock("first_contact")
    assert clock is not None
    assert clock.due_at == lead.ownership.due_at
    assert lead.ownership.rep not in lead.ownership.skipped


def test_nothing_is_said_of_a_promise_that_is_kept_as_usual() -> None:
    lead, reason = promised(NOW)
    assert (lead.ownership.due_at, "promised" in reason) == (None, False)


# ---- a rep whom a rule names


def test_a_rep_whom_a_rule_names_keeps_their_own_hours() -> None:
    rules = team(person("anna", monthly=40), route={"pool": None, "rep": "anna"})
    choice = chosen(rules, NIGHT)
    assert (choice.rep, choice.unassignable, choice.skipped) == ("anna", None, {})
    assert choice.reps["anna"].allowance is not None
    gone = chosen(rules, NIGHT, states={"anna": absent(0, None, NIGHT)})
    assert (gone.rep, gone.unassignable, list(gone.skipped), gone.reps) == ("boss", "away", ["anna"], {})


# ---- cap and allowance


@pytest.mark.parametrize(
    ("ours", "theirs", "age", "failed"),
    [(2, None, 0, None), (3, None, 0, "cap"), (0, 3, 1, "cap"), (0, 3, 23, "cap"), (0, 3, 25, None), (3, 0, 1, "cap")],
)
def test_the_cap_counts_what_we_gave_and_what_the_crm_lately_saw(
    ours: int, theirs: int | None, age: int, failed: str | None
) -> None:
    state = RepState(open=ours, crm_open=theirs, crm_seen_at=NOW - timedelta(hours=age))
    assert verdicts(chosen(team(person("anna", cap=3)), states={"anna": state})) == [failed]


def test_a_lead_is_paid_from_the_allowance_of_who_gets_it_and_of_nobody_else() -> None:
    rules = team(person("anna", monthly=60), person("bea", monthly=60))
    state = RepState(allowance=Allowance(left=2 * LEAD, at=NOW))
    choice = chosen(rules, states={"anna": state, "bea": state})
    assert choice.rep is not None
    assert list(choice.reps) == [choice.rep]
    assert choice.reps[choice.rep].allowance == Allowance(left=LEAD, at=NOW)


HOURS = st.integers(0, 24 * 14).map(lambda hour: NOW + timedelta(hours=hour))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ZONES)), st.integers(1, 4), st.integers(1, 40)), min_size=1, max_size=5),
    st.lists(HOURS, min_size=1, max_size=40).map(sorted),
    st.sampled_from(["next_shift", "hold"]),
)
def test_nobody_ever_gets_more_than_cap_and_allowance_let_them(
    people: list[tuple[str, int, int]], times: list[datetime], policy: str
) -> None:
    reps = [person(f"r{n}", zone, cap=cap, monthly=monthly) for n, (zone, cap, monthly) in enumerate(people)]
    rules, staffing = team(*reps, outside_hours=policy), Staffing()
    for number, at in enumerate(times):
        lead = Lead(**{**HOT, "lead_id": f"{number}", "wanted": Wanted(why="new", exclude=(), hop=0)})
        choice = choose(lead, Profile(), staffing, rules, at)
        if choice.rep in {rep.id for rep in reps}:
            chose = next(each for each in choice.candidates if each.rep == choice.rep)
            assert chose.failed is None or nobody_better(chose, choice.candidates)
            staffing = staffing.after(choice.turns, choice.reps).shifted({choice.rep: 1})
        else:
            assert choice.waits == "backlog"
            assert all(each.failed is not None for each in choice.candidates)
    for rep in reps:
        state = staffing.rep(rep.id)
        assert state.open <= (rep.cap or 0)
        assert state.allowance is None or state.allowance.left >= 0


def nobody_better(chose: Candidate, candidates: tuple[Candidate, ...]) -> bool:
    """Nobody may take it, and none of those who fail the hours alone is sooner."""
    late = [each.late for each in candidates if each.late is not None]
    return all(each.failed is not None for each in candidates) and chose.late == min(late)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ZONES)), st.booleans(), st.integers(0, 3)), min_size=2, max_size=6),
    HOURS,
    st.randoms(use_true_random=False),
)
def test_the_order_of_a_pool_changes_no_verdict(people: list[tuple[str, bool, int]], at: datetime, chance: Any) -> None:
    reps = [person(f"r{n}", zone, active=active, cap=2) for n, (zone, active, _) in enumerate(people)]
    states = {f"r{number}": RepState(open=had) for number, (_, _, had) in enumerate(people)}
    mixed = chance.sample(reps, len(reps))
    one, other = (chosen(team(*each), at, states=states) for each in (reps, mixed))
    assert failures(one.candidates) == failures(other.candidates)
    assert (one.rep, one.waits) == (other.rep, other.waits)
