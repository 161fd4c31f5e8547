"""Decision tables: every row can be reached and leads somewhere, every value can occur, and nobody falls through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from leadrelay.domain.enrichment.policy import EnrichmentPolicy
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.routing.policy import RoutingPolicy
from leadrelay.domain.routing.tables import COLUMNS, Row, Table
from leadrelay.rulebook.draft import Draft, NotReadable
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.vocabulary import vocabulary

_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")
_SPELLED: Mapping[str, tuple[str, str]] = {
    "country": ("[A-Z]{2}", "two capital letters (ISO 3166), such as PL"),
    "language": ("[a-z]{2}", "two small letters (ISO 639-1), such as pl"),
    "domain": (r"[a-z0-9-]+(\.[a-z0-9-]+)+", "a domain in small letters, such as example.com"),
}
_REPAIRED: Mapping[str, Callable[[str], str]] = {"country": str.upper, "language": str.lower, "domain": str.lower}


def _tables(draft: Draft) -> dict[str, Table]:
    return draft.of(RoutingPolicy).tables


def _rows(draft: Draft) -> Iterator[tuple[str, int, Row]]:
    for name, table in _tables(draft).items():
        yield from ((name, number, row) for number, row in enumerate(table.rows))


def named(draft: Draft) -> Iterator[Problem]:
    """A rule leads to a table that is there; a table is led to by a rule; rows are written in one place."""
    policy = draft.of(RoutingPolicy)
    for number, rule in enumerate(policy.rules):
        if rule.table is not None and rule.table not in policy.tables:
            message = f"`tables` has no '{rule.table}'"
            yield draft.fault("routing", ("rules", number, "table"), message, closest(rule.table, policy.tables))
    for name, table in policy.tables.items():
        if name not in {rule.table for rule in policy.rules}:
            yield draft.fault_at_key("routing", ("tables", name), f"no rule leads to the table '{name}'")
        if table.file is not None and "rows" in draft.documents["routing"].data["tables"][name]:
            message = f"the rows of '{name}' come from {table.file}; write them in one place"
            yield draft.fault("routing", ("tables", name, "file"), message)


def whole(draft: Draft) -> Iterator[Problem]:
    """The last row takes what is left, or the table says that the next rule does."""
    for name, table in _tables(draft).items():
        last = len(table.rows) - 1
        ends = last >= 0 and not table.rows[last].cells
        if not ends and table.otherwise is None:
            message = "no row takes what is left; end with one whose cells are empty, or say `otherwise: next_rule`"
            yield draft.fault("routing", ("tables", name, "rows", max(last, 0)), message)
        if ends and table.otherwise is not None:
            message = "the last row takes what is left; leave `otherwise` out"
            yield draft.fault("routing", ("tables", name, "otherwise"), message)


def rows_named(draft: Draft) -> Iterator[Problem]:
    """Rows are named as everything is, each by its own name, and not by a number: that is what the others have."""
    seen: dict[tuple[str, str], int] = {}
    for name, number, row in _rows(draft):
        steps = ("tables", name, "rows", number, "id")
        if row.id is not None and not _CODE.fullmatch(row.id):
            message = f"'{row.id}' is no code; use up to 48 small letters, digits and _, beginning with a letter"
            yield draft.fault("routing", steps, message)
        if row.id is not None and seen.setdefault((name, row.id), number) != number:
            yield draft.fault("routing", steps, f"'{row.id}' is taken by row {seen[name, row.id] + 1}")


def reached(draft: Draft) -> Iterator[Problem]:
    """Of rows in order none stands behind one that always takes its leads; of rows that are said to be apart no two can
    hold for one lead, but for the last, which takes what is left."""
    for name, table in _tables(draft).items():
        for (first, one), (second, other) in combinations(enumerate(table.rows), 2):
            steps = ("tables", name, "rows", second)
            if one.covers(other):
                yield draft.fault("routing", steps, f"never reached: row {first + 1} holds for all of them")
            elif table.hit == "unique" and one.meets(other) and (other.cells or second < len(table.rows) - 1):
                yield draft.fault("routing", steps, f"overlaps row {first + 1}, and `hit` is unique")


def spelled(draft: Draft) -> Iterator[Problem]:
    """Countries, languages and domains in the form in which a lead has them."""
    for name, number, row in _rows(draft):
        for column, (pattern, form) in _SPELLED.items():
            for value in row.cells.get(column, ()):
                if not re.fullmatch(pattern, value):
                    meant = _REPAIRED[column](value)
                    hint = meant if re.fullmatch(pattern, meant) else None
                    steps = ("tables", name, "rows", number, column)
                    yield draft.fault("routing", steps, f"'{value}': write {form}", hint)


def can_be(draft: Draft) -> Iterator[Problem]:
    """No cell waits for a value that cannot occur."""
    words = vocabulary(draft)
    for name, number, row in _rows(draft):
        for column, cell in row.cells.items():
            known = [words[field] for field in COLUMNS[column] if field in words and column != "country"]
            possible = frozenset[str]().union(*known)
            for value in cell if known else ():
                if value not in possible:
                    steps = ("tables", name, "rows", number, column)
                    yield draft.fault("routing", steps, f"no {column} is '{value}'", closest(value, possible))


def regions(draft: Draft) -> Iterator[Problem]:
    """Regions are what enrichment.yaml makes of postcodes; only people may say another one."""
    try:
        known = {rule.region for rule in draft.of(EnrichmentPolicy).regions}
    except NotReadable:
        known = set()
    for name, number, row in _rows(draft):
        for value in row.region:
            if value not in known:
                steps = ("tables", name, "rows", number, "region")
                message = f"no postcode is in the region '{value}' (enrichment.yaml): only who says so is there"
                yield draft.fault("routing", steps, message, closest(value, known), "warning")


def accounts(draft: Draft) -> Iterator[Problem]:
    """A domain that stands for another one is never a lead's own."""
    aliases = draft.of(FieldsPolicy).account_aliases
    for name, number, row in _rows(draft):
        for value in row.domain:
            if value in aliases:
                steps = ("tables", name, "rows", number, "domain")
                message = f"{value} belongs to another account (account_aliases of fields.yaml)"
                yield draft.fault("routing", steps, message, aliases[value])


def key_accounts(draft: Draft) -> Iterator[Problem]:
    """Key accounts are the domains by which accounts are known, each once."""
    fields, listed = draft.of(FieldsPolicy), draft.of(RoutingPolicy).key_accounts
    pattern, form = _SPELLED["domain"]
    for number, domain in enumerate(listed):
        steps = ("key_accounts", number)
        if not re.fullmatch(pattern, domain):
            yield draft.fault("routing", steps, f"'{domain}': write {form}")
        elif domain in fields.free_mail:
            yield draft.fault("routing", steps, f"{domain} is free mail: nobody's company")
        elif domain in fields.account_aliases:
            message = f"{domain} belongs to another account (account_aliases of fields.yaml)"
            yield draft.fault("routing", steps, message, fields.account_aliases[domain])
        elif domain in listed[:number]:
            yield draft.fault("routing", steps, f"{domain} is here twice")


CHECKS = (key_accounts, named, whole, rows_named, reached, spelled, can_be, regions, accounts)
