"""The command, as a person runs it against a stage."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions import vendors
from leadrelay.aws.clients import client
from leadrelay.aws.table.store import TableStore
from leadrelay.cli.upload_report import report_of
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import FormPolicy
from leadrelay.ports.errors import Retry
from leadrelay.ports.records import words_key
from leadrelay.ports.source import Delivery
from leadrelay.rulebook.vendors import options_of
from tests.cli.conftest import Ran, Run
from tests.cli.crm_stage import StageInMemory, stage_in_memory, stored_touches
from tests.system import System

Written = Callable[[str, object], Path]
LIST = "Imię i nazwisko;E-mail;Firma;Rozmiar buta\nAda Nowak;ada@example.com;Łąka;40\nBo Lis;bo@example.com;=1+1;41\n"
FAULTY = LIST + "Cy Mak;cy at example.com;Dąb;42\nDa Rys;;Klon;43\n"


@pytest.fixture
def stage(account: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StageInMemory]:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("time.sleep", lambda _: None)
    with stage_in_memory(monkeypatch) as there:
        make: Any = client
        secret = json.dumps({"key": "an identity key for tests only"})
        make("secretsmanager").create_secret(Name="leadrelay/dev/identity", SecretString=secret)
        yield there


def _upload(run: Run, file: Path, *options: str) -> Ran:
    return run("upload", "csv", file, "--source", "trade_fair", *options)


def _report(file: Path) -> list[list[str]]:
    with report_of(file).open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened, delimiter=";"))


def test_a_list_becomes_touches_once(stage: StageInMemory, run: Run, written: Written) -> None:
    file = written("fair.csv", LIST.encode("cp1250"))
    ran = _upload(run, file, "--date", "2026-03-02")
    assert ran.code == 0, ran.err
    assert "cp1250 (a guess; --encoding names another), ';' between the cells, 2 rows" in ran.out
    assert "lead.full_name" in ran.out
    assert "nothing we know; kept as it was said" in ran.out
    assert "2 rows: 2 accepted, 0 known already, 0 refused" in ran.out
    touches = [record.touch for record in stored_touches(stage)]
    assert {(one.source, one.vendor, one.kind, one.trust) for one in touches} == {
        ("trade_fair", "csv", "submission", "verified")
    }
    assert {one.occurred_at for one in touches} == {datetime(2026, 3, 2, 12, tzinfo=UTC)}
    said = [stage.store.load(words_key(one.touch_id)) for one in touches]
    assert {one.words.value("Firma") for one in said if one is not None} == {"Łąka", "=1+1"}
    again = _upload(run, file, "--date", "2026-03-02")
    assert (again.code, len(stored_touches(stage))) == (0, 2)
    assert "0 accepted, 2 known already" in again.out
    other_day = _upload(run, file, "--date", "2026-03-03")
    assert "2 accepted" in other_day.out


def test_the_report_says_what_to_mend(stage: StageInMemory, run: Run, written: Written) -> None:
    file = written("fair.csv", FAULTY)
    ran = _upload(run, file)
    assert ran.code == 1
    assert "4 rows: 2 accepted, 0 known already, 2 refused" in ran.out
    assert "example.com" not in ran.out + ran.err
    assert _report(file) == [
        ["line", "outcome", "why", "Imię i nazwisko", "E-mail", "Firma", "Rozmiar buta"],
        ["2", "accepted", "", "Ada Nowak", "ada@example.com", "Łąka", "40"],
        ["3", "accepted", "", "Bo Lis", "bo@example.com", "'=1+1", "41"],
        ["4", "refused", "the e-mail is none", "Cy Mak", "cy at example.com", "Dąb", "42"],
        ["5", "refused", "neither e-mail nor phone that could be read", "Da Rys", "", "Klon", "43"],
    ]
    mended = written("fair.csv", FAULTY.replace("cy at ", "cy@").replace("Rys;;", "Rys;da@example.com;"))
    ran = _upload(run, mended)
    assert (ran.code, len(stored_touches(stage))) == (0, 4)
    assert "2 accepted, 2 known already, 0 refused" in ran.out
    assert "--date tells one event from another" in ran.out


def test_looking_first(stage: StageInMemory, run: Run, written: Written) -> None:
    file = written("fair.csv", FAULTY)
    ran = _upload(run, file, "--dry-run")
    assert ran.code == 1
    assert "looked at only: nothing was stored" in ran.out
    assert stored_touches(stage) == []
    assert len(_report(file)) == 5


def test_interrupted_and_gone_on(
    stage: StageInMemory, run: Run, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written("fair.csv", "Email;x\n" + "".join(f"p{number}@example.com;1\n" for number in range(60)))
    commit, calls = TableStore.commit, iter(range(1000))

    def interrupted(store: TableStore, change: Any) -> None:
        if next(calls) == 30:
            raise KeyboardInterrupt
        commit(store, change)

    monkeypatch.setattr(TableStore, "commit", interrupted)
    ran = _upload(run, file)
    assert ran.code == 130
    assert "stopped after 29 rows: 29 accepted" in ran.err
    assert len(_report(file)) == 30
    ran = _upload(run, file)
    assert ran.code == 0
    assert "going on where the last run stopped" in ran.out
    assert "60 rows: 31 accepted, 29 known already" in ran.out
    assert len(stored_touches(stage)) == 60
    assert "going on" not in _upload(run, file, "--restart").out


def test_the_table_stays_away(
    stage: StageInMemory, run: Run, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Retry(1, "the table is busy")

    monkeypatch.setattr(TableStore, "commit", away)
    ran = _upload(run, written("fair.csv", LIST))
    assert ran.code == 1
    assert "the table is busy" in ran.said
    assert "run it again to go on" in ran.said


def test_a_person_says_what_columns_mean(stage: StageInMemory, run: Run, written: Written) -> None:
    file = written("fair.csv", "Adresse der Person,Firma\nann@example.com,One\n")
    lost = _upload(run, file)
    assert lost.code == 1
    assert '--map "Column=lead.email"' in lost.said
    assert "0 accepted, 0 known already, 1 refused" in lost.out
    found = _upload(run, file, "--map", "adresse der person=lead.email")
    assert (found.code, len(stored_touches(stage))) == (0, 1)
    wrong = _upload(run, file, "--map", "Address=lead.email")
    assert wrong.code == 2
    assert "the file has no column 'Address'" in wrong.said


def test_columns_of_one_name_are_said(stage: StageInMemory, run: Run, written: Written) -> None:
    ran = _upload(run, written("fair.csv", "Email,[b],email\nann@example.com,1,\n"))
    assert ran.code == 0
    assert "more than one column is called Email, email" in ran.said
    assert "[b]" in ran.out


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (("--date", "soon"), 2, "'soon' is no day"),
        (("--date", "2999-01-01"), 2, "is still to come"),
        (("--source", "trade_fiar"), 2, "did you mean 'trade_fair'?"),
        (("--source", "website"), 2, "'website' (webform) is sent by others"),
        (("--form", "a@b"), 2, "has no form 'a@b'"),
        (("--encoding", "ascii"), 1, "it is no text in ascii"),
        (("--stage", "prod"), 1, "there is no stack leadrelay-prod"),
    ],
)
def test_what_is_not_understood_is_said(
    stage: StageInMemory, run: Run, written: Written, options: tuple[str, ...], code: int, why: str
) -> None:
    ran = _upload(run, written("fair.csv", LIST.encode() + b"x"), *options)
    assert ran.code == code
    assert why in ran.said


def _with(rules: Rules, **changes: object) -> Rules:
    fair = rules.sources.sources["trade_fair"].with_(**changes)
    return Rules.of(rules.with_(sources=rules.sources.with_(sources={**rules.sources.sources, "trade_fair": fair})))


def test_forms_tell_events_apart(stage: StageInMemory, run: Run, written: Written) -> None:
    stage.deploy(_with(stage.rules, forms={"spring": FormPolicy(map={"lead.phone": ("Rozmiar buta",)})}))
    file = written("fair.csv", LIST)
    assert "did you mean 'spring'?" in _upload(run, file, "--form", "sprnig").said
    ran = _upload(run, file, "--form", "spring")
    assert ran.code == 0
    assert "lead.phone" in ran.out
    assert {record.touch.origin.form for record in stored_touches(stage)} == {"spring"}


def test_a_list_may_say_how_each_person_came(stage: StageInMemory, run: Run, written: Written) -> None:
    rows = "E-mail;UTM Campaign;utm_medium;Partner\nada@example.com;spring;fair;acme\nbo@example.com;;;Anna Nowak\n"
    assert _upload(run, written("fair.csv", rows)).code == 0
    origins = {(one.campaign, one.medium, one.partner) for one in (it.touch.origin for it in stored_touches(stage))}
    assert origins == {("spring", "fair", "acme"), (None, None, None)}


def test_a_source_that_is_switched_off(stage: StageInMemory, run: Run, written: Written) -> None:
    stage.deploy(_with(stage.rules, enabled=False))
    ran = _upload(run, written("fair.csv", LIST))
    assert (ran.code, stored_touches(stage)) == (2, [])
    assert "is not enabled" in ran.said


def test_a_file_that_is_no_list(stage: StageInMemory, run: Run, written: Written) -> None:
    ran = _upload(run, written("fair.csv", b""))
    assert ran.code == 1
    assert "the first row must name the columns" in ran.said


def test_nobody_may_write_the_report(
    stage: StageInMemory, run: Run, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda _, mode: mode != os.W_OK)
    ran = _upload(run, written("fair.csv", LIST))
    assert (ran.code, stored_touches(stage)) == (1, [])
    assert "beside the file" in ran.said


def test_the_address_of_a_list_is_not_there() -> None:
    """A source whose touches are brought answers as one that does not exist: it takes nothing, and nothing fails."""
    system = System()
    ingest = replace(system.ingest, sources=vendors.source)
    assert ingest("trade_fair", Delivery("POST", {}, (), b"Email\na@example.com")).status == 404
    assert options_of("csv") is None
