"""Who may see what: by the rules of now, never by more than was proven."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from leadrelay.domain.reporting.access import Claim, Viewer, by_name, viewer_of, worth_keeping
from leadrelay.domain.reporting.policy import ReportsPolicy, SeesAll
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.rules import Rules
from tests.system import default_rules


def rules(reps_see: str = "own", *viewers: SeesAll) -> Rules:
    """The default team, seen so."""
    policy = ReportsPolicy.model_validate({"reps_see": reps_see}).with_(viewers=viewers)
    return Rules.of(default_rules().with_(reports=policy))


def without(rep: str) -> Rules:
    """The default team, which somebody has left."""
    team = default_rules().team
    left = tuple(each.with_(active=each.id != rep) for each in team.reps)
    return Rules.of(default_rules().with_(team=team.with_(reps=left)))


LISTED = (
    SeesAll(email="Cmo@example.com"),
    SeesAll(group="revenue", role="revops"),
    SeesAll(subject="a-program", role="revops"),
)
REP = Viewer(role="rep", rep="anna")


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (Claim(email="anna@example.com"), ("rep", "anna")),
        (Claim(email=" ANNA@Example.com "), ("rep", "anna")),
        (Claim(email="nina@example.com"), ("manager", "nina")),
        (Claim(email="olek@example.com"), ("revops", "olek")),
        (Claim(email="cmo@example.com"), ("manager", None)),
        (Claim(email="anna@example.com", groups=("revenue",)), ("revops", "anna")),
        (Claim(email="cmo@example.com", groups=("revenue",)), ("revops", None)),
        (Claim(subject="a-program"), ("revops", None)),
        (Claim(role="manager"), ("manager", None)),
        (Claim(role="rep", rep="marek"), ("rep", "marek")),
    ],
)
def test_who_is_known_sees_what_the_rules_say(claim: Claim, expected: tuple[str, str | None]) -> None:
    viewer = viewer_of(claim, rules("own", *LISTED))
    assert viewer is not None
    assert (viewer.role, viewer.rep) == expected


@pytest.mark.parametrize(
    "claim",
    [
        Claim(),
        Claim(email=""),
        Claim(email="stranger@example.com"),
        Claim(email="anna@example.com.attacker.example"),
        Claim(groups=("Revenue", "")),
        Claim(subject=""),
        Claim(role="rep"),
        Claim(role="rep", rep="nobody"),
    ],
)
def test_a_stranger_sees_nothing(claim: Claim) -> None:
    assert viewer_of(claim, rules("all", *LISTED)) is None


def test_who_is_listed_nowhere_is_not_let_in_by_an_empty_list() -> None:
    assert viewer_of(Claim(subject="a-program", groups=("revenue",)), rules()) is None


@pytest.mark.parametrize("claim", [Claim(email="marek@example.com"), Claim(role="rep", rep="marek")])
def test_who_left_sees_nothing_from_then_on(claim: Claim) -> None:
    assert viewer_of(claim, rules()) is not None
    assert viewer_of(claim, without("marek")) is None


@pytest.mark.parametrize(
    ("reps_see", "owner", "seen"),
    [
        ("own", Ownership(rep="anna", pool="sdr"), True),
        ("own", Ownership(rep="marek", pool="sdr"), False),
        ("own", Ownership(), False),
        ("own", Ownership(pool="sdr", waits="claim"), False),
        ("pool", Ownership(rep="anna", pool="sdr"), True),
        ("pool", Ownership(rep="marek", pool="sdr"), True),
        ("pool", Ownership(pool="sdr", waits="claim"), True),
        ("pool", Ownership(pool="ae", waits="claim"), False),
        ("pool", Ownership(rep="sofia", pool="enterprise"), False),
        ("pool", Ownership(queue="nurture"), False),
        ("all", Ownership(rep="sofia", pool="enterprise"), True),
        ("all", Ownership(), True),
    ],
)
def test_a_rep_sees_by_name_whom_the_rules_say(reps_see: str, owner: Ownership, seen: bool) -> None:
    assert by_name(REP, owner, rules(reps_see)) is seen


@given(
    role=st.sampled_from(["manager", "revops"]),
    owner=st.builds(Ownership, rep=st.sampled_from([None, "anna", "sofia"]), pool=st.sampled_from([None, "sdr"])),
)
def test_managers_and_revops_see_all(role: str, owner: Ownership) -> None:
    assert by_name(Viewer.model_validate({"role": role}), owner, rules())


def test_a_manager_without_a_name_is_no_owner_of_what_nobody_has() -> None:
    assert not by_name(Viewer(role="rep"), Ownership(), rules())
    assert not by_name(Viewer(role="rep"), Ownership(queue="nurture"), rules("pool"))


def test_only_what_the_rules_ask_about_is_kept() -> None:
    claim = Claim(email="x@example.com", groups=("revenue", "everybody"), subject="4711")
    assert worth_keeping(claim, rules("own", *LISTED)) == Claim(email="x@example.com", groups=("revenue",))
    assert worth_keeping(claim.with_(subject="a-program"), rules("own", *LISTED)).subject == "a-program"
    assert worth_keeping(Claim(groups=("revenue",)), rules()).groups == ()


@pytest.mark.parametrize("named", [{}, {"email": "a@example.com", "group": "x"}, {"email": ""}])
def test_a_viewer_is_named_in_one_way(named: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="name one of"):
        SeesAll.model_validate(named)
