"""From a folder of YAML to one checked, immutable set of rules with its hash, and to the JSON that Lambdas read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from leadrelay.domain.clocks.policy import CalendarsPolicy
from leadrelay.domain.model import Model
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.rules import RuleFiles, Rules
from leadrelay.domain.sources.policy import SourcesPolicy
from leadrelay.rulebook.draft import Draft, drafted
from leadrelay.rulebook.files import WrittenCalendar, WrittenCalendars
from leadrelay.rulebook.lint import lint
from leadrelay.rulebook.problems import Problem, RulesInvalid
from leadrelay.rulebook.public_holidays import UnknownPlace, public_holidays
from leadrelay.rulebook.vendors import sender_names


@dataclass(frozen=True, slots=True)
class Compiled:
    """A set of rules that may be deployed, and what is odd in it without being wrong."""

    rules: Rules
    warnings: tuple[Problem, ...]


def compile_rules(folder: Path, today: date) -> Compiled:
    """The rules of a folder. `today` decides for which years holidays are written out.

    Raises RulesInvalid with every fault found in any file.
    """
    draft = drafted(folder)
    closed, unknown_places = _holidays(draft, today)
    problems = [*draft.problems, *unknown_places, *lint(draft)]
    if any(problem.severity == "error" for problem in problems):
        raise RulesInvalid(problems)
    rules = Rules.of(RuleFiles.model_validate(_compiled(draft, closed)))
    return Compiled(rules, RulesInvalid(problems).problems)


def bundle(rules: Rules) -> str:
    """The canonical JSON of a set: sorted keys, no white space, text as it is. Equal rules are equal bytes."""
    return json.dumps(
        rules.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )


def _compiled(draft: Draft, closed: Mapping[str, tuple[date, ...]]) -> dict[str, Model]:
    fields, sources = draft.of(FieldsPolicy), draft.of(SourcesPolicy)
    calendars = {name: _plain(written, closed[name]) for name, written in draft.of(WrittenCalendars).calendars.items()}
    return {
        **draft.models,
        "sources": _with_defaults(sources, fields),
        "calendars": CalendarsPolicy.model_validate({"calendars": calendars}),
    }


def _plain(written: WrittenCalendar, closed: tuple[date, ...]) -> dict[str, object]:
    days = sorted({*written.holidays, *closed})
    return {**written.model_dump(exclude={"country", "region"}), "holidays": days}


def _holidays(draft: Draft, today: date) -> tuple[dict[str, tuple[date, ...]], list[Problem]]:
    """Public holidays by calendar, and the places that nobody knows."""
    closed: dict[str, tuple[date, ...]] = {}
    problems = []
    calendars = draft.models.get("calendars")
    for name, written in calendars.calendars.items() if isinstance(calendars, WrittenCalendars) else ():
        try:
            closed[name] = public_holidays(written.country, written.region, today) if written.country else ()
        except UnknownPlace as error:
            key = "region" if written.region and "region" in str(error) else "country"
            problems.append(draft.fault("calendars", ("calendars", name, key), str(error), error.meant))
    return closed, problems


def _with_defaults(sources: SourcesPolicy, fields: FieldsPolicy) -> SourcesPolicy:
    """Each source with its vendor's own names for our fields; fields that this company does not keep are dropped."""
    named = {
        name: source.with_(defaults=dict(_defaults(source.vendor, fields))) for name, source in sources.sources.items()
    }
    return sources.with_(sources=named)


def _defaults(vendor: str, fields: FieldsPolicy) -> Iterator[tuple[str, tuple[str, ...]]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for said, ours in sender_names(vendor).items():
        found[ours].append(said)
    return ((ours, tuple(names)) for ours, names in sorted(found.items()) if ours in fields.fields)
