"""How each sender is connected is told whole: nobody has to read code to connect one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors import registry
from leadrelay.ports.source import doors_of
from leadrelay.rulebook.document_connectors import connectors_page
from tests.connectors.cases import source, source_vendors

VENDORS = source_vendors()
PROJECT = Path(registry.__file__).parents[1]


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_steps_name_the_address_and_every_secret(vendor: str) -> None:
    told = registry.manifest(vendor)
    steps = "\n".join(told.connect)
    assert len(told.connect) >= 3
    assert ("{url}" in steps) == ("http" in doors_of(source(vendor)))
    proving = [name for name in told.secrets if name not in OF_THE_CRM.get(vendor, ())]
    assert [name for name in proving if name not in steps] == []
    assert told.trouble


OF_THE_CRM = {
    "hubspot": ("token",),
    "salesforce": ("domain", "consumer_key", "consumer_secret", "username", "private_key"),
    "sendgrid": ("trial_key",),
}
"""What opens the CRM is told in docs/runbooks/crm.md, and who sends samples knows why."""


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_contract_is_told_in_one_row(vendor: str) -> None:
    told = registry.manifest(vendor)
    assert all(told.contract.model_dump().values())
    assert "unverified" not in told.limits, "it stands in the contract"
    assert "Connect" not in told.sends, "that is what the steps are for"


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_secret_in_the_address_is_a_step(vendor: str) -> None:
    """Whoever proves themselves by a secret in the address must be told to put it there."""
    by_address = "in the address" in registry.manifest(vendor).contract.authentication
    assert by_address == any("{url}?token=" in step for step in registry.manifest(vendor).connect)


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_page_has_a_row_and_a_section_for_each(vendor: str) -> None:
    page, told = connectors_page(), registry.manifest(vendor)
    row = next(line for line in page.splitlines() if line.startswith(f"| [{told.name}](#"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 7
    anchor = row.partition("(#")[2].partition(")")[0]
    heading = next(line for line in page.splitlines() if line == f"## {told.name}")
    assert anchor == re.sub(r"[^a-z0-9 _-]", "", heading.removeprefix("## ").lower()).replace(" ", "-")
    section = page.split(f"\n{heading}\n")[1].split("\n## ")[0]
    assert "### Connect it" in section
    assert "### When it does not work" in section
    assert "{url}" not in section


def test_nothing_in_angle_brackets_is_lost() -> None:
    """Markdown takes `<token>` for HTML and shows nothing, outside of code."""
    steps = [line for line in connectors_page().splitlines() if re.match(r"(\d+\.|-) ", line)]
    bare = [line for line in steps for part in line.split("`")[::2] if re.search(r"(?<!\\)<", part)]
    assert bare == []


def test_pages_that_the_steps_name_exist() -> None:
    told = [
        line for vendor in VENDORS for line in (*registry.manifest(vendor).connect, *registry.manifest(vendor).trouble)
    ]
    named = {page for line in told for page in re.findall(r"docs/[a-z_/]+\.md", line)}
    assert named
    assert [page for page in sorted(named) if not (PROJECT / page).is_file()] == []
