"""A rep's page: the most urgent first, everything at hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leadrelay.domain.notices.policy import Language
from leadrelay.reports.pages import mine_page
from leadrelay.reports.pages.mine import urgency
from leadrelay.workflows.my_leads import MOST, MyLead
from tests.reports.pages.reading import BAD, hrefs, read
from tests.reports.pages.samples import NOW, frame, text_of


def lead(number: int = 1, **more: Any) -> MyLead:
    usual: dict[str, Any] = {
        "lead_id": f"{number:032x}", "who": "Ada Example", "company": "Example Ltd", "phone": "+48221234567",
        "intent": "demo_request", "score": 71, "stage": "mql",
        "status": "new", "hot": True, "source": "website", "since": NOW, "clock": "first_contact",
        "due_at": NOW + timedelta(minutes=5), "late": False, "step": "Call now",
        "step_due_at": NOW + timedelta(minutes=5), "crm_url": "https://crm.example/1",
    }  # fmt: skip
    return MyLead.model_validate({**usual, **more})


def test_a_card_has_who_what_by_when_and_the_way_there() -> None:
    page = mine_page([lead()], frame())
    told = text_of(page)
    for text in (
        "Ada Example Example Ltd",
        "Hot",
        "MQL",
        "New",
        "Score 71",
        "Website",
        "Asked for: Demo request",
        "Call +48221234567",
        "Open in HubSpot",
        "Story",
    ):
        assert text in told, text
    assert told.count("22 Nov 2026, 15:10") == 1, "the step keeps the promise: it is told once"
    assert {"tel:+48221234567", "https://crm.example/1", "/dashboard/leads/" + f"{1:032x}"} <= set(hrefs(page))


def test_a_promise_beside_the_next_step_has_a_line_of_its_own() -> None:
    told = text_of(mine_page([lead(clock="follow_up", due_at=NOW + timedelta(hours=3))], frame()))
    assert "Follow-up – by 22 Nov 2026, 18:05" in told
    assert "Call now – by 22 Nov 2026, 15:10" in told


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"late": True}, "overdue"),
        ({"step_due_at": NOW - timedelta(seconds=1)}, "overdue"),
        ({}, "today"),
        ({"due_at": datetime(2026, 11, 22, 22, 59, tzinfo=UTC), "step_due_at": None}, "today"),
        ({"due_at": datetime(2026, 11, 22, 23, 0, tzinfo=UTC), "step_due_at": None}, "later"),
        ({"due_at": None, "step_due_at": None}, "later"),
    ],
)
def test_urgency_is_by_the_day_of_the_reader(more: dict[str, Any], expected: str) -> None:
    """Midnight in Warsaw is 23:00 UTC."""
    assert urgency(lead(**more), frame()) == expected


def test_groups_keep_the_order_they_come_in_and_empty_ones_are_left_out() -> None:
    leads = [lead(1, who="Late", late=True), lead(2, who="First"), lead(3, who="Second"), lead(4, who="Old", late=True)]
    told = text_of(mine_page(leads, frame()))
    places = [told.index(name) for name in ("Overdue 2", "Late", "Old", "Today 2", "First", "Second")]
    assert places == sorted(places)
    assert "Later" not in told


def test_nothing_to_do_and_too_much_to_do_are_said() -> None:
    assert "You have no open leads." in text_of(mine_page([], frame()))
    full = text_of(mine_page([lead(number) for number in range(MOST)], frame()))
    assert f"Open leads: {MOST} · Shown: the {MOST} most urgent." in full
    assert "Shown:" not in text_of(mine_page([lead()], frame()))


def test_who_has_no_name_no_plan_and_no_record_is_shown_all_the_same() -> None:
    nothing = dict.fromkeys(("intent", "source", "clock", "due_at", "step", "step_due_at", "crm_url"))
    bare = lead(who="", company="", phone="", hot=False, **nothing)
    page = mine_page([bare], frame())
    told = text_of(page)
    assert "without a name" in told
    assert "Nothing is planned" in told
    assert "Open in" not in told
    assert not [each for each in hrefs(page) if each.startswith("tel:")]


@pytest.mark.parametrize("language", ["en", "pl", "sr"])
def test_names_are_text_in_every_language(language: Language) -> None:
    page = mine_page([lead(who=BAD, company=BAD, step=BAD)], frame(language), whose=BAD)
    assert not read(page).all("img")
