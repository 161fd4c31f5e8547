"""A question meets the base tables: days, filters, and the leads behind a number."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest

from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.definition import Around, Counted, Definition, Inputs
from leadrelay.reports.engine import Engine
from leadrelay.reports.filters import UnknownFilter, filters
from leadrelay.reports.registry import Entry, names, report
from leadrelay.reports.result import Number
from leadrelay.reports.run import answered, opened
from tests.reports.told import NOON_MS, Told
from tests.system import default_rules

_RULES = default_rules()
_NOW = datetime(2026, 11, 30, tzinfo=UTC)
_HOUR = 3_600_000
_DAY = 24 * _HOUR


class Row(NamedTuple):
    """What the report of these tests counts."""

    lead_id: str
    captured_ms: int
    mql_ms: int | None
    score: int | None


def _count(rows: list[Row], asked: Asked, around: Around) -> Counted:
    before = Number(id="before", kind="count", value=len(around.before))
    return Counted(numbers=(Number(id="rows", kind="count", value=len(rows)), before))


_SQL = "SELECT lead_id, captured_ms, mql_ms, score FROM lead_rows WHERE standing IN ('live', 'shadow') -- counted"
_ENTRY = Entry(
    "counted", Definition(row=Row, count=_count, dates={"capture": "captured_ms", "activity": "mql_ms"}), _SQL
)


@pytest.fixture(scope="module")
def told() -> Engine:
    """Four leads: of meta and of google, captured on three days; one became MQL five days later."""
    told = Told()
    told.submission("a", source="meta", at=NOON_MS, campaign="winter")
    told.submission("b", source="google", at=NOON_MS + _DAY)
    told.submission("b", source="meta", at=NOON_MS + 2 * _DAY)
    told.submission("c", source="google", at=NOON_MS - _DAY)
    told.submission("d", source="google", at=NOON_MS - 30 * _DAY)
    told.scored("a", 61, fields={"lead.country": "PL"})
    told.scored("b", 20, fields={"lead.country": "RS"})
    told.stage("a", "mql", at=NOON_MS + 5 * _DAY)
    told.given("a", "anna", "sdr", at=NOON_MS)
    return told.engine()


def _asked(since: int = 23, until: int = 24, **more: object) -> Asked:
    return Asked(since=date(2026, 11, since), until=date(2026, 11, until)).with_(**more)


def _found(told: Engine, asked: Asked, *opens: Condition) -> str:
    return "".join(sorted(each.lead_id for each in opened(_ENTRY, asked, opens, told, _RULES)))


def test_days_are_those_of_capture_or_of_what_happened(told: Engine) -> None:
    assert _found(told, _asked()) == "ab"
    assert _found(told, _asked(22, 22)) == "c"
    assert _found(told, _asked(28, 28, date_by="activity")) == "a"
    assert _found(told, _asked(23, 24, date_by="activity")) == ""


def test_a_day_is_as_long_as_in_its_zone(told: Engine) -> None:
    assert _found(told, _asked(24, 24, zone="Pacific/Auckland")) == "a"  # 11:00 UTC is midnight there


@pytest.mark.parametrize(
    ("where", "first", "last"),
    [
        ({"source": ("meta",)}, "a", "ab"),
        ({"source": ("google",)}, "bc", "c"),
        ({"source": ("google", "meta")}, "abc", "abc"),
        ({"campaign": ("winter",)}, "a", "a"),
        ({"campaign": ("",)}, "bc", "bc"),
        ({"lead.country": ("RS",)}, "b", "b"),
        ({"lead.country": ("",)}, "c", "c"),
        ({"rep": ("anna",)}, "a", "a"),
        ({"team": ("sdr",)}, "a", "a"),
        ({"team": ("ae",)}, "", ""),
        ({"source": ("meta",), "lead.country": ("RS",)}, "", "b"),
        ({"source": ()}, "", ""),
    ],
)
def test_filters_look_at_the_lead(told: Engine, where: dict[str, tuple[str, ...]], first: str, last: str) -> None:
    assert _found(told, _asked(22, 24, where=where)) == first
    assert _found(told, _asked(22, 24, where=where, attribution="last")) == last


def test_an_unknown_filter_and_an_unknown_column_are_refused_in_words(told: Engine) -> None:
    with pytest.raises(UnknownFilter, match=r"no filter 'colour'; there are source, channel"):
        _found(told, _asked(where={"colour": ("red",)}))
    with pytest.raises(UnknownFilter, match=r"no column 'name'; it has lead_id"):
        _found(told, _asked(), Condition(column="name", op="known"))


def test_every_field_that_is_marked_is_a_filter_and_no_personal_one() -> None:
    fields = _RULES.fields.fields
    named = {name for name in filters(_RULES) if "." in name}
    assert named == {name for name, field in fields.items() if field.report}
    assert named
    assert not any(fields[name].personal for name in named)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Condition(column="score", op="ge", value=61), "a"),
        (Condition(column="score", op="lt", value=61), "bc"),  # who was never scored has 0
        (Condition(column="mql_ms", op="missing"), "bc"),
        (Condition(column="mql_ms", op="known"), "a"),
        (Condition(column="lead_id", value="b"), "b"),
        (Condition(column="lead_id", value="x' OR 'a' = 'a"), ""),
    ],
)
def test_a_line_opens_the_rows_that_it_stands_for(told: Engine, condition: Condition, found: str) -> None:
    assert _found(told, _asked(22, 24), condition) == found


def test_opened_leads_are_ids_and_codes_newest_first(told: Engine) -> None:
    first, second = opened(_ENTRY, _asked(), (), told, _RULES)
    assert (first.lead_id, second.lead_id) == ("b", "a")
    assert second.model_dump() == {
        "lead_id": "a", "captured_ms": NOON_MS, "source": "meta", "stage": "mql", "owner": "anna", "score": 61,
    }  # fmt: skip


def test_the_answer_names_distinct_leads_and_counts_the_days_before(told: Engine) -> None:
    found = answered(_ENTRY, _asked(), told, _RULES, _NOW, Inputs())
    assert (found.name, found.leads) == ("counted", 2)
    assert (found.number("rows").value, found.number("before").value) == (2, 1)


def test_nothing_in_these_days_is_an_answer(told: Engine) -> None:
    found = answered(_ENTRY, _asked(1, 2), told, _RULES, _NOW, Inputs())
    assert (found.leads, found.number("rows").value) == (0, 0)


class Owned(NamedTuple):
    """An assignment, which has a rep of its own."""

    lead_id: str
    at_ms: int
    rep: str | None


def test_what_a_clock_or_an_assignment_has_itself_is_looked_at_there() -> None:
    told = Told()
    told.submission("a", at=NOON_MS)
    told.given("a", "anna", "sdr", at=NOON_MS)
    told.given("a", "ivana", "sdr", at=NOON_MS + _HOUR)
    definition = Definition(row=Owned, count=lambda *_: Counted(), dates={"capture": "at_ms"})
    entry = Entry("owned", definition, "SELECT lead_id, at_ms, rep FROM assignment_rows")
    asked = _asked(where={"rep": ("anna",)})
    assert [each.lead_id for each in opened(entry, asked, (), told.engine(), _RULES)] == ["a"]
    assert answered(entry, asked, told.engine(), _RULES, _NOW, Inputs()).leads == 1


@pytest.fixture(scope="module")
def nothing() -> Engine:
    return Told().engine()


@pytest.mark.parametrize("name", names())
def test_every_report_answers_where_nothing_happened(name: str, nothing: Engine) -> None:
    found = answered(report(name), _asked(), nothing, _RULES, _NOW, Inputs())
    assert found.leads == 0


def test_an_unknown_report_is_no_report() -> None:
    with pytest.raises(KeyError):
        report("../base")
