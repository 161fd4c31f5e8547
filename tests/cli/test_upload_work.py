"""Lists under trouble: whatever the file holds and whatever fails, a row has one fate and a person one touch."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from connectors.csv import upload as csv_upload
from connectors.csv.upload import Sheet, read
from leadrelay.cli.resuming import PATIENCE, TRIES
from leadrelay.cli.upload_columns import NotMapped, columns
from leadrelay.cli.upload_judging import NOBODY, UNREADABLE_EMAIL, Judge
from leadrelay.cli.upload_report import harmless, report_of, tally, write
from leadrelay.cli.upload_work import KEPT_EVERY, Outcome, Upload, upload_of
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import touch_id
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.secrets import MemorySecrets
from leadrelay.memory.store import MemoryStore
from leadrelay.ports.errors import Conflict, Reject, Retry
from leadrelay.ports.records import TouchRecord, cursor_key, words_key
from leadrelay.ports.source import SourceSettings
from leadrelay.ports.store import Change
from leadrelay.workflows.pseudonyms import Pseudonyms
from tests.system import MONDAY_NOON, SECRETS, default_rules

RULE_SET: Rules = default_rules()
SOURCE = RULE_SET.sources.sources["trade_fair"]
PSEUDONYMS = Pseudonyms(MemorySecrets(SECRETS))


class Stopped(BaseException):
    """Ctrl-C, or the machine went away."""


@dataclass
class Table:
    """A store whose calls go wrong as `faults` say: (what, before or after)."""

    faults: dict[int, tuple[BaseException, str]] = field(default_factory=dict)
    memory: MemoryStore = field(default_factory=MemoryStore)
    paused: list[float] = field(default_factory=list)
    calls: int = 0

    def commit(self, change: Change) -> None:
        self._call(lambda: self.memory.commit(change))

    def load(self, key: Any) -> Any:
        return self._call(lambda: self.memory.load(key))

    def _call(self, effect: Any) -> Any:
        fault, when = self.faults.pop(self.calls, (None, ""))
        self.calls += 1
        if fault is not None and when == "before":
            raise fault
        result = effect()
        if fault is not None:
            raise fault
        return result

    def touches(self) -> list[TouchRecord]:
        rows = [self.memory.load(row.key) for row in self.memory.due("touch", MONDAY_NOON.replace(year=2027), 10_000)]
        return [row for row in rows if isinstance(row, TouchRecord)]


def judge_of(sheet: Sheet, form: str | None = None, on: date | None = None, wanted: Sequence[str] = ()) -> Judge:
    meant = columns(sheet.columns, wanted, SOURCE, form, RULE_SET.fields)
    return Judge(SourceSettings("trade_fair", "csv"), RULE_SET, meant, PSEUDONYMS.of, form, on)


def uploading(sheet: Sheet, table: Table, judge: Judge | None = None) -> Upload:
    store: Any = table
    name = upload_of(repr(sheet).encode())
    return Upload(name, sheet.rows, judge or judge_of(sheet), store, MemoryClock(MONDAY_NOON), table.paused.append)


def taken(sheet: Sheet, table: Table, judge: Judge | None = None) -> list[str]:
    told: list[Outcome] = []
    uploading(sheet, table, judge)(told.append)
    return [outcome.verdict for outcome in told]


def words(table: Table) -> list[dict[str, str]]:
    """What each touch said: by its own names."""
    found = [table.memory.load(words_key(record.touch.touch_id)) for record in table.touches()]
    return [{answer.key: answer.values[0] for answer in one.words.answers} for one in found if one is not None]


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "ada@example.com", "bo@example.org", "no address", "+48600000001", "=1+1", "Firma, Łódź"]
    ),
    st.text(max_size=12),
)
TABLES = st.lists(st.lists(CELLS, max_size=6), max_size=12)


def _saved(rows: Sequence[Sequence[str]], delimiter: str, encoding: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode(encoding, "replace")


@seed(20261122)
@settings(max_examples=250, deadline=None, derandomize=True)
@given(raw=st.binary(max_size=200) | st.text(st.sampled_from('a,;"\n\r\t@.=é\0ł|'), max_size=120).map(str.encode))
def test_any_bytes_are_a_table_or_refused_whole(raw: bytes) -> None:
    try:
        sheet = read(raw)
    except Reject:
        return
    table = Table()
    assert len(taken(sheet, table)) == len(sheet.rows)
    assert all(0 < before.line < after.line for before, after in zip(sheet.rows, sheet.rows[1:], strict=False))


@seed(20261122)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    header=st.lists(st.sampled_from(["E-mail", "Telefon", "Company", "Notes", "", "e_mail"]), min_size=1, max_size=6),
    body=TABLES,
    delimiter=st.sampled_from(csv_upload.DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1250", "utf-16"]),
)
def test_every_row_has_one_fate_and_the_report_has_every_row(
    header: list[str], body: list[list[str]], delimiter: str, encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sheet = read(_saved([["Stand", *header], *body], delimiter, encoding))
    table = Table()
    told: list[Outcome] = []
    uploading(sheet, table)(told.append)
    verdicts = Counter(outcome.verdict for outcome in told)
    assert sum(verdicts.values()) == len(sheet.rows)
    assert verdicts["accepted"] == len(table.touches())
    assert all(bool(outcome.why) == (outcome.verdict == "refused") for outcome in told)
    report = tmp_path_factory.mktemp("report") / "r.csv"
    write(report, sheet, told)
    with report.open(encoding="utf-8-sig", newline="") as opened:
        back = list(csv.reader(opened, delimiter=sheet.delimiter))
    assert [row[1] for row in back[1:]] == [outcome.verdict for outcome in told]
    assert not [cell for row in back for cell in row if cell.lstrip(" ")[:1] in set("=+-@\t\r\n|%")]


FAULTS = st.dictionaries(
    st.integers(0, 120),
    st.tuples(
        st.sampled_from([Retry(0, "throttled"), Retry(3, "away"), Retry(600, "long"), Stopped()]),
        st.sampled_from(["before", "after"]),
    ),
    max_size=10,
)


@seed(20261122)
@settings(max_examples=100, deadline=None, derandomize=True)
@given(people=st.lists(st.integers(0, 40), max_size=80), nobodies=st.sets(st.integers(0, 79)), faults=FAULTS)
def test_whatever_fails_nobody_is_lost_and_nobody_comes_twice(
    people: list[int], nobodies: set[int], faults: Any
) -> None:
    lines = ["E-mail,Company"]
    lines += [f"p{one}@example.com,C{at}" if at not in nobodies else f",C{at}" for at, one in enumerate(people)]
    sheet, table = read("\n".join(lines).encode()), Table(dict(faults))
    wanted = {one for at, one in enumerate(people) if at not in nobodies}
    told: list[Outcome] = []
    for _ in range(len(faults) + 2):
        told.clear()
        try:
            uploading(sheet, table)(told.append)
            break
        except (Retry, Stopped):
            continue
    assert len(told) == len(people)
    assert sum(outcome.verdict == "refused" for outcome in told) == len(people) - sum(
        at not in nobodies for at in range(len(people))
    )
    assert {said["E-mail"] for said in words(table)} == {f"p{one}@example.com" for one in wanted}
    assert len(table.touches()) == len(wanted)
    assert not uploading(sheet, table).begun()


def _people(count: int) -> Sheet:
    return read("\n".join(["Email", *(f"p{number}@example.com" for number in range(count))]).encode())


def test_a_run_goes_on_where_the_last_one_stopped() -> None:
    sheet, table = _people(3 * KEPT_EVERY), Table()
    told: list[Outcome] = []

    def stop(outcome: Outcome) -> None:
        told.append(outcome)
        if len(told) == KEPT_EVERY + 4:
            raise Stopped

    with pytest.raises(Stopped):
        uploading(sheet, table)(stop)
    assert uploading(sheet, table).begun()
    before = table.calls
    verdicts = taken(sheet, table)
    assert Counter(verdicts) == {"known": KEPT_EVERY + 4, "accepted": 2 * KEPT_EVERY - 4}
    # one question, the rows behind the place that was kept, two places and the end
    assert table.calls - before == 1 + 2 * KEPT_EVERY + 2 + 1
    assert not uploading(sheet, table).begun()


def test_beginning_anew_asks_for_every_row() -> None:
    sheet, table = _people(KEPT_EVERY + 2), Table({KEPT_EVERY + 2: (Stopped(), "before")})
    with pytest.raises(Stopped):
        taken(sheet, table)
    uploading(sheet, table).restart()
    before = table.calls
    assert Counter(taken(sheet, table)) == {"known": KEPT_EVERY, "accepted": 2}
    assert table.calls - before == 1 + KEPT_EVERY + 2 + 1 + 1


def test_patience_ends_and_a_long_pause_is_the_persons() -> None:
    table = Table({number: (Retry(1, "away"), "before") for number in range(1, 1 + TRIES)})
    with pytest.raises(Retry):
        taken(_people(1), table)
    assert len(table.paused) == TRIES - 1
    table = Table({1: (Retry(PATIENCE + 1, "away"), "before")})
    with pytest.raises(Retry):
        taken(_people(1), table)
    assert table.paused == []


def test_the_same_list_twice_at_once() -> None:
    sheet, table = _people(KEPT_EVERY), Table()
    seen: list[Outcome] = []

    def meanwhile(outcome: Outcome) -> None:
        seen.append(outcome)
        if len(seen) == 1:
            taken(sheet, table)

    with pytest.raises(Conflict):
        uploading(sheet, table)(meanwhile)
    assert len(table.touches()) == KEPT_EVERY


def test_looking_only_stores_nothing_and_tells_the_same() -> None:
    sheet, table = read(b"Email\na@example.com\nA@Example.com\nb@example.com\n\nnobody"), Table()
    taken(read(b"Email\nb@example.com"), table)
    before = table.memory.commits
    told: list[Outcome] = []
    uploading(sheet, table).look(told.append)
    looked = [outcome.verdict for outcome in told]
    assert table.memory.commits == before
    assert looked == ["accepted", "known", "known", "refused"] == taken(sheet, table)


def test_the_same_person_once_for_each_form_and_day() -> None:
    sheet, table = read(b"Email;Company\nann@example.com;One"), Table()
    again = read(b"Company,Phone,E-Mail\nOther,,ANN@example.com ")
    fair, day = judge_of(sheet, "fair"), date(2026, 11, 20)
    assert taken(sheet, table) == ["accepted"]
    assert taken(again, table) == ["known"]
    assert taken(sheet, table, fair) == ["accepted"]
    assert taken(sheet, table, judge_of(sheet, "fair", day)) == ["accepted"]
    assert taken(again, table, judge_of(again, "fair", day)) == ["known"]
    dated = [record.touch for record in table.touches() if record.touch.occurred_at != MONDAY_NOON]
    assert [(one.origin.form, one.occurred_at) for one in dated] == [("fair", datetime(2026, 11, 20, 12, tzinfo=UTC))]


def test_a_touch_id_tells_nobody_whose_it_is() -> None:
    sheet = read(b"Email\nann@example.com")
    mine = judge_of(sheet)
    other = Judge(mine.settings, RULE_SET, mine.columns, Pseudonyms(MemorySecrets({"identity": {"key": "k" * 40}})).of)
    drafts = [one(sheet.rows[0], MONDAY_NOON) for one in (mine, other)]
    assert not any(isinstance(draft, str) or "ann" in draft.key for draft in drafts)
    assert len({touch_id("trade_fair", draft.key) for draft in drafts if not isinstance(draft, str)}) == 2


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("ann@example.com,,x", None),
        (",+48 600 000 001,x", None),
        (",600000001,x", None),
        (",,x", NOBODY),
        (",12,x", NOBODY),
        ("ann at example.com,+48600000001,x", UNREADABLE_EMAIL),
        ("ann@example.com,12,x", None),
        ("ann@example.com,,x,", None),
        ("ann@example.com,,x,Łódź", "more cells than the 3 columns"),
        ("ann@example.com", None),
        ('ann@example.com,"open', "not readable from this line on"),
        ('"ann"@example.com,,', "not readable from this line on"),
    ],
)
def test_who_is_refused_and_why(row: str, why: str | None) -> None:
    sheet = read(f"Email,Phone,Stand\n{row}".encode())
    judged = judge_of(sheet)(sheet.rows[0], MONDAY_NOON)
    assert (isinstance(judged, str) and judged.startswith(why)) if why else not isinstance(judged, str)


def test_a_row_that_is_too_large_is_refused_and_the_next_is_taken() -> None:
    header = ",".join(f"c{number}" for number in range(100))
    sheet = read(f"Email,{header}\na@example.com,{','.join(['x' * 8000] * 100)}\nb@example.com".encode())
    assert taken(sheet, Table()) == ["refused", "accepted"]


def test_formulas_are_data() -> None:
    table = Table()
    assert taken(read(b"Email,Company\nann@example.com,=1+1\nbo@example.com,@SUM(A1)"), table) == ["accepted"] * 2
    assert {said["Company"] for said in words(table)} == {"=1+1", "@SUM(A1)"}
    assert [harmless(text) for text in ("=1+1", "+48", " -1", "a=1", "")] == ["'=1+1", "'+48", "' -1", "a=1", ""]


def test_what_a_person_maps_comes_before_what_names_say() -> None:
    sheet, table = read(b"E-mail,Private a=b,Shoe size\nwork@example.com,home@example.com,43"), Table()
    judge = judge_of(sheet, wanted=["Private a=b=lead.email", " shoe_size =lead.message"])
    assert taken(sheet, table, judge) == ["accepted"]
    assert taken(read(b"E-mail\nhome@example.com"), table) == ["known"]
    assert words(table)[0] == {"lead.email": "home@example.com", "lead.message": "43", "E-mail": "work@example.com"}


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("E-mail", "names no field"),
        ("E-mail=lead.emial", "did you mean 'lead.email'"),
        ("E-mial=lead.email", "did you mean 'E-mail'"),
    ],
)
def test_a_mapping_that_cannot_be_meant(wanted: str, why: str) -> None:
    with pytest.raises(NotMapped, match=why):
        columns(["E-mail"], [wanted], SOURCE, None, RULE_SET.fields)


@pytest.mark.parametrize(
    ("raw", "read_as"),
    [
        ("Imię;E-mail\nŻaneta;z@example.com".encode(), ("utf-8", False, ";")),
        ("Imię;E-mail\nŻaneta;z@example.com".encode("utf-8-sig"), ("utf-8-sig", False, ";")),
        ("Imię\tE-mail\nŻaneta\tz@example.com".encode("utf-16"), ("utf-16", False, "\t")),
        ("Imię;E-mail\nŻaneta Łąk;z@example.com".encode("cp1250"), ("cp1250", True, ";")),
        ("Name;E-mail\nZoë Ruÿter;z@example.com".encode("cp1252"), ("cp1252", True, ";")),
        (b"Name|E-mail\nAda, Bo|z@example.com", ("utf-8", False, "|")),
        (b"sep=;\r\nName;E-mail\r\nAda, Bo;z@example.com", ("utf-8", False, ";")),
        (b"E-mail\nz@example.com", ("utf-8", False, ",")),
    ],
)
def test_how_a_file_is_read(raw: bytes, read_as: tuple[str, bool, str]) -> None:
    sheet = read(raw)
    assert (sheet.encoding, sheet.guessed, sheet.delimiter) == read_as
    assert "E-mail" in sheet.columns
    assert "z@example.com" in sheet.rows[0].cells
    assert sheet.rows[0].line == (3 if raw.startswith(b"sep") else 2)


def test_lines_are_those_of_the_file() -> None:
    sheet = read(b'Email,Note\n\na@example.com,"two\nlines"\n,\nb@example.com,x\n')
    assert [row.line for row in sheet.rows] == [3, 6]


def test_columns_without_and_with_the_same_name() -> None:
    sheet = read(b"Email,,email\nnone,x,a@example.com\n,,b@example.com")
    assert sheet.columns == ("Email", "column 2", "email")
    assert taken(sheet, Table()) == ["accepted", "accepted"]


@pytest.mark.parametrize(
    ("name", "limit", "reason"), [("FILE_BYTES", 10, "file_too_large"), ("ROWS", 1, "too_many_rows")]
)
def test_limits(name: str, limit: int, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_upload, name, limit)
    with pytest.raises(Reject, match=reason):
        read(b"Email\na@example.com\nb@example.com")


def test_a_file_that_is_no_table() -> None:
    for raw, encoding, reason in (
        (b"", None, "no_header"),
        (b"\n \n", None, "no_header"),
        (b'"open', None, "no_header"),
        (b"," * 300 + b"x", None, "too_many_columns"),
        (b"\x81\x90\x98", None, "not_decodable"),
        (b"\xff", "utf-8", "not_decodable"),
        (b"x", "no-such-code", "not_decodable"),
        (b"x", "rot13", "not_decodable"),
    ):
        with pytest.raises(Reject, match=reason):
            read(raw, encoding)


def test_another_way_of_reading_is_another_work() -> None:
    assert len({upload_of(b"a"), upload_of(b"b"), upload_of(b"a", "x"), upload_of(b"a", "x", None)}) == 4
    assert upload_of(b"a", "x", ["m"]) == upload_of(b"a", "x", ["m"])


def test_the_place_is_nobodys_to_poll() -> None:
    sheet, table = _people(1), Table()
    taken(sheet, table)
    kept = table.memory.load(cursor_key(uploading(sheet, table).name))
    assert kept is not None
    assert (kept.cursor, kept.due_at) == (None, None)


def test_a_report_is_whole_or_not_there(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(tmp_path / "fair.csv")
    assert report.name == "fair.report.csv"
    sheet = read(b"Email\na@example.com")
    write(report, sheet, [Outcome(sheet.rows[0], "accepted")])
    before = report.read_bytes()
    assert report.stat().st_mode & 0o077 == 0

    def full(_: str) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("leadrelay.cli.upload_report.harmless", full)
    with pytest.raises(OSError, match="No space"):
        write(report, sheet, [Outcome(sheet.rows[0], "known")])
    assert report.read_bytes() == before
    assert list(tmp_path.iterdir()) == [report]


def test_the_sum() -> None:
    row = _people(1).rows[0]
    told = [Outcome(row, "accepted"), Outcome(row, "refused", "x"), Outcome(row, "refused", "y")]
    assert tally(told) == "3 rows: 1 accepted, 0 known already, 2 refused"
    assert tally(told[:1]).startswith("1 row:")
