"""From a tamed payload to the words of a touch, the same way for every source."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from pydantic import ValidationError

from connectors.kit.json_body import canonical
from connectors.kit.text import clean_line
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import Model
from leadrelay.domain.touch import Answer, TouchDraft
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Malformed, SourceSettings

OptionsT = TypeVar("OptionsT", bound=Model)

MAX_ANSWERS = 200
MAX_VALUES = 50
VALUE_BYTES = 8192
WORDS_BYTES = 300_000
"""What all answers of one touch may weigh as JSON: one row of the table holds them."""
AHEAD = timedelta(seconds=300)
"""How far a sender's clock may run ahead of ours before we stop believing its time."""


def answer(key: str, values: Sequence[str], label: str | None = None) -> Answer | None:
    """An answer with what was really said; None when nothing was."""
    name, said = clean_line(key, LINE), tuple(value for value in values[:MAX_VALUES] if value)
    if not (name and said):
        return None
    return Answer(key=name, values=said, label=clean_line(label or "", LINE) or None)


def flatten(value: Wild, name: str = "") -> Iterator[Answer]:
    """Every leaf of a value as an answer; members of nested objects are named `outer.inner`, lists are values."""
    if value.is_object:
        for key, member in value.entries(MAX_ANSWERS):
            yield from flatten(member, f"{name}.{key}" if name else key)
        return
    found = answer(name, list(_said(value)))
    if found:
        yield found


def _said(value: Wild) -> Iterator[str]:
    if not value.is_list:
        yield value.said(VALUE_BYTES)
        return
    for item in value.each():
        if item.is_object:
            yield ", ".join(text for found in flatten(item) for text in found.values)
        else:
            yield from _said(item)


def collect(found: Iterator[Answer]) -> tuple[Answer, ...]:
    """The answers of a touch. Raises Malformed when there are more than 200, or more words than one touch can hold."""
    answers = tuple(islice(found, MAX_ANSWERS + 1))
    if len(answers) > MAX_ANSWERS:
        raise Malformed("answers:too_many")
    if sum(len(one.model_dump_json().encode()) for one in answers) > WORDS_BYTES:
        raise Malformed("answers:too_long")
    return answers


def believable(at: datetime | None, now: datetime) -> datetime | None:
    """The sender's time, unless it lies in the future: a clock must not start later than the lead came."""
    return at if at is not None and at <= now + AHEAD else None


def sent_at(now: datetime, *times: Wild) -> datetime | None:
    """The first of the sender's times that can be read, unless it lies in the future: ISO 8601 with its zone, or whole
    Unix seconds. Somebody waits for an answer: nobody is set aside for a time that is written otherwise."""
    for time in times:
        with suppress(Malformed):
            at = time.optional_time() if _is_written(time) else time.unix_time()
            if at is not None:
                return believable(at, now)
    return None


def _is_written(time: Wild) -> bool:
    return not re.fullmatch(r"[0-9]{9,12}", time.said(64))


def digest(*parts: str | None) -> str:
    """64 hex of the parts, unambiguous between them: an identity for what its sender gave none."""
    return hashlib.sha256(canonical(list(parts))).hexdigest()


def said_today(now: datetime, *parts: str | None) -> str:
    """An identity for what its sender gave none: the parts on this UTC day. The same again next month is a new one."""
    return f"{digest(*parts)}:{now.date().isoformat()}"


def unreadable(body: bytes, error: Malformed) -> TouchDraft:
    """The touch of an authentic delivery that we cannot read: stored with its reason, so that no lead is lost.

    The same bytes have the same key, however often they are sent.
    """
    key = f"unreadable:{hashlib.sha256(body).hexdigest()}"
    return TouchDraft(kind="submission", key=key, problem=f"unreadable:{error}")


def options(kind: type[OptionsT], settings: SourceSettings) -> OptionsT:
    """The source's own options. Raises Misconfigured naming each wrong one."""
    return chosen(kind, settings.options, f"source {settings.name!r}")


def chosen(kind: type[OptionsT], given: Mapping[str, object], whose: str) -> OptionsT:
    """What was given as options. Raises Misconfigured naming `whose` they are and each wrong one."""
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise Misconfigured(f"options of {whose}: {wrong}") from None
