"""Who reads a notice, and what it says to them, in every language."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.card.placement import ENGLISH_WHY, TIES
from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.lead import Lead, NextStep
from leadrelay.domain.link import Action
from leadrelay.domain.notices.digest import by_lead, digest, still_true
from leadrelay.domain.notices.notice import Notice
from leadrelay.domain.notices.policy import KINDS, Channel, Language, NoticeRule, NoticesPolicy, Person
from leadrelay.domain.notices.readers import people_of, readers
from leadrelay.domain.notices.text import OWED, text
from leadrelay.domain.person.profile import Profile, Value
from leadrelay.domain.routing.eligibility import TESTS
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.routing.skipped import TELLING, Skip
from leadrelay.domain.rules import Rules
from leadrelay.workflows.dictionary import dictionary
from tests.system import default_rules

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
LANGUAGES: tuple[Language, ...] = get_args(Language)
SHARED = Channel(notifier="apprise", secret="notify/team")


def rules(*told: NoticeRule, **changes: object) -> Rules:
    channels = {"team": SHARED, "own": SHARED, "mail": SHARED.with_(personal=True)}
    policy = NoticesPolicy(channels=channels, rules=told or (NoticeRule(notice="warn", to=("owner",), channel="team"),))
    return Rules.of(default_rules().with_(notices=policy.with_(**changes)))


def lead(**changes: object) -> Lead:
    owner = Ownership(rep="anna", pool="sdr", hop=2, rule="hot", why="breach")
    due = NOON + timedelta(minutes=5)
    clock = Clock(kind="first_contact", hop=2, policy="hot", calendar="warsaw", started_at=NOON, due_at=due)
    return Lead(
        lead_id="ab" * 16,
        standing="live",
        ownership=owner,
        clocks=(clock,),
        next_step=NextStep(what="Call", due_at=due, who="anna"),
    ).with_(**changes)


def notice(
    told_by: Rules, about: Lead | None = None, kind: str = "warn", level: int = 0, since: datetime | None = None
) -> Notice:
    needed = NoticeNeeded(notice_id=f"{kind}-2-x", notice=kind, hop=2, rep="anna", level=level, since=since)
    names = {"lead.first_name": "Ada", "account.name": "Example <b>Ltd</b>"}
    told = Value(value="", basis="verified", source="website", touch_id="t", at=NOON)
    profile = Profile(values={name: told.with_(value=value) for name, value in names.items()})
    return Notice(needed, about or lead(), profile, told_by, NOON)


# ---- words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language: Language) -> None:
    words, english = dictionary()[language], dictionary()["en"]
    assert set(words.titles) == set(words.advice) == set(KINDS)
    assert set(words.clocks) >= set(OWED)
    assert set(words.why) >= set(ENGLISH_WHY)
    assert set(words.ties) == set(TIES)
    assert set(words.tests) == set(TELLING)
    assert set(words.tests) >= {test for test, _ in TESTS}
    assert set(words.answers) == set(get_args(Action))
    assert _slots(words.model_dump()) == _slots(english.model_dump())


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_nothing_was_left_in_english(language: Language) -> None:
    ours, english = _texts(dictionary()[language].model_dump()), _texts(dictionary()["en"].model_dump())
    same = {name for name, text in ours.items() if text == english[name] and re.search(r"[a-z]{3}", _bare(text))}
    alike = {
        "lines.lead",
        "digest.lead",
        "months.2",
        "months.5",
        "months.6",
        "months.8",
        "months.1",
        "months.3",
        "months.11",
    }
    assert same <= alike | {f"months.{number}" for number in range(12)}


def _texts(part: object, path: str = "") -> dict[str, str]:
    if isinstance(part, str):
        return {path.strip("."): part}
    pairs = part.items() if isinstance(part, dict) else enumerate(part)
    return {name: text for key, inner in pairs for name, text in _texts(inner, f"{path}.{key}").items()}


def _slots(dumped: dict[str, object]) -> dict[str, set[str]]:
    """What is filled in, by the name of the text."""
    return {
        name: {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
        for name, text in _texts(dumped).items()
    }


def _bare(text: str) -> str:
    return re.sub(r"\{\w+\}", "", text)


def test_a_moment_is_told_on_the_clocks_of_who_reads() -> None:
    told = {language: dictionary()[language].at(NOON, default_rules().zone("warsaw")) for language in LANGUAGES}
    assert told == {
        "en": "Mon 23 Nov 12:00 Warsaw",
        "pl": "pon. 23 lis 12:00 Warsaw",
        "sr": "pon. 23. nov 12:00 Warsaw",
    }


# ---- what is said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*KINDS, "customer"])
def test_who_why_what_and_until_when_are_in_every_notice(language: Language, kind: str) -> None:
    told_by = rules(NoticeRule(notice=kind, to=("owner",), channel="team"), language=language)
    about = notice(told_by, kind=kind)
    [reader] = readers(about)
    said = text(about, reader, dictionary()[reader.language(told_by.notices)])
    assert "Ada, Example ‹b›Ltd‹/b›" in said.title
    assert "Anna (SDR)" in said.body
    assert dictionary()[language].why["breach"] in said.body
    assert "12:05 Warsaw" in said.body
    assert "Call" in said.body
    assert f"ead {'ab' * 16}" in said.body or f"id {'ab' * 16}" in said.body
    assert "{" not in said.title + said.body


def test_who_reads_alone_reads_the_deadline_on_their_own_clock() -> None:
    told_by = rules(NoticeRule(notice="warn", to=("owner", "manager"), channel="mail"))
    calendars = told_by.calendars.calendars
    far = calendars["warsaw"].model_copy(update={"tz": "Asia/Tokyo"})
    moved = told_by.with_(calendars=told_by.calendars.with_(calendars={**calendars, "far": far}))
    reps = tuple(rep.with_(calendar="far") if rep.id == "nina" else rep for rep in moved.team.reps)
    moved = Rules.of(moved.with_(team=moved.team.with_(reps=reps)))
    about = notice(moved)
    said = {reader.id: text(about, reader, dictionary()["en"]).body for reader in readers(about)}
    assert "12:05 Warsaw" in said["mail:anna"]
    assert "20:05 Tokyo" in said["mail:nina"]


def test_where_it_waits_and_who_may_not_take_it_is_said_in_the_language() -> None:
    away = Skip(test="away", until=NOON + timedelta(days=1))
    waits = Ownership(pool="sdr", waits="backlog", skipped={"anna": away, "marek": Skip(test="cap", open=9, cap=9)})
    told_by = rules(NoticeRule(notice="waiting", to=("manager",), channel="team"), language="pl")
    about = notice(told_by, lead(ownership=waits, clocks=()), "waiting")
    [reader] = readers(about)
    body = text(about, reader, dictionary()["pl"]).body
    assert "Czeka w: Sales development: Anna (SDR), nieobecność do wt. 24 lis 12:00 Warsaw; " in body
    assert "Marek (SDR), otwarte leady: 9 z 9" in body


def test_old_news_say_since_when_they_are_true() -> None:
    told_by = rules()
    for minutes, says in ((29, False), (31, True)):
        about = notice(told_by, since=NOON - timedelta(minutes=minutes))
        [reader] = readers(about)
        assert ("should have been told" in text(about, reader, dictionary()["en"]).body) == says


# ---- who reads


def ids(about: Notice) -> list[str]:
    return [reader.id for reader in readers(about)]


def test_a_person_with_a_channel_of_their_own_reads_there_alone() -> None:
    told = NoticeRule(notice="warn", to=("owner", "manager"), channel="team")
    about = notice(rules(told, people={"anna": Person(channel="own", language="pl")}))
    own, shared = readers(about)
    assert (own.id, own.language(about.rules.notices), [rep.id for rep in own.owners]) == ("own:anna", "pl", ["anna"])
    assert (shared.id, [rep.id for rep in shared.people], shared.owners) == ("team", ["nina"], ())


def test_a_personal_channel_is_one_message_for_each() -> None:
    assert ids(notice(rules(NoticeRule(notice="warn", to=("owner", "manager"), channel="mail")))) == [
        "mail:anna",
        "mail:nina",
    ]


def test_a_channel_that_several_rules_name_hears_it_once_with_everybody() -> None:
    told = (
        NoticeRule(notice="warn", to=("manager",), channel="team"),
        NoticeRule(notice="warn", to=("owner",), channel="team", at_night=True),
    )
    [reader] = readers(notice(rules(*told)))
    assert [rep.id for rep in reader.people] == ["nina", "anna"]
    assert [rep.id for rep in reader.owners] == ["anna"]
    assert reader.at_night


@pytest.mark.parametrize(
    ("level", "who"), [(0, "nina"), (1, "nina"), (2, "sofia"), (3, "tomasz"), (4, "olek"), (9, "olek")]
)
def test_the_chain_goes_up_to_revops_and_no_further(level: int, who: str) -> None:
    told_by = rules(NoticeRule(notice="escalation", to=("chain",), channel="team"))
    pools = tuple(
        pool.with_(escalation=("sofia", "tomasz")) if pool.id == "sdr" else pool for pool in told_by.team.pools
    )
    told_by = Rules.of(told_by.with_(team=told_by.team.with_(pools=pools)))
    [reader] = readers(notice(told_by, kind="escalation", level=level))
    assert [rep.id for rep in reader.people] == [who]


def test_where_nobody_has_the_role_revops_stands_in() -> None:
    about = notice(rules(), lead(ownership=Ownership(rep="anna", pool="closed")))
    for role in ("manager", "chain", "pool"):
        assert [rep.id for rep in people_of(role, about)] == ["olek"]


# ---- digests


def test_a_digest_names_each_lead_once_nearest_deadline_first() -> None:
    told_by = rules()
    late = lead(lead_id="cd" * 16, clocks=(lead().clocks[0].with_(due_at=NOON + timedelta(hours=2)),))
    some = [notice(told_by, late), notice(told_by), notice(told_by, late, "new_request")]
    listed = by_lead(some)
    assert [(each.lead.lead_id[:2], each.kind) for each in listed] == [("ab", "warn"), ("cd", "new_request")]
    [reader] = readers(some[0])
    said = digest(listed, reader, dictionary()["en"])
    assert said.title == "Leads that need you: 2"
    assert said.body.index("1. Time is running out") < said.body.index("2. Your lead asks again")
    assert "First contact due: Mon 23 Nov 14:00 Warsaw" in said.body


def test_what_is_over_is_not_told_any_more() -> None:
    told_by = rules()
    assert still_true(notice(told_by), "anna")
    assert not still_true(notice(told_by, lead(clocks=())), "anna")  # a warning that was heeded
    assert not still_true(notice(told_by, lead(standing="gone")), "anna")
    moved = lead(ownership=Ownership(rep="marek", pool="sdr", hop=3))
    assert not still_true(notice(told_by, moved, "assigned"), "anna")
    assert still_true(notice(told_by, moved, "breach"), "nina")
    assert still_true(notice(told_by, moved, "assigned"), None)


def test_what_is_for_somebody_who_left_the_team_reaches_revops() -> None:
    """They have no address any more: on a channel of their own nobody would hear of their leads."""
    told = rules(NoticeRule(notice="next_step", to=("owner",), channel="mail"))
    left = told.team.with_(reps=tuple(rep for rep in told.team.reps if rep.id != "anna"))
    [reader] = readers(notice(Rules.of(told.with_(team=left)), kind="next_step"))
    assert reader.rep is not None
    assert (reader.rep.id, reader.rep.email) == ("olek", "olek@example.com")
