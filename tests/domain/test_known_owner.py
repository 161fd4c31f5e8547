"""Whose a lead is before it is anybody's turn: while they may take it, and with the reason when they may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.account.evidence import BY_NAME, account_by
from leadrelay.domain.card.card import card_of
from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.choose import Choice, choose, needs
from leadrelay.domain.routing.ownership import Ownership, Wanted, Why
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.rules import Rules
from tests.domain.people import NOW, profile
from tests.system import default_rules

ADA = profile(lead__email="ada@pl.example.com", account__domain="example.com", account__owner="sofia")


def ruled(sticky: bool = True, **where: object) -> Rules:
    rules = default_rules()
    route = RouteRule.model_validate({"id": "only", "if": "True", "says": "Key account", "pool": "ae", **where})
    pools = tuple(pool.with_(sticky=sticky) for pool in rules.team.pools)
    return Rules.of(rules.with_(routing=rules.routing.with_(rules=(route,)), team=rules.team.with_(pools=pools)))


def lead(why: Why = "new", exclude: tuple[str, ...] = (), **owner: object) -> Lead:
    held = Ownership(**owner)  # type: ignore[arg-type]
    wanted = Wanted(why=why, exclude=exclude, hop=held.hop)
    return Lead(lead_id="1", standing="live", temperature="hot", ownership=held, wanted=wanted)


def without(rules: Rules, *gone: str) -> Rules:
    """The team without these reps."""
    reps = tuple(rep.with_(active=rep.active and rep.id not in gone) for rep in rules.team.reps)
    return Rules.of(rules.with_(team=rules.team.with_(reps=reps)))


def asked(rules: Rules, one: Lead, known: Profile = ADA) -> Choice:
    choice = choose(one, known, Staffing(), rules, NOW)
    assert {each.rep for each in choice.candidates} == set(needs(one, known, rules, NOW).reps)
    return choice


def shown(rules: Rules, one: Lead, choice: Choice, known: Profile = ADA) -> str:
    decision = Decision(one, known, rules, NOW)
    assign(choice, decision)
    return str(card_of(decision.lead, known, rules).fields["owner_reason"])


def test_the_owner_of_the_company_has_it_whatever_the_pool() -> None:
    rules, one = ruled(owner="account"), lead()
    choice = asked(rules, one)
    assert (choice.rep, choice.pool, choice.asked_first) == ("sofia", "ae", {"sofia": "account"})
    assert (choice.account_by, choice.turns, choice.skipped) == ("parent_domain", {}, {})
    assert shown(rules, one, choice) == (
        "Key account; Sofia (Enterprise AE) owns the company in the CRM; "
        "the company is known by the domain above that of the address (new lead)"
    )


def test_an_owner_who_is_away_is_named_and_the_pool_has_its_turn() -> None:
    rules, one = without(ruled(owner="account"), "sofia"), lead()
    choice = asked(rules, one)
    assert choice.rep in ("tomasz", "milica")
    assert (choice.asked_first, choice.skipped["sofia"].test) == ({"sofia": "account"}, "inactive")
    assert choice.turns["ae"] != {}
    assert "owns the company in the CRM, but: does not take leads any more" in shown(rules, one, choice)


def test_the_deals_owner_is_asked_and_not_the_companys() -> None:
    known = profile(lead__email="ada@example.com", account__owner="sofia", account__deal_owner="milica")
    choice = asked(ruled(owner="deal", sticky=False), lead(), known)
    assert (choice.rep, choice.asked_first) == ("milica", {"milica": "deal"})


def test_who_had_the_person_last_is_asked_first_and_the_one_before_next() -> None:
    rules, one = ruled(owner="person"), lead(previous=("anna", "marek"))
    assert asked(rules, one).rep == "marek"
    choice = asked(without(rules, "marek"), one)
    assert (choice.rep, choice.asked_first) == ("anna", {"marek": "person", "anna": "person"})
    assert list(choice.skipped) == ["marek"]


def test_a_table_with_owners_falls_back_on_its_row() -> None:
    rules = ruled(owner="account")
    table = {"rows": [{"country": "PL", "pool": "sdr"}, {"pool": "ae"}]}
    route = RouteRule.model_validate(
        {"id": "key", "if": "True", "table": "key", "owner": "account", "says": "Key account"}
    )
    routing = type(rules.routing).model_validate(
        {
            **rules.routing.model_dump(by_alias=True),
            "rules": [route.model_dump(by_alias=True)],
            "tables": {"key": table},
        }
    )
    rules = Rules.of(rules.with_(routing=routing))
    polish = ADA.learn(profile(account__country="PL").values.items())
    choice = asked(without(rules, "sofia"), lead(), polish)
    assert (choice.rule, choice.pool, list(choice.asked_first)) == ("key/1", "sdr", ["sofia"])
    assert asked(rules, lead(), polish).rep == "sofia"


# -- a pool that sticks


def test_who_comes_back_goes_to_whom_they_know_in_the_pool_and_it_counts_as_given() -> None:
    rules = ruled(pool="sdr")
    choice = asked(rules, lead("qualified", queue="nurture", hop=3, previous=("tomasz", "ivana", "marek")))
    assert (choice.rep, choice.asked_first) == ("marek", {"marek": "person"})
    assert choice.turns["sdr"] != asked(ruled(False, pool="sdr"), lead()).turns["sdr"]
    assert choice.account_by == "parent_domain"


def test_nobody_is_told_as_skipped_for_a_lead_that_was_somebody_elses() -> None:
    rules = ruled()
    reps = tuple(rep.with_(cap=1) if rep.id == "tomasz" else rep for rep in rules.team.reps)
    rules = Rules.of(rules.with_(team=rules.team.with_(reps=reps)))
    known = profile(lead__email="ada@example.com", account__owner="milica")
    full = Staffing(reps={"tomasz": RepState(open=1)})
    by_turn = choose(lead(), profile(lead__email="ada@example.com"), full, rules, NOW)
    theirs = choose(lead(), known, full, rules, NOW)
    assert (by_turn.rep, theirs.rep) == ("milica", "milica")
    assert theirs.skipped == {}
    assert by_turn.turns["ae"].of("hot").last["milica"] == 1
    assert not any(theirs.turns["ae"].of("hot").last.values())
    assert theirs.turns["ae"].of("hot").given == by_turn.turns["ae"].of("hot").given


def test_at_night_it_still_is_theirs_unless_somebody_is_sooner_there() -> None:
    rules, night = ruled(pool="sdr"), NOW + timedelta(hours=11)
    for previous, asked_for in (("marek", {"marek": "person"}), ("anna", {"anna": "person"})):
        choice = choose(lead(previous=(previous,)), ADA, Staffing(), rules, night)
        verdicts = {each.rep: each.failed for each in choice.candidates}
        assert verdicts[previous] == "off_hours"
        assert (choice.rep, choice.asked_first) == (previous, asked_for)
        assert previous not in choice.skipped
        assert not any(choice.turns["sdr"].of("hot").last.values())
    leave = RepState(absences=(Absence(start=NOW, until=NOW + timedelta(days=3)),))
    choice = choose(lead(previous=("marek",)), ADA, Staffing(reps={"marek": leave}), rules, night)
    assert choice.rep in ("anna", "ivana")
    assert (choice.asked_first, choice.skipped["marek"].test) == ({"marek": "person"}, "away")


def test_the_last_of_its_team_goes_before_all_others() -> None:
    back = lead(
        "hand_off", rep="ivana", teams={"sdr": "ivana", "ae": "milica"}, previous=("tomasz", "milica", "tomasz")
    )
    rules = ruled()
    pools = tuple(pool.with_(team="ae") if pool.id == "ae" else pool for pool in rules.team.pools)
    rules = Rules.of(rules.with_(team=rules.team.with_(pools=pools)))
    assert asked(rules, back).rep == "milica"


def test_a_member_who_owns_the_company_has_its_people_and_others_do_not() -> None:
    known = profile(lead__email="ada@example.com", account__domain="example.com", account__owner="milica")
    assert asked(ruled(), lead(), known).asked_first == {"milica": "account"}
    assert asked(ruled(), lead()).asked_first == {}
    assert asked(ruled(sticky=False), lead(), known).asked_first == {}


@pytest.mark.parametrize("why", ["breach", "handover", "passed"])
def test_who_did_not_call_or_is_not_there_is_not_asked_because_they_knew_them(why: Why) -> None:
    one = lead(why, ("marek",), rep="marek", pool="sdr", hop=2, previous=("ivana",))
    assert asked(ruled(pool="sdr"), one).asked_first == {}


def test_who_has_just_had_it_is_not_asked_though_they_own_the_company() -> None:
    one = lead("breach", ("sofia",), rep="sofia", pool="ae", hop=1)
    choice = asked(ruled(owner="account"), one)
    assert choice.asked_first == {}
    assert choice.rep in ("tomasz", "milica")


def test_somebody_whom_the_team_does_not_know_is_not_asked() -> None:
    known = profile(lead__email="ada@example.com", account__owner="gone")
    assert asked(ruled(owner="account"), lead(), known).asked_first == {}


REPS = st.sampled_from(["anna", "marek", "ivana", "tomasz", "milica", "sofia", "gone"])


@given(
    st.lists(REPS, max_size=6),
    st.none() | REPS,
    st.none() | REPS,
    st.sets(REPS),
    st.sampled_from([None, "account", "deal", "person"]),
    st.sampled_from(["sdr", "ae"]),
    st.booleans(),
)
def test_whoever_takes_it_may_and_all_who_were_asked_before_may_not(
    previous: list[str],
    owner: str | None,
    deal: str | None,
    away: set[str],
    ruled_owner: str | None,
    pool: str,
    sticky: bool,
) -> None:
    said = {"account__owner": owner, "account__deal_owner": deal}
    known = profile(lead__email="ada@example.com", **{name: rep for name, rep in said.items() if rep is not None})
    rules = without(ruled(sticky, owner=ruled_owner, pool=pool), *away)
    choice = asked(rules, lead(previous=tuple(previous)), known)
    verdicts = {each.rep: each.failed for each in choice.candidates}
    *before, last = [*choice.asked_first] or [None]
    assert set(choice.asked_first) <= set(verdicts)
    assert all(verdicts[rep] is not None for rep in before if rep is not None)
    if last is not None and verdicts[last] is None:
        assert choice.rep == last
    assert all(rep in choice.skipped for rep in choice.asked_first if rep != choice.rep)
    assert "gone" not in choice.asked_first
    if choice.rep is not None and choice.unassignable is None:
        assert verdicts[choice.rep] is None


# -- how the company is known


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("ada@example.com", "domain"),
        ("ada@mail.example.com", "parent_domain"),
        ("ada@example.de", "alias"),
        ("ada@mail.example.de", "alias"),
        ("ada@gmail.com", "website"),
    ],
)
def test_the_company_is_known_by(address: str, found: str) -> None:
    fields = default_rules().fields.with_(account_aliases={"example.de": "example.com"})
    known = profile(lead__email=address, account__domain="example.com")
    assert account_by(known, fields) == found
    named = known.values["account.domain"].with_(source=BY_NAME)
    assert account_by(known.with_(values={**known.values, "account.domain": named}), fields) == "name"
    assert account_by(profile(lead__email=address), fields) is None


def test_whom_they_talk_to_is_asked_first_where_the_rule_says_so() -> None:
    talks = profile(lead__email="ada@example.com", lead__rep="milica")
    rules = ruled(pool="sdr", owner="conversation")
    choice = asked(rules, lead(), talks)
    assert (choice.rep, choice.asked_first) == ("milica", {"milica": "conversation"})
    assert "Milica (AE) talks with them already" in shown(rules, lead(), choice, talks)
    assert asked(ruled(pool="sdr"), lead(), talks).asked_first == {}
    assert asked(without(rules, "milica"), lead(), talks).rep != "milica"
