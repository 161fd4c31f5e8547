"""What becomes of a message: in which note the CRM shows it, and how it reads there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from leadrelay.domain.card.conversation import Message, Talk, open_at
from leadrelay.domain.card.deadline import their_zone, wall_time
from leadrelay.domain.card.facts import MessageHeard
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Touch, Words

TALK = "talk-"
"""How the name of such a note begins."""

_LONGEST = 1000
"""Characters of one message in a note; the whole of it stays with its touch."""

_SHOWN: Mapping[str, str] = {
    "edited": "[changed]",
    "text": "{}",
    "said": "{}",
    "attached": "[{}]",
    "button": "[pressed: {}]",
}
"""An answer of a message, and how it is shown. What they write is a `text`, what we write is `said`."""


def talked(touch: Touch, decision: Decision) -> MessageHeard | None:
    """A message, in the note that is being filled, else in a new one."""
    if touch.talk is None:
        return None
    going_on = open_at(decision.lead.conversation, decision.at)
    until = decision.at + timedelta(minutes=decision.rules.crm.conversation_minutes)
    return MessageHeard(
        touch_id=touch.touch_id,
        by=touch.talk,
        said_at=touch.occurred_at,
        talk=f"{TALK}{touch.touch_id}" if going_on is None else going_on.name,
        until=until if going_on is None else going_on.until,
    )


def transcript(talk: Talk, words: Mapping[str, Words], lead: Lead, profile: Profile, rules: Rules) -> str | None:
    """The note's text: who said what and when, in the owner's time zone; None where no words are left of it. `words`
    are those of the touches, by touch id."""
    zone = their_zone(lead.ownership.rep, rules)
    lines = [
        f"{message.at.astimezone(zone):%H:%M} {_who(message, words[message.touch_id], profile, rules)}: {said}"
        for message in sorted(talk.messages, key=lambda each: (each.at, each.touch_id))
        if message.touch_id in words and (said := _said(words[message.touch_id]))
    ]
    if not lines:
        return None
    source = talk.messages[0].touch_id.partition(".")[0]
    began = min(message.at for message in talk.messages)
    more = [f"… and {talk.more} more messages"] if talk.more else []
    return "\n".join([f"Conversation ({source}), {wall_time(began, zone)}", *lines, *more])


def _said(words: Words) -> str:
    found = " ".join(_parts(words))
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"


def _parts(words: Words) -> Iterator[str]:
    for key, shown in _SHOWN.items():
        yield from (shown.format(value) for answer in words.answers if answer.key == key for value in answer.values)


def _who(message: Message, words: Words, profile: Profile, rules: Rules) -> str:
    """The rep whose account it is; the person by the name they go by."""
    if message.by == "ours":
        return next((rep.name for rep in rules.team.reps if rep.id == words.value("rep")), "We")
    names = (profile.text("lead.first_name"), profile.text("lead.last_name"))
    return " ".join(filter(None, names)) or "They"
