"""From a folder of YAML to one checked, immutable set of rules with its hash, and to the JSON that Lambdas read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from leadrelay.domain.card.policy import CrmPolicy
from leadrelay.domain.clocks.business_time import CalendarSpec
from leadrelay.domain.clocks.policy import CalendarsPolicy
from leadrelay.domain.model import Model
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.rules import RuleFiles, Rules
from leadrelay.domain.sources.policy import SourcesPolicy
from leadrelay.rulebook.company_file import with_companies
from leadrelay.rulebook.draft import Draft, NotReadable, drafted
from leadrelay.rulebook.files import WrittenCalendars
from leadrelay.rulebook.lint import lint
from leadrelay.rulebook.problems import Problem, RulesInvalid
from leadrelay.rulebook.public_holidays import UnknownPlace, plain
from leadrelay.rulebook.vendors import budget, own_names


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
    calendars, unknown_places = _calendars(draft, today)
    listed, unreadable = _listed(folder, draft)
    problems = [*draft.problems, *unknown_places, *unreadable, *lint(draft)]
    if any(problem.severity == "error" for problem in problems):
        raise RulesInvalid(problems)
    crm = draft.of(CrmPolicy)
    compiled = {
        "sources": _with_defaults(draft.of(SourcesPolicy), draft.of(FieldsPolicy)),
        "calendars": calendars,
        "crm": crm.with_(budget=budget(crm)),
        **listed,
    }
    rules = Rules.of(RuleFiles.model_validate({**draft.models, **compiled}))
    return Compiled(rules, RulesInvalid(problems).problems)


def bundle(rules: Rules) -> str:
    """The canonical JSON of a set: sorted keys, no white space, text as it is. Equal rules are equal bytes."""
    return json.dumps(
        rules.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )


def _calendars(draft: Draft, today: date) -> tuple[CalendarsPolicy, list[Problem]]:
    """The calendars with their holidays written out, and the places that nobody knows."""
    written = draft.models.get("calendars")
    found: dict[str, CalendarSpec] = {}
    problems = []
    for name, one in written.calendars.items() if isinstance(written, WrittenCalendars) else ():
        try:
            found[name] = plain(one, today)
        except UnknownPlace as error:
            problems.append(draft.fault("calendars", ("calendars", name, error.key), str(error), error.meant))
    return CalendarsPolicy(calendars=found), problems


def _listed(folder: Path, draft: Draft) -> tuple[dict[str, Model], list[Problem]]:
    """The providers with the companies of their files; nothing where the file that names them is not there."""
    try:
        policy, problems = with_companies(folder, draft)
    except NotReadable:
        return {}, []
    return {"enrichment": policy}, problems


def _with_defaults(sources: SourcesPolicy, fields: FieldsPolicy) -> SourcesPolicy:
    """Each source with its vendor's own names for our fields; fields that this company does not keep are dropped."""
    named = {
        name: source.with_(defaults=dict(own_names(source.vendor, fields))) for name, source in sources.sources.items()
    }
    return sources.with_(sources=named)
