"""Conversations: which messages make one note, and how it reads."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.card.conversation import KEPT, LONGEST, Message, Talk, Talks, heard, open_at, together
from leadrelay.domain.card.talking import TALK, talked, transcript
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.merging import absorbed
from leadrelay.domain.parting import Row, brought, folded, remainder, without
from leadrelay.domain.person.facts import TouchIdentified
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.touch import Answer, Speaker, Touch, Words
from tests.domain.people import NOW, profile
from tests.system import default_rules

RULES = default_rules()
MINUTE = timedelta(minutes=1)


def said(number: int, by: Speaker | None = "theirs", at: datetime = NOW) -> Touch:
    return Touch(
        touch_id=f"telegram.{number}",
        kind="submission",
        source="telegram",
        vendor="telegram",
        trust="verified",
        received_at=at,
        occurred_at=at,
        talk=by,
    )


def after(lead: Lead, touch: Touch, at: datetime) -> Lead:
    decision = Decision(lead, Profile(), RULES, at)
    decision.say(talked(touch, decision))
    return decision.lead


def words(**answers: str) -> Words:
    return Words(answers=tuple(Answer(key=key, values=(value,)) for key, value in answers.items()))


@given(st.lists(st.integers(0, 400), max_size=60))
def test_no_message_is_lost_and_no_two_notes_are_as_near_as_the_minutes(seconds: list[int]) -> None:
    lead, now = Lead(lead_id="1"), NOW
    for number, pause in enumerate(seconds):
        now += timedelta(seconds=pause)
        lead = after(lead, said(number, at=now), now)
    talks = lead.conversation
    kept = sum(len(talk.messages) + talk.more for talk in talks)
    assert kept == len(seconds) or len(talks) == KEPT
    assert all(len(talk.messages) <= LONGEST for talk in talks)
    assert all(talk.more == 0 or len(talk.messages) == LONGEST for talk in talks)
    minutes = timedelta(minutes=RULES.crm.conversation_minutes)
    assert all(later.until - before.until >= minutes for before, later in pairwise(talks))
    assert all(talk.name == f"{TALK}{talk.messages[0].touch_id}" for talk in talks)
    assert len({talk.name for talk in talks}) == len(talks)


def test_what_is_no_message_says_nothing() -> None:
    assert after(Lead(lead_id="1"), said(1, by=None), NOW).conversation == ()


def test_the_last_second_belongs_to_the_next_note() -> None:
    lead = after(Lead(lead_id="1"), said(1), NOW)
    until = lead.conversation[0].until
    assert len(after(lead, said(2), until - timedelta(seconds=1)).conversation) == 1
    assert len(after(lead, said(2), until).conversation) == 2


def talk(name: str, minutes: int) -> Talk:
    at = NOW + minutes * MINUTE
    return Talk(name=name, until=at, messages=(Message(touch_id=name, by="theirs", at=at),))


any_talk = st.builds(talk, st.sampled_from("abcdefgh"), st.integers(0, 30))
talks_of = st.lists(any_talk, max_size=8, unique_by=lambda each: each.name)


@given(talks_of, talks_of)
def test_two_conversations_become_one_in_time(one: list[Talk], other: list[Talk]) -> None:
    both = together(one, other)
    assert {each.name for each in both} == {each.name for each in (*one, *other)}
    assert [each.until for each in both] == sorted(each.until for each in both)
    assert together(both, both) == both
    assert {each.name: each for each in both}.items() >= {each.name: each for each in one}.items()


def test_of_two_that_go_on_the_later_one_does() -> None:
    talks: Talks = (talk("a", 3), talk("b", 5), talk("c", 1))
    going = open_at(talks, NOW + 2 * MINUTE)
    assert going is not None
    assert going.name == "b"
    assert open_at(talks, NOW + 5 * MINUTE) is None


def test_a_note_says_who_said_what_in_the_owners_time() -> None:
    talks: Talks = ()
    for number, by in enumerate(("theirs", "ours", "theirs", "ours", "theirs")):
        at = NOW + (4 - number) * MINUTE
        talks = heard(talks, "talk-1", NOW, Message(touch_id=f"telegram.{number}", by=by, at=at))
    known = {
        "telegram.4": words(text="Is it\nfree?"),
        "telegram.3": words(said="No.", rep="milica"),
        "telegram.2": words(edited="true", text="Pity", attached="photo"),
        "telegram.1": words(said="Why?"),
        "telegram.0": words(first_name="Ada"),
    }
    lead = Lead(lead_id="1", ownership=Ownership(rep="anna", hop=1))
    assert (transcript(talks[0], known, lead, profile(lead__first_name="Ada"), RULES) or "").splitlines() == [
        "Conversation (telegram), Mon 23 Nov 12:00 Warsaw",
        "12:00 Ada: Is it",
        "free?",
        "12:01 Milica (AE): No.",
        "12:02 Ada: [changed] Pity [photo]",
        "12:03 We: Why?",
    ]


def test_without_words_there_is_no_note() -> None:
    one = talk("a", 0)
    assert transcript(one, {}, Lead(lead_id="1"), Profile(), RULES) is None
    assert transcript(one, {"a": words(first_name="Ada")}, Lead(lead_id="1"), Profile(), RULES) is None
    assert (transcript(one, {"a": words(text="Hi")}, Lead(lead_id="1"), Profile(), RULES) or "").endswith("They: Hi")


def test_who_turns_out_to_be_another_brings_what_was_said() -> None:
    chat = after(Lead(lead_id="chat"), said(1), NOW)
    decision = Decision(Lead(lead_id="form"), Profile(), RULES, NOW)
    decision.say(absorbed(chat))
    assert decision.lead.conversation == chat.conversation


def test_what_was_another_persons_all_along_goes_with_them() -> None:
    facts = []
    for number in (1, 2):
        decision = Decision(Lead(lead_id="1"), Profile(), RULES, NOW)
        decision.say(identified(number), talked(said(number), decision))
        facts.append(Row(tuple(decision.facts), NOW))
    left = folded("1", without(facts, "nobody", None, {"telegram.2"}))
    assert [each.messages[0].touch_id for each in left.conversation] == ["telegram.1"]
    gone = brought("2", facts, {"telegram.2"})
    assert [each.messages[0].touch_id for each in gone.conversation] == ["telegram.2"]
    assert remainder(left).conversation == left.conversation


def identified(number: int) -> TouchIdentified:
    return TouchIdentified(
        touch_id=f"telegram.{number}", kind="submission", occurred_at=NOW, received_at=NOW, signals=()
    )
