"""Each fault of a decision table at its place, in YAML and in a CSV beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadrelay.domain.rules import Rules
from leadrelay.rulebook.compile import bundle
from leadrelay.rulebook.territory_file import MAX_ROWS
from tests.rulebook.editing import HERE, changed, compiled, copied, problems

LAST = '  - id: everything_else\n    if: "True"\n'
RULE = '  - { id: regional, if: "True", table: regional, says: By region }\n'
"""Without `hand_off` it stands before the last rule and takes all."""
ANY = "      - { pool: sdr }\n"


def ruled(folder: Path, table: str, rule: str = RULE) -> tuple[Path, tuple[int, int] | None]:
    """The project's rules with a table of their own, before the last rule, and where the mark stood."""
    rules = copied(folder)
    changed(rules, "routing", LAST, rule + LAST)
    place = changed(rules, "routing", "\ntables:\n", f"\ntables:\n  regional:\n{table}")
    return rules, place


def yaml(*rows: str, more: str = "") -> str:
    return f"{more}    rows:\n" + "".join(f"      - {row}\n" for row in rows)


FAULTS = [
    (yaml("{ country: ‸pl, pool: sdr }", "{ pool: sdr }"), "'pl': write two capital letters", "PL"),
    (yaml("{ country: ‸Poland, pool: sdr }", "{ pool: sdr }"), "'Poland': write two capital letters", None),
    (yaml("{ domain: ‸Acme.example, pool: sdr }", "{ pool: sdr }"), "'Acme.example': write a domain", "acme.example"),
    (yaml("{ language: ‸PL, pool: sdr }", "{ pool: sdr }"), "'PL': write two small letters", "pl"),
    (yaml("{ segment: ‸enterprize, pool: sdr }", "{ pool: sdr }"), "no segment is 'enterprize'", "enterprise"),
    (yaml("{ product: ‸analitycs, pool: sdr }", "{ pool: sdr }"), "no product is 'analitycs'", "analytics"),
    (yaml("{ source: ‸web, pool: sdr }", "{ pool: sdr }"), "no source is 'web'", "website"),
    (yaml("{ country: PL, pool: ‸sdrs }", "{ pool: sdr }"), "unknown pool 'sdrs'", "sdr"),
    (yaml("{ country: PL, rep: ‸ana }", "{ pool: sdr }"), "unknown rep 'ana'", "anna"),
    (yaml("{ country: PL, queue: ‸nurtur }", "{ pool: sdr }"), "unknown queue 'nurtur'", "nurture"),
    (yaml("{ ‸contry: PL, pool: sdr }", "{ pool: sdr }"), "unknown key 'contry'", "country"),
    (yaml("‸{ country: PL }", "{ pool: sdr }"), "give exactly one of pool, rep, queue", None),
    (yaml("‸{ postcode: 11, pool: sdr }", "{ pool: sdr }"), "a postcode means something in one country", None),
    (yaml("{ country: PL, postcode: ‸80-87, pool: sdr }", "{ pool: sdr }"), "'80-87' may be a range", None),
    (
        yaml("{ country: PL, pool: sdr }", "‸{ country: PL, language: pl, pool: ae }", "{ pool: sdr }"),
        "never reached",
        None,
    ),
    (yaml("{ pool: sdr }", "‸{ country: PL, pool: ae }", "{ pool: sdr }"), "never reached: row 1 holds", None),
    (yaml("‸{ country: PL, pool: sdr }"), "no row takes what is left", None),
    (yaml("{ id: pl, country: PL, pool: sdr }", "{ id: ‸pl, pool: sdr }"), "'pl' is taken by row 1", None),
    (yaml("{ id: ‸Poland, country: PL, pool: sdr }", "{ pool: sdr }"), "'Poland' is no code", None),
    (yaml("{ pool: sdr }", more="    otherwise: ‸next_rule\n"), "the last row takes what is left", None),
    (yaml("{ pool: sdr }", more="    file: ‸a.csv\n"), "a.csv is not there", None),
    (yaml("{ pool: sdr }", more="    file: ‸../a.csv\n"), "String should match pattern", None),
    (
        yaml("{ country: PL, pool: sdr }", "‸{ language: pl, pool: ae }", "{ pool: sdr }", more="    hit: unique\n"),
        "overlaps row 1, and `hit` is unique",
        None,
    ),
]


@pytest.mark.parametrize(("table", "message", "suggestion"), FAULTS, ids=[message[:30] for _, message, _ in FAULTS])
def test_a_fault_is_named_at_its_place(tmp_path: Path, table: str, message: str, suggestion: str | None) -> None:
    rules, place = ruled(tmp_path, table, RULE.replace('"True"', "known(lead.city)"))
    found = [problem for problem in problems(rules) if problem.message.startswith(message)]
    assert found, problems(rules)
    assert (found[0].suggestion, found[0].severity) == (suggestion, "error")
    assert HERE in table
    assert (found[0].line, found[0].column) == place


def test_a_region_that_no_postcode_has_is_odd_but_may_be_said(tmp_path: Path) -> None:
    rules, place = ruled(tmp_path, yaml("{ region: ‸pl_nort, pool: sdr }", "{ pool: sdr }"))
    (found,) = [problem for problem in problems(rules) if "no postcode is in the region" in problem.message]
    assert (found.line, found.column, found.suggestion, found.severity) == (*(place or ()), "pl_north", "warning")


def test_a_domain_of_another_account_is_refused(tmp_path: Path) -> None:
    rules, _ = ruled(tmp_path, yaml("{ domain: acme.de.example, pool: sdr }", "{ pool: sdr }"))
    changed(rules, "fields", "account_aliases: {}", "account_aliases: { acme.de.example: acme.example }")
    (found,) = [problem for problem in problems(rules) if "belongs to another account" in problem.message]
    assert (found.suggestion, found.severity) == ("acme.example", "error")


def test_apart_from_the_last_row_apart_is_enough(tmp_path: Path) -> None:
    rows = ("{ country: PL, language: pl, pool: sdr }", "{ country: PL, language: en, pool: ae }", "{ pool: sdr }")
    rules, _ = ruled(tmp_path, yaml(*rows, more="    hit: unique\n"), RULE.replace('"True"', "known(lead.city)"))
    assert not [problem for problem in problems(rules) if problem.severity == "error"]


def test_a_rule_leads_to_a_table_that_is_there_and_a_table_is_led_to(tmp_path: Path) -> None:
    rules, _ = ruled(tmp_path, yaml("{ pool: sdr }"), RULE.replace("table: regional", "table: regionals"))
    found = {problem.message: problem.suggestion for problem in problems(rules)}
    assert found["`tables` has no 'regionals'"] == "regional"
    assert "no rule leads to the table 'regional'" in found


def test_a_table_that_may_leave_a_lead_to_the_next_rule_is_not_the_last_word(tmp_path: Path) -> None:
    """Nor does it hide the rules after it."""
    going_on = yaml("{ country: PL, pool: sdr }", more="    otherwise: next_rule\n")
    rules, _ = ruled(tmp_path, going_on)
    assert not [problem for problem in problems(rules) if problem.severity == "error"]
    last = '  - id: everything_else\n    if: "True"\n    queue: nurture\n    says: No other rule holds\n'
    changed(rules, "routing", last, "")
    assert any(problem.message.startswith("no rule takes what is left") for problem in problems(rules))


def test_what_comes_after_a_whole_table_is_never_reached(tmp_path: Path) -> None:
    rules, _ = ruled(tmp_path, yaml("{ pool: sdr }"))
    assert any(problem.message.startswith("never reached: the rule on line") for problem in problems(rules))


def test_a_hot_lead_does_not_wait_in_the_last_row(tmp_path: Path) -> None:
    hot = RULE.replace('"True"', 'lead.temperature == "hot"')
    rules = copied(tmp_path)
    changed(rules, "routing", "\nrules:\n", "\nrules:\n" + hot)
    changed(rules, "routing", "\ntables:\n", "\ntables:\n  regional:\n" + yaml("{ queue: nurture }"))
    assert any("would wait in the queue 'nurture'" in problem.message for problem in problems(rules))


# -- the sheet


def with_sheet(folder: Path, text: str | bytes, more: str = "") -> Path:
    rules, _ = ruled(folder, f"    file: regional.csv\n{more}", RULE.replace('"True"', "known(lead.city)"))
    (rules / "regional.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return rules


def test_what_a_spreadsheet_saves_is_read(tmp_path: Path) -> None:
    text = (
        "\ufeffCountry;postcode;Language;pool;rep;queue;says;id\r\n"
        "PL;00-001..05-999 | 96;;;anna;;Warszawa;warsaw\r\n"
        ";;;;;;;\r\n"
        "RS|ME;;sr;sdr;;;Srbija i Crna Gora;\r\n"
        ";;;ae;;;;\r\n"
    )
    compiled_rules = compiled(with_sheet(tmp_path, text)).rules
    rows = compiled_rules.routing.tables["regional"].rows
    assert [(row.id, row.country, row.postcode, row.language, row.pool, row.rep, row.says) for row in rows] == [
        ("warsaw", ("PL",), ("00001..05999", "96"), (), None, "anna", "Warszawa"),
        (None, ("RS", "ME"), (), ("sr",), "sdr", None, "Srbija i Crna Gora"),
        (None, (), (), (), "ae", None, None),
    ]
    again = Rules.model_validate_json(bundle(compiled_rules))
    assert again == compiled_rules
    assert again.routing.tables["regional"].row({"lead.country": "ME", "lead.language": "sr"}) == ("2", rows[1])


HEAD = "country,postcode,region,pool,rep,queue,says\n"
END = ",,,sdr,,,\n"
ROWS = [
    ("", 1, 1, "no row takes what is left"),
    (HEAD.replace("region", "regoin") + END, 1, 3, "unknown column 'regoin'"),
    (HEAD.replace("region", "country") + END, 1, 3, "the column 'country' is here twice"),
    (HEAD + "PL,,,sdrs,,,\n" + END, 2, 4, "unknown pool 'sdrs'"),
    (HEAD + "PL,,,,ana,,\n" + END, 2, 5, "unknown rep 'ana'"),
    (HEAD + "Poland,,,sdr,,,\n" + END, 2, 1, "'Poland': write two capital letters"),
    (HEAD + "PL,80-87,,sdr,,,\n" + END, 2, 2, "'80-87' may be a range"),
    (HEAD + "PL,,,sdr,anna,,\n" + END, 2, 1, "give exactly one of pool, rep, queue"),
    (HEAD + "PL,,,sdr,,,\n\nPL,00,,sdr,,,\n" + END, 4, 1, "never reached: row 1 holds"),
    (HEAD + "PL,,,sdr,,,\n", 2, 1, "no row takes what is left"),
    (HEAD + "PL,,,sdr,,,Warsaw, Lodz\n" + END, 2, 8, "more cells than columns"),
    (HEAD.encode() + b"PL,,,sdr,,,\xbf\xf3\n", 2, 1, "not UTF-8"),
    (HEAD + END * (MAX_ROWS + 1), MAX_ROWS + 2, 1, "more than 1,000 rows; split it"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), ROWS, ids=[message[:30] for *_, message in ROWS])
def test_a_fault_of_the_sheet_is_named_with_its_line_and_column(
    tmp_path: Path, text: str | bytes, line: int, column: int, message: str
) -> None:
    rules = with_sheet(tmp_path, text)
    found = [problem for problem in problems(rules) if problem.message.startswith(message)]
    assert found, problems(rules)
    assert (found[0].file, found[0].line, found[0].column) == (str(rules / "regional.csv"), line, column)


def test_rows_are_written_in_one_place(tmp_path: Path) -> None:
    rules = with_sheet(tmp_path, HEAD + END, ANY.join(["    rows:\n", ""]))
    assert any("write them in one place" in problem.message for problem in problems(rules))


def test_a_sheet_of_a_thousand_rows_is_checked_and_taken(tmp_path: Path) -> None:
    text = HEAD + "".join(f"DE,{number:05},,sdr,,,\n" for number in range(MAX_ROWS - 1)) + END
    rows = compiled(with_sheet(tmp_path, text)).rules.routing.tables["regional"].rows
    assert len(rows) == MAX_ROWS


# -- hand-offs


def test_what_goes_to_and_fro_or_is_never_shown_is_odd(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    guard = ' and (missing(lead.handed_back_at) or lead.status == "meeting_booked")\n    table'
    fro = changed(rules, "routing", f'if: lead.stage == "sql"{guard}', 'if: ‸lead.stage == "sql"\n    table')
    card = changed(rules, "team", "    team: sdr #", "    team: ‸sdrs #")
    found = [(problem.line, problem.column, problem.message, problem.severity) for problem in problems(rules)]
    to_and_fro = "a lead that was handed back would be taken over again at once; ask for lead.handed_back_at"
    assert (*(fro or ()), to_and_fro, "warning") in found
    assert (*(card or ()), "the card shows the last owner of sdr and ae, not of 'sdrs'", "warning") in found


def test_a_way_back_needs_two_teams(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    text = (rules / "team.yaml").read_text("utf-8").replace("team: ae", "team: sdr")
    (rules / "team.yaml").write_text(text, "utf-8")
    assert any(problem.message.startswith("nobody can hand a lead back") for problem in problems(rules))
