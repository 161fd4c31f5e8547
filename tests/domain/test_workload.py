"""Whose open lead it is; how fast a rep answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.facts import SlaMet
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.ownership import Ownership, Wanted
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.staffing import Needs, Staffing
from leadrelay.domain.routing.workload import carrier, responses, shifts
from tests.system import default_rules

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWNED = Lead(lead_id="1", standing="live", stage="mql", ownership=Ownership(rep="anna", pool="sdr", since=NOW, hop=1))
CALL = Clock(
    kind="first_contact", hop=1, policy="hot", calendar="pl", started_at=NOW, due_at=NOW + timedelta(minutes=5)
)


def test_an_owned_live_lead_weighs_on_its_owner_even_while_the_next_is_chosen() -> None:
    wanted = OWNED.with_(wanted=Wanted(why="breach", exclude=("anna",), hop=1))
    assert (carrier(OWNED, default_rules()), carrier(wanted, default_rules())) == ("anna", "anna")


@pytest.mark.parametrize(
    "change",
    [
        {"ownership": Ownership()},
        {"ownership": Ownership(queue="newsletter")},
        {"ownership": Ownership(outside="owner-9")},
        {"ownership": Ownership(pool="sdr", waits="backlog")},
        {"standing": "shadow"},
        {"standing": "imported"},
        {"standing": "gone"},
        {"merged_into": "2"},
        {"disposition": "rejected"},
        {"disposition": "recycled"},
        {"retired_at": NOW},
        {"stage": "customer"},
    ],
)
def test_nobody_carries_what_nobody_works(change: dict[str, object]) -> None:
    assert carrier(OWNED.with_(**change), default_rules()) is None


@pytest.mark.parametrize("change", [{"clocks": (CALL,)}, {"deals": {"d-1": "won", "d-2": "open"}}])
def test_a_customer_is_an_open_lead_again_with_a_new_request_or_another_deal(change: dict[str, object]) -> None:
    assert carrier(OWNED.with_(stage="customer", **change), default_rules()) == "anna"


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        (None, None, {}),
        ("anna", "anna", {}),
        (None, "anna", {"anna": 1}),
        ("anna", None, {"anna": -1}),
        ("anna", "ben", {"anna": -1, "ben": 1}),
    ],
)
def test_a_lead_moves_from_one_load_to_another(before: str | None, after: str | None, moved: dict[str, int]) -> None:
    assert shifts(before, after) == moved


_CARRIERS = st.lists(st.sampled_from(["anna", "ben", "cara", None]), max_size=30)


@given(_CARRIERS)
def test_after_any_history_the_last_carrier_and_nobody_else_has_one_more(carriers: list[str | None]) -> None:
    staffing = Staffing()
    for before, after in zip([None, *carriers], carriers, strict=False):
        staffing = staffing.shifted(shifts(before, after))
    loads = {rep: state.open for rep, state in staffing.reps.items() if state.open}
    last = carriers[-1] if carriers else None
    assert loads == ({} if last is None else {last: 1})


def test_a_first_contact_is_the_owners_of_that_time_and_no_other_promise_counts() -> None:
    met = SlaMet(kind="first_contact", hop=1, policy="hot", in_time=True, owner_seconds=90, lead_seconds=95)
    other = met.with_(kind="next_step", owner_seconds=1)
    assert list(responses(OWNED, [other, met])) == [("anna", 90)]
    assert list(responses(OWNED.with_(ownership=Ownership(queue="newsletter")), [met])) == []


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=20))
def test_the_response_time_of_a_few_contacts_is_their_mean(times: list[int]) -> None:
    state = RepState()
    for seconds in times:
        state = state.responded(seconds)
    assert state.responses == len(times)
    assert abs(Fraction(state.response_seconds or 0) - Fraction(sum(times), len(times))) <= len(times)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_who_changes_is_known_by_the_new_time_sooner_or_later(first: int, then: int) -> None:
    state = RepState()
    for seconds in [first] * 40 + [then] * 200:
        state = state.responded(seconds)
    assert abs((state.response_seconds or 0) - then) <= 10  # a rest of half a second in each rounding


def test_a_choice_sees_only_what_it_asked_for() -> None:
    staffing = Staffing().shifted({"anna": 2, "ben": 1})
    assert staffing.only(Needs(reps=("anna", "nobody"))).reps == {"anna": RepState(open=2)}
