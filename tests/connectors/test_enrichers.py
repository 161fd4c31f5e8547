"""What every vendor keeps who knows companies, found by its folder: adding one adds it here."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

from connectors import registry
from connectors.company_list.enrich import enricher
from leadrelay.ports.enrich import AccountFound
from leadrelay.ports.errors import Misconfigured, Reject

ROOT = Path(registry.__file__).parent
VENDORS = [vendor for vendor in registry.vendors() if "enrich" in registry.roles(vendor)]


def test_they_are_found() -> None:
    assert set(VENDORS) == {"company_list", "http_lookup", "hubspot", "salesforce"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_manifest_tells_people_what_they_need(vendor: str) -> None:
    told = registry.manifest(vendor)
    assert told.name
    assert told.about
    assert told.sends
    assert told.limits
    assert all(told.secrets.values())
    assert told.docs.startswith("https://") or (ROOT.parent / told.docs).is_file()


def test_every_module_is_what_its_role_promises(tmp_path: Path) -> None:
    """The type checker compares each module with its protocol."""
    lines = [
        "from collections.abc import Callable, Mapping",
        "from leadrelay.ports.enrich import Enricher",
        "Make = Callable[[Mapping[str, str], str | None, Mapping[str, object]], Enricher]",
    ]
    for vendor in VENDORS:
        lines += [f"from connectors.{vendor} import enrich as e_{vendor}", f"_{vendor}: Make = e_{vendor}.enricher"]
    script = tmp_path / "protocols.py"
    script.write_text("\n".join(lines))
    out, err, status = api.run(["--config-file", str(ROOT.parent / "pyproject.toml"), str(script)])
    assert status == 0, out + err


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("options", [{"colour": "blue"}, {"rows": 5}, {}])
def test_a_set_up_that_lacks_something_says_so(vendor: str, options: dict[str, object]) -> None:
    with pytest.raises(Misconfigured) as caught:
        registry.load("enrich", vendor).enricher({}, None, options)
    assert len(str(caught.value)) > 20


# -- the list

ROWS = {"firma.example": {"account.key_account": True, "account.employees": 60}}


def test_a_listed_company_is_told_and_no_other() -> None:
    found = enricher({}, None, {"rows": ROWS})
    assert found.account(" FIRMA.example ") == AccountFound(domain="firma.example", more=ROWS["firma.example"])
    assert found.account("other.example") is None
    with pytest.raises(Reject):
        found.account("no domain")
