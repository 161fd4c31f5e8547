"""Choosing an owner: everybody gets a verdict, and reassignment has an end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.choose import FALLBACK, Choice, choose, needs
from leadrelay.domain.routing.destination import owner_needed
from leadrelay.domain.routing.ownership import Ownership, Wanted, Why
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.rules import Rules
from tests.domain.people import NOW, failures, profile
from tests.system import default_rules

ADA = profile(lead__email="ada@example.com")


def asked(
    rules: Rules, why: Why = "new", exclude: tuple[str, ...] = (), owner: Ownership | None = None, **changes: object
) -> Choice:
    owner = owner or Ownership()
    lead = Lead(lead_id="1", temperature="hot", ownership=owner, wanted=Wanted(why=why, exclude=exclude, hop=owner.hop))
    return choose(lead.with_(**changes), ADA, Staffing(), rules, NOW)


def ruled(*routes: RouteRule) -> Rules:
    rules = default_rules()
    return Rules.of(rules.with_(routing=rules.routing.with_(rules=routes)))


def route(**where: object) -> RouteRule:
    return RouteRule.model_validate({"id": "only", "if": "True", "says": "", **where})


def test_a_hot_lead_goes_to_the_first_of_its_pool_with_everybodys_verdict() -> None:
    choice = asked(default_rules())
    assert (choice.rule, choice.pool, choice.rep, choice.unassignable) == ("hot", "sdr", "anna", None)
    assert failures(choice.candidates) == {"anna": None, "marek": None, "ivana": None}
    assert choice.turns["sdr"].given == {"anna": 1, "marek": 0, "ivana": 0}


def test_a_recent_owner_is_not_asked_again() -> None:
    choice = asked(default_rules(), "breach", ("anna",), Ownership(rep="anna", pool="sdr", hop=1))
    assert choice.rep == "ivana"
    assert failures(choice.candidates) == {"anna": "recent_owner", "marek": None, "ivana": None}


def test_who_is_inactive_is_not_asked() -> None:
    rules = default_rules()
    reps = tuple(rep.with_(active=rep.id != "anna") for rep in rules.team.reps)
    choice = asked(Rules.of(rules.with_(team=rules.team.with_(reps=reps))))
    assert failures(choice.candidates) == {"anna": "inactive", "marek": None, "ivana": None}
    assert choice.rep != "anna"


def test_after_so_many_owners_the_manager_has_it() -> None:
    owner = Ownership(rep="ivana", pool="sdr", hop=3, previous=("anna", "marek"))
    choice = asked(default_rules(), "breach", ("marek", "ivana"), owner)
    assert (choice.rep, choice.unassignable, choice.turns) == ("nina", "hop_budget_spent", {})


def test_a_lead_cannot_be_passed_round_for_ever() -> None:
    owner = Ownership(rep="ivana", pool="sdr", hop=3, previous=("ivana", "anna"))
    choice = asked(default_rules(), "passed", ("ivana",), owner)
    assert (choice.rep, choice.unassignable) == ("nina", "hop_budget_spent")
    fewer = asked(default_rules(), "passed", ("ivana",), owner.with_(previous=("anna",)))
    assert (fewer.rep, fewer.unassignable) == ("anna", None)


def test_what_the_manager_passes_on_is_the_pools_once_more() -> None:
    owner = Ownership(rep="nina", pool="sdr", hop=4, previous=("anna", "marek", "ivana"))
    choice = asked(default_rules(), "passed", ("nina",), owner)
    assert (choice.rep, choice.unassignable) == ("anna", None)


def test_only_owners_of_the_pool_count_for_its_end() -> None:
    """Two SDRs had it before it was handed over: that is no reason to ask no second account executive."""
    owner = Ownership(rep="tomasz", pool="ae", hop=3, previous=("anna", "marek"))
    choice = asked(default_rules(), "breach", ("marek", "tomasz"), owner)
    assert (choice.rep, choice.pool, choice.unassignable) == ("milica", "ae", None)


def test_when_nobody_may_take_it_the_manager_does() -> None:
    choice = asked(default_rules(), exclude=("anna", "marek", "ivana"))
    assert (choice.rep, choice.pool, choice.unassignable) == ("nina", "sdr", "nobody_eligible")


def test_when_no_rule_holds_revops_has_it_and_says_so() -> None:
    choice = asked(ruled(route(**{"if": "lead.score >= 101"}, pool="sdr")))
    assert (choice.rule, choice.rep, choice.unassignable) == (FALLBACK, "olek", "no_rule")


def test_a_queue_takes_no_turn() -> None:
    choice = asked(default_rules(), temperature=None)
    assert (choice.queue, choice.rep, choice.pool, choice.turns) == ("nurture", None, None, {})


@pytest.mark.parametrize(("exclude", "rep", "why"), [((), "sofia", None), (("sofia",), "olek", "recent_owner")])
def test_a_rule_that_names_one_rep_ends_with_revops(exclude: tuple[str, ...], rep: str, why: str | None) -> None:
    choice = asked(ruled(route(rep="sofia")), "breach", exclude, Ownership(rep="sofia", hop=1))
    assert (choice.rep, choice.unassignable) == (rep, why)


def test_after_a_breach_it_stays_in_its_pool_unless_it_is_handed_over_by_now() -> None:
    owner = Ownership(rep="tomasz", pool="ae", hop=1)
    assert asked(default_rules(), "breach", ("tomasz",), owner).pool == "ae"
    handed = asked(default_rules(), "breach", ("anna",), Ownership(rep="anna", pool="sdr", hop=1), stage="sql")
    assert (handed.pool, handed.rule) == ("ae", "sql/elsewhere")


def test_a_pool_that_was_closed_is_not_asked() -> None:
    lead = Lead(lead_id="1", temperature="hot", ownership=Ownership(rep="x", pool="gone", hop=1))
    lead = lead.with_(wanted=Wanted(why="breach", exclude=("x",), hop=1))
    assert needs(lead, ADA, default_rules(), NOW).pools == ("sdr",)


@pytest.mark.parametrize(
    ("owner", "where", "why"),
    [
        (Ownership(), {"pool": "sdr"}, "new"),
        (Ownership(), {"queue": "nurture"}, "new"),
        (Ownership(queue="nurture", hop=1), {"queue": "nurture"}, None),
        (Ownership(queue="nurture", hop=1), {"pool": "sdr"}, "qualified"),
        (Ownership(rep="anna", pool="sdr", hop=1), {"pool": "ae"}, None),
        (Ownership(rep="anna", pool="sdr", hop=1), {"pool": "ae", "hand_off": True}, "hand_off"),
        (Ownership(rep="tomasz", pool="ae", hop=1), {"pool": "ae", "hand_off": True}, None),
        (Ownership(rep="anna", pool="sdr", hop=1), {"queue": "nurture"}, None),
        (Ownership(rep="anna", pool="sdr", hop=1), {"rep": "sofia", "hand_off": True}, "hand_off"),
        (Ownership(rep="sofia", hop=1), {"rep": "sofia", "hand_off": True}, None),
        (Ownership(outside="9", hop=1), {"pool": "sdr"}, None),
        (Ownership(rep="anna", pool="sdr", hop=1, why="override", since=NOW), {"pool": "ae", "hand_off": True}, None),
        (
            Ownership(rep="anna", pool="sdr", hop=1, why="override", since=NOW - timedelta(hours=24)),
            {"pool": "ae", "hand_off": True},
            "hand_off",
        ),
    ],
)
def test_when_an_owner_is_needed(owner: Ownership, where: dict[str, object], why: str | None) -> None:
    lead = Lead(lead_id="1", ownership=owner)
    needed = owner_needed(lead, route(**where), default_rules(), NOW)
    assert (needed and needed.why, needed and needed.hop) == (why, owner.hop if why else None)
    waiting = lead.with_(wanted=Wanted(why="new", exclude=(), hop=owner.hop))
    assert owner_needed(waiting, route(**where), default_rules(), NOW) is None


def test_who_has_an_owner_keeps_them_when_no_rule_holds_any_more() -> None:
    anna = Lead(lead_id="1", ownership=Ownership(rep="anna", hop=1))
    assert owner_needed(anna, None, default_rules(), NOW) is None
