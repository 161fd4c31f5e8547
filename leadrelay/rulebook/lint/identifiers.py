"""Names: unique where they identify, spelled so that they may travel as codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from leadrelay.domain.clocks.policy import LISTS
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem
from leadrelay.rulebook.read import Steps

_LISTS: Mapping[str, tuple[tuple[Steps, ...], ...]] = {
    "segments": ((("segments",),), (("personas",),), (("relations",),)),
    "scoring": ((("fit", "rules"), ("engagement", "rules")), (("criteria",),), (("bands",),)),
    "stages": ((("lifecycle",),), (("nurture", "sequences"),)),
    "team": ((("reps",),), (("pools",),), (("queues",),)),
    "routing": ((("rules",),),),
    "sla": (*(((name,),) for name in LISTS.values()), (("handover", "criteria"),)),
}
"""File -> groups of lists whose `id`s must differ from one another."""

_MAPS: Mapping[str, tuple[Steps, ...]] = {
    "fields": (("consents",),),
    "sources": (("sources",), ("intents",), ("events",)),
    "segments": (("thresholds",),),
    "scoring": (("fit", "groups"), ("engagement", "groups"), ("questions",)),
    "stages": (("nurture", "reasons"), ("nurture", "timings")),
    "calendars": (("calendars",),),
    "notices": (("channels",),),
    "routing": (("tables",),),
}
_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")
_FIELD = re.compile(r"(lead|account)\.[a-z][a-z0-9_]{0,47}")


def unique(draft: Draft) -> Iterator[Problem]:
    """No two rules, reps or pools of one name: the second would answer for the first."""
    for file, groups in _LISTS.items():
        for lists in groups if file in draft.models else ():
            seen: dict[str, Steps] = {}
            for steps, found in _ids(draft, file, lists):
                if found in seen:
                    line = draft.documents[file].value_at(seen[found]).line
                    yield draft.fault(file, steps, f"'{found}' is taken; the first is on line {line}")
                seen.setdefault(found, steps)


def spelled(draft: Draft) -> Iterator[Problem]:
    """Codes are short words of small letters, digits and underscores: they stand in reports and on the bus."""
    for file, groups in _LISTS.items():
        for steps, found in _ids(draft, file, (steps for lists in groups for steps in lists)):
            if not _CODE.fullmatch(found):
                yield draft.fault(file, steps, _advice(found), _as_code(found))
    for file, maps in _MAPS.items():
        for steps in maps if file in draft.models else ():
            for found in _at(draft, file, steps) or ():
                if not _CODE.fullmatch(found):
                    yield draft.fault_at_key(file, (*steps, found), _advice(found), _as_code(found))


def fields(draft: Draft) -> Iterator[Problem]:
    """A profile field belongs to the lead or to the account."""
    for name in (_at(draft, "fields", ("fields",)) or ()) if "fields" in draft.models else ():
        if not _FIELD.fullmatch(name):
            message = f"'{name}' is no name of a field; it is lead.<word> or account.<word>"
            yield draft.fault_at_key("fields", ("fields", name), message)


def countries(draft: Draft) -> Iterator[Problem]:
    """Countries are two capital letters: a phone number is read as of one."""
    named: list[tuple[str, Steps]] = [("fields", ("home_country",))] if "fields" in draft.models else []
    if "sources" in draft.models:
        named += [("sources", ("sources", name, "country")) for name in _at(draft, "sources", ("sources",))]
    for file, steps in named:
        code = _at(draft, file, steps)
        if code is not None and not re.fullmatch("[A-Z]{2}", code):
            yield draft.fault(file, steps, f"'{code}' is no country; write its two capital letters (ISO 3166)")


CHECKS = (unique, spelled, fields, countries)


def _ids(draft: Draft, file: str, lists: Iterable[Steps]) -> Iterator[tuple[Steps, str]]:
    for steps in lists if file in draft.models else ():
        for number, member in enumerate(_at(draft, file, steps) or ()):
            yield (*steps, number, "id"), member["id"]


def _at(draft: Draft, file: str, steps: Steps) -> Any:
    data = draft.documents[file].data
    for step in steps:
        data = data.get(step)
        if data is None:
            return None
    return data


def _advice(found: str) -> str:
    return f"'{found}' is no code; use up to 48 small letters, digits and _, beginning with a letter"


def _as_code(found: str) -> str | None:
    word = re.sub(r"[^a-z0-9]+", "_", found.lower()).strip("_")
    return word if _CODE.fullmatch(word) else None
