"""Each fault of enrichment.yaml and of its list of companies, at its place, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.enrichment.policy import EnrichmentPolicy, Provider, RegionRule
from leadrelay.domain.rules import Rules
from leadrelay.rulebook.company_file import MAX_ROWS
from leadrelay.rulebook.compile import bundle
from tests.rulebook.editing import HERE, changed, compiled, copied, problems

OLD = "  - vendor: crm\n"
LOOK_UP = """  - vendor: http_lookup
    options:
      host: api.example.com
      path: /v2/{domain}
      fields: { account.industry: company.category }
"""
LISTED = OLD + "  - { vendor: company_list, file: companies.csv }\n"
HOST = "write the provider's public host name"

FAULTS = [
    ("  - vendor: ‸hubpot\n", "hubpot knows no companies; there are: crm, company_list, http_lookup", "hubspot"),
    ("  - vendor: ‸webform\n", "webform knows no companies", None),
    ("  - vendor: crm\n  - ‸vendor: hubspot\n", "hubspot is the CRM, which is asked as `crm` already", None),
    (OLD + OLD, "two providers are called 'crm'", None),
    ("  - vendor: ‸company_list\n", "company_list needs a `file`", None),
    ("  - vendor: crm\n    ‸file: companies.csv\n", "crm reads no file", None),
    ("  - vendor: crm\n    file: ‸../secret.csv\n", "String should match pattern", None),
    (LISTED, "companies.csv is not there; it lies beside enrichment.yaml", None),
    ("  - vendor: crm\n    ‸rows: {}\n    fresh_hours: -1\n", "Input should be greater than or equal to 0", None),
    ("  - vendor: crm\n    ‸rows: { a.example: {} }\n", "rows come from the `file`", "file"),
    ("  - vendor: crm\n    options: { ‸versoin: v3 }\n", "hubspot has no option 'versoin'", "version"),
    (LOOK_UP.replace("account.industry", "‸account.industri"), "unknown field 'account.industri'", "account.industry"),
    (LOOK_UP.replace("fields:", "‸field:"), "http_lookup has no option 'field'", "fields"),
    (LOOK_UP.replace("api.example.com", "‸https://api.example.com"), HOST, None),
    (LOOK_UP.replace("api.example.com", "‸169.254.169.254"), HOST, None),
    (LOOK_UP.replace("api.example.com", "‸localhost"), HOST, None),
    (LOOK_UP.replace("api.example.com", "‸metadata.google.internal"), HOST, None),
    (LOOK_UP.replace("api.example.com", "‸api.example.com:8443"), HOST, None),
    (LOOK_UP.replace("api.example.com", "‸user@example.com"), HOST, None),
    (LOOK_UP.replace("/v2/{domain}", "‸v2/{domain}"), "write a path such as", None),
    (LOOK_UP.replace("/v2/{domain}", "‸/v2/../{domain}"), "write a path such as", None),
    (LOOK_UP.replace("/v2/{domain}", '‸"/v2/{domain}?key=1"'), "write a path such as", None),
    (LOOK_UP.replace("/v2/{domain}", '‸"/v2/{email}"'), "write a path such as", None),
    (LOOK_UP.replace("/v2/{domain}", "/v2/companies"), "{domain} stands once", None),
    (LOOK_UP.replace("company.category", '‸"company[0]"'), "write the way to the value", None),
    (LOOK_UP.replace("account.industry", "account.owner"), "a field of the account, such as", None),
]


@pytest.mark.parametrize(("new", "message", "suggestion"), FAULTS, ids=[message[:30] for _, message, _ in FAULTS])
def test_a_fault_is_named_at_its_place(tmp_path: Path, new: str, message: str, suggestion: str | None) -> None:
    rules = copied(tmp_path)
    place = changed(rules, "enrichment", OLD + "\n# Two more", new + "\n# Two more")
    found = [problem for problem in problems(rules) if problem.message.startswith(message)]
    assert found, problems(rules)
    assert (found[0].suggestion, found[0].severity) == (suggestion, "error")
    if HERE in new and "rows: {}" not in new:
        assert (found[0].line, found[0].column) == place


def test_a_look_up_as_documented_is_taken(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "enrichment", OLD + "\n# Two more", OLD + LOOK_UP + "\n# Two more")
    assert [one.name for one in compiled(rules).rules.providers] == ["hubspot", "http_lookup"]


def test_rules_without_the_file_ask_the_crm_as_before(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    (rules / "enrichment.yaml").unlink()
    found = compiled(rules).rules
    assert [(one.name, one.vendor) for one in found.providers] == [("hubspot", "hubspot")]
    old = found.model_dump(mode="json", by_alias=True, exclude={"enrichment"})
    assert Rules.model_validate(old).enrichment == EnrichmentPolicy()


# -- the list


def listed(folder: Path, text: str | bytes) -> Path:
    rules = copied(folder)
    changed(rules, "enrichment", OLD + "\n# Two more", LISTED + "\n# Two more")
    raw = text if isinstance(text, bytes) else text.encode()
    (rules / "companies.csv").write_bytes(raw)
    return rules


def the_list(rules: Path) -> Provider:
    return compiled(rules).rules.providers[-1]


def rows(rules: Path) -> object:
    return the_list(rules).options["rows"]


GOOD = "domain,name,industry,employees,key_account,owner,country\n"


def test_what_a_spreadsheet_saves_is_read(tmp_path: Path) -> None:
    text = (
        "\ufeffDomain;Name;industry;Employees;key_account;owner;account.country\r\n"
        "https://www.Firma.example/kontakt;Zażółć Sp. z o.o.;Oprogramowanie;51-200;tak;anna;Polska\r\n"
        ";;;;;;\r\n"
        'druga.example;"Druga; i syn";;;;;\r\n'
    )
    assert rows(listed(tmp_path, text)) == {
        "firma.example": {
            "account.name": "Zażółć Sp. z o.o.",
            "account.industry": "software",
            "account.employees": 51,
            "account.key_account": True,
            "account.owner": "anna",
            "account.country": "PL",
        },
        "druga.example": {"account.name": "Druga; i syn"},
    }


ROWS = [
    ("", 1, "the first row names the columns, and one of them is `domain`"),
    ("name\nFirma\n", 1, "the first row names the columns"),
    ("domain,emploees\n", 1, "unknown column 'emploees'"),
    (GOOD + "firma,,,,,,\n", 2, "'firma' is no domain"),
    (GOOD + ",Firma,,,,,\n", 2, "'' is no domain"),
    (GOOD + "ada@firma.example,,,,,,\n", 2, "'ada@firma.example' is no domain"),
    (GOOD + "gmail.com,,,,,,\n", 2, "gmail.com is free mail"),
    (GOOD + "a.example,,,,,,\nwww.a.example,,,,,,\n", 3, "a.example is here twice; the first is on line 2"),
    (GOOD + "a.example,,,many,,,\n", 2, "'many' is not what account.employees can be"),
    (GOOD + "a.example,,,,perhaps,,\n", 2, "'perhaps' is not what account.key_account can be"),
    (GOOD + "a.example,,,,,ana,\n", 2, "'ana' is no rep of team.yaml"),
    ("domain,deal_owner\na.example,tomas\n", 2, "'tomas' is no rep of team.yaml"),
    (GOOD + "a.example,Firma, Ltd,software,1,,,\n", 2, "more cells than columns"),
    (GOOD.encode() + b"a.example,Za\xbf\xf3\xb3\xe6,,,,,\n", 2, "not UTF-8"),
    ("domain\n" + "".join(f"a{n}.example\n" for n in range(MAX_ROWS + 1)), MAX_ROWS + 2, "more than 5,000 rows"),
    ("domain,name\na.example," + "x" * 200_000, 2, "this is not CSV: field larger"),
    ("domain,name\na.example," + "x" * 1024 * 1024, 1, "larger than 1024 KiB"),
]


@pytest.mark.parametrize(("text", "line", "message"), ROWS, ids=[message[:30] for _, _, message in ROWS])
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, text: str | bytes, line: int, message: str) -> None:
    rules = listed(tmp_path, text)
    found = problems(rules)
    assert found
    assert found[0].message.startswith(message)
    assert (found[0].file, found[0].line) == (str(rules / "companies.csv"), line)


def test_the_largest_list_fits_the_rules(tmp_path: Path) -> None:
    rules = listed(tmp_path, "domain,name\n" + "".join(f"a{n}.example,Company {n}\n" for n in range(MAX_ROWS)))
    found = the_list(rules)
    assert len(dict(found.options["rows"])) == MAX_ROWS  # type: ignore[call-overload]
    assert found.fresh.total_seconds() == 0, "a changed row counts from the next touch on"
    assert len(bundle(compiled(rules).rules).encode()) < 2 * 1024 * 1024


# -- regions


@pytest.mark.parametrize(
    ("country", "postcode", "region"),
    [
        ("PL", "00-950", "pl_central"),
        ("PL", "80 255", "pl_north"),
        ("PL", "8", None),
        ("PL", "", None),
        ("RS", "11000", "rs_belgrade"),
        ("RS", "21000", "rs_north"),
        ("DE", "D-80331", None),
        ("DE", "80331", "de_south"),
        ("AT", None, "austria"),
        ("FR", "75001", None),
    ],
)
def test_a_postcode_is_in_its_region(country: str, postcode: str | None, region: str | None) -> None:
    from tests.system import default_rules

    assert default_rules().enrichment.region(country, postcode) == region


@pytest.mark.parametrize("postcodes", ["87-80", "8-10", "", "ab", "80-", "80–87", "-"])
def test_a_range_that_is_none_is_refused(postcodes: str) -> None:
    with pytest.raises(ValueError, match="write how postcodes begin"):
        RegionRule(region="r", country="PL", postcodes=(postcodes,))


@settings(max_examples=100, derandomize=True)
@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99_999))
def test_a_range_holds_all_between_its_ends(low: int, high: int, code: int) -> None:
    first, last = sorted((low, high))
    rule = RegionRule(region="r", country="PL", postcodes=(f"{first:02}-{last:02}",))
    written = f"{code:05}"
    assert rule.holds("PL", f"{written[:2]}-{written[2:]}") == (first <= code // 1000 <= last)
