"""What the demo says of the lead that nobody calls must be able to be no: every step of its way, left out once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from leadrelay.domain.facts import Metadata, Said
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.touch import Touch
from leadrelay.local.cast import scenes
from leadrelay.local.courier import Parcel, Receipt
from leadrelay.local.demo_rules import local_rules
from leadrelay.local.lapse import lines, problems
from leadrelay.local.notices import Notice
from leadrelay.local.traffic import Act
from leadrelay.local.watch import Picture
from leadrelay.ports.records import LeadRecord, TouchRecord

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RULES = local_rules(date(2026, 3, 2), 20)
SCENE = next(scene for scene in scenes() if scene.part == "impatient")
ACT = Act(SCENE, ("t",), (Receipt(Parcel("t", "website", {}, b""), NOW, 200, b"", 1.0),))
FIRST, SECOND = "anna", "marek"
CONTACT = {"kind": "first_contact", "due_at": "2026-03-02T12:00:21Z"}


def said(seconds: int, name: str, **data: Any) -> Said:
    at = NOW + timedelta(seconds=seconds)
    metadata = Metadata(
        fact_id=f"f{seconds}", lead_id="l", correlation_id="c", causation_id="c", rules_version="r", occurred_at=at
    )
    return Said(name=name, metadata=metadata, data=data)


def notice(seconds: int, kind: str, outcome: str = "sent") -> list[Said]:
    needed = said(seconds, "NoticeNeeded", notice_id=f"{kind}-{seconds}", notice=kind)
    return [needed, said(seconds, "NoticeSent", notice_id=f"{kind}-{seconds}", outcome=outcome, channel="team")]


def whole() -> list[Said]:
    """As it must be."""
    return [
        said(1, "LeadAssigned", rep=FIRST, queue=None, why="new"),
        said(15, "SlaWarned", hop=1, **CONTACT),
        *notice(15, "warn"),
        said(21, "SlaBreached", hop=1, **CONTACT),
        *notice(21, "breach"),
        said(22, "LeadAssigned", rep=SECOND, queue=None, why="breach"),
        said(25, "SlaMet", kind="first_contact", hop=2, in_time=True, owner_seconds=3),
    ]


def picture(facts: list[Said]) -> Picture:
    stored = Touch(
        touch_id="t", kind="submission", source="website", vendor="webform", trust="verified",
        received_at=NOW, occurred_at=NOW,
    )  # fmt: skip
    touch = TouchRecord(touch=stored, state="done", due_at=None, lead_id="l")
    lead = LeadRecord(lead=Lead(lead_id="l", captured_at=NOW), profile=Profile())
    return Picture({"t": touch}, {"l": lead}, {}, {"l": tuple(facts)}, [])


def found(facts: list[Said]) -> list[str]:
    return [problem.removeprefix(SCENE.visit.person.email).lstrip(" :") for problem in problems(ACT, picture(facts))]


def without(name: str, **data: Any) -> list[Said]:
    return [fact for fact in whole() if fact.name != name or any(fact.data[key] != data[key] for key in data)]


def changed(name: str, **data: Any) -> list[Said]:
    return [fact.model_copy(update={"data": {**fact.data, **data}}) if fact.name == name else fact for fact in whole()]


def test_a_lead_that_went_its_whole_way_has_no_problems() -> None:
    assert found(whole()) == []


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ([], "has no owner"),
        (without("SlaWarned"), "was not warned of"),
        (changed("SlaWarned", kind="next_step"), "was not warned of"),
        (without("SlaBreached"), "has no breach, and nobody had called"),
        (changed("SlaBreached", kind="assignment"), "has no breach, and nobody had called"),
        (without("LeadAssigned", rep=SECOND), "was not handed over"),
        (changed("LeadAssigned", why="new"), "was not handed over"),
        (without("SlaMet"), "was not called in time by who has it now"),
        (changed("SlaMet", in_time=False), "was not called in time by who has it now"),
        ([*whole()[::-1]], "has no breach, and nobody had called"),
        ([*whole(), said(30, "SlaWarned", hop=2, **CONTACT)], "was called, and was chased all the same"),
        ([*whole(), said(30, "SlaBreached", hop=2, **CONTACT)], "was called, and was chased all the same"),
        (
            [*whole(), said(30, "LeadAssigned", rep="ivana", queue=None, why="breach")],
            "was called, and was chased all the same",
        ),
    ],
)  # fmt: skip
def test_a_step_that_is_missing_or_comes_at_the_wrong_time_is_named(facts: list[Said], problem: str) -> None:
    assert problem in found(facts)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("warn", "the owner was not told that time runs out"),
        ("breach", "the manager was not told that nobody called"),
    ],
)
@pytest.mark.parametrize("untold", [lambda kind: [], lambda kind: notice(15, kind, "undeliverable")])
def test_who_was_not_told_is_named(kind: str, problem: str, untold: Callable[[str], list[Said]]) -> None:
    silent = [fact for fact in whole() if not str(fact.data.get("notice_id", "")).startswith(kind)]
    assert found([*silent, *untold(kind)]) == [problem]


def test_a_lead_that_is_not_there_yet_is_named_by_others() -> None:
    assert list(problems(ACT, Picture({}, {}, {}, {}, []))) == []


def test_it_is_told_moment_by_moment_with_the_last_notices() -> None:
    person = SCENE.visit.person
    told = [
        Notice("team", f"Notice {number}: {person.first_name}, {person.company}", "For: X\nY") for number in range(6)
    ]
    told.append(Notice("team", "Somebody else", "For: X"))
    assert [line for line, _ in lines(ACT, picture(whole()), RULES, told)] == [
        "     1.0 s  Adam goes to Anna (SDR) (new)",
        "    15.0 s  Adam must be called by 12:00:21 UTC: the owner is warned",
        "    21.0 s  Adam was not called by 12:00:21 UTC: breached",
        "    22.0 s  Adam goes to Marek (SDR) (breach)",
        "    25.0 s  Adam was called 3 s later, in time: the clock stops",
        *(f"            told on #team: Notice {number}: Adam, Amber Software. For: X" for number in range(2, 6)),
    ]


def test_a_late_call_is_told_as_one() -> None:
    late = [line for line, _ in lines(ACT, picture(changed("SlaMet", in_time=False)), RULES, ())]
    assert late[-1] == "    25.0 s  Adam was called 3 s later, too late: the clock stops"
