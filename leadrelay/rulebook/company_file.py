"""The list of companies that RevOps keeps beside the rules: a CSV file, read once when the rules are compiled.

A website is as good as a domain. What cannot be read is refused with its line, so that no row is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from leadrelay.domain.enrichment.policy import EnrichmentPolicy, ProviderPolicy
from leadrelay.domain.person import normal
from leadrelay.domain.person.looked_up import ALWAYS
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.profile import Plain
from leadrelay.domain.person.translate import read
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.rulebook.draft import Draft, NotReadable
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.sheet import Sheet

MAX_ROWS = 5000
DOMAIN = "domain"
OWNERS = ("account.owner", "account.deal_owner")
_LARGE = "keep the companies in the CRM, or behind a look-up"

Row = dict[str, Plain]


def with_companies(folder: Path, draft: Draft) -> tuple[EnrichmentPolicy, list[Problem]]:
    """The policy with the rows of its files, and every fault of theirs. Raises NotReadable."""
    policy = draft.of(EnrichmentPolicy)
    problems: list[Problem] = []
    providers = tuple(_filled(one, number, folder, draft, problems) for number, one in enumerate(policy.providers))
    return policy.with_(providers=providers), problems


def _filled(
    provider: ProviderPolicy, number: int, folder: Path, draft: Draft, problems: list[Problem]
) -> ProviderPolicy:
    if provider.file is None:
        return provider
    path = folder / provider.file
    if not path.is_file():
        message = f"{provider.file} is not there; it lies beside enrichment.yaml"
        problems.append(draft.fault("enrichment", ("providers", number, "file"), message))
        return provider
    reader = _Reader(path, draft)
    rows = dict(reader.rows())
    problems += reader.problems
    return provider.with_(rows=rows)


class _Reader:
    """One file. Goes on after a fault, so that one reading finds them all."""

    def __init__(self, path: Path, draft: Draft) -> None:
        self._sheet = Sheet(path, MAX_ROWS, _LARGE)
        self._fields = draft.of(FieldsPolicy)
        self._reps = _reps(draft)
        self._lines: dict[str, int] = {}

    @property
    def problems(self) -> list[Problem]:
        """Every fault of the file, once it was read."""
        return self._sheet.problems

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Each company by its domain."""
        rows = self._sheet.rows()
        columns = [self._column(name, place) for place, name in enumerate(next(rows, (1, []))[1], 1)]
        if DOMAIN not in columns:
            if columns or not self.problems:  # else it could not be read at all
                self._refuse(1, 1, "the first row names the columns, and one of them is `domain`")
            return
        for line, cells in rows:
            yield from self._row(columns, cells, line)

    def _column(self, name: str, place: int) -> str:
        said = name.strip().lower()
        field = said if said.startswith("account.") or said == DOMAIN else f"account.{said}"
        known = {DOMAIN, *ALWAYS, *(one for one in self._fields.fields if one.startswith("account."))}
        if field not in known:
            self._refuse(1, place, f"unknown column '{said}'; a column is a field of fields.yaml", _meant(said, known))
        return field

    def _row(self, columns: list[str], cells: list[str], line: int) -> Iterator[tuple[str, Row]]:
        if len(cells) > len(columns):
            self._refuse(line, len(columns) + 1, "more cells than columns; put texts with a separator in quotes")
            return
        said = {field: cell.strip() for field, cell in zip(columns, cells, strict=False) if cell.strip()}
        domain = self._domain(said.pop(DOMAIN, ""), columns.index(DOMAIN) + 1, line)
        found = {field: self._value(field, text, columns.index(field) + 1, line) for field, text in said.items()}
        if domain is not None:
            yield domain, {field: value for field, value in found.items() if value is not None}

    def _domain(self, said: str, place: int, line: int) -> str | None:
        """A website is as good as its domain."""
        host = said.lower().rpartition("//")[2].partition("/")[0].removeprefix("www.")
        domain = normal.company_domain(host, ()) if "." in host and "@" not in host else None
        if domain is None:
            self._refuse(line, place, f"'{said}' is no domain")
        elif domain in self._fields.free_mail:
            self._refuse(line, place, f"{domain} is free mail: nobody's company")
        elif (first := self._lines.setdefault(domain, line)) != line:
            self._refuse(line, place, f"{domain} is here twice; the first is on line {first}")
        else:
            return domain
        return None

    def _value(self, field: str, text: str, place: int, line: int) -> Plain | None:
        spec = self._fields.fields.get(field)
        if field in OWNERS:
            value: Plain | None = text if text in self._reps else None
        else:
            value = read(spec, text, self._fields.home_country) if spec is not None else normal.flag(text)
        if value is None:
            what = "no rep of team.yaml" if field in OWNERS else f"not what {field} can be"
            self._refuse(line, place, f"'{text}' is {what}", closest(text, self._reps) if field in OWNERS else None)
        return value

    def _refuse(self, line: int, column: int, message: str, suggestion: str | None = None) -> None:
        self._sheet.refuse(line, column, message, suggestion)


def _reps(draft: Draft) -> Mapping[str, None]:
    try:
        return {rep.id: None for rep in draft.of(TeamPolicy).reps}
    except NotReadable:
        return {}


def _meant(said: str, known: set[str]) -> str | None:
    return closest(said, [name.removeprefix("account.") for name in sorted(known)])
