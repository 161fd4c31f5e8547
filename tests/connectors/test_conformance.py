"""What every sender's connector keeps, found by its folder: adding a vendor adds it here."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from mypy import api

from connectors import registry
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.source import Malformed, Outcome, Unauthentic, Wary
from leadrelay.workflows.screen import suspected
from tests.connectors.cases import (
    Case,
    all_cases,
    delivery,
    dump,
    now,
    params,
    secrets,
    settings,
    source,
    source_vendors,
)
from tests.connectors.invariants import check_draft

VENDORS = source_vendors()
ROOT = Path(registry.__file__).parent
FOUND = [(vendor, path.stem, case) for vendor, path, case in all_cases()]
CASES = params(FOUND)
GENUINE = params([one for one in FOUND if "drafts" in one[2]["expect"]])
ERRORS = {"unauthentic": Unauthentic, "malformed": Malformed}
OUTCOMES: dict[Outcome, int] = {
    "stored": 200,
    "unauthentic": 401,
    "malformed": 400,
    "too_large": 413,
    "unsupported_encoding": 415,
    "unavailable": 503,
}


def test_the_four_senders_are_found() -> None:
    assert {"webform", "meta", "google_ads", "typeform"} <= set(VENDORS)


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_manifest_is_complete(vendor: str) -> None:
    manifest = registry.manifest(vendor)
    assert manifest.name
    assert manifest.docs.startswith("https://") or (ROOT.parent / manifest.docs).is_file()
    assert manifest.about
    assert manifest.sends
    assert manifest.ack
    assert manifest.limits
    assert all(manifest.secrets.values())
    assert manifest.fields
    assert all(re.fullmatch(r"(lead|account)\.[a-z_]+", ours) for ours in manifest.fields.values())
    known = {*registry.Manifest.model_fields, *registry.ROLES, "api"}
    assert set(tomllib.loads((ROOT / vendor / "connector.toml").read_text())) <= known


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_secret_of_the_cases_is_explained(vendor: str) -> None:
    used = {name for found, _, case in all_cases() if found == vendor for name in case["secrets"]}
    assert bool(used) == bool(registry.manifest(vendor).secrets)
    assert used <= set(registry.manifest(vendor).secrets)


@pytest.mark.parametrize("vendor", VENDORS)
def test_there_are_cases_of_each_sort(vendor: str) -> None:
    expected = [case["expect"] for found, _, case in all_cases() if found == vendor]
    assert sum(bool(one.get("drafts")) for one in expected) >= 3
    assert {"unauthentic", "malformed"} <= {one.get("error") for one in expected}


def test_every_module_is_what_its_role_promises(tmp_path: Path) -> None:
    """The type checker compares each module with its protocol."""
    lines = [
        "from collections.abc import Callable, Mapping",
        "from leadrelay.ports.contacts import Contacts",
        "from leadrelay.ports.fetch import Fetch",
        "from leadrelay.ports.source import Source",
        "Make = Callable[[Mapping[str, str], str | None, Mapping[str, object]], Fetch]",
        "Look = Callable[[Mapping[str, str], str | None, Mapping[str, object]], Contacts]",
    ]
    for vendor in VENDORS:
        lines += [f"from connectors.{vendor} import source as s_{vendor}", f"_s_{vendor}: Source = s_{vendor}"]
        if "fetch" in registry.roles(vendor):
            lines += [f"from connectors.{vendor} import fetch as f_{vendor}", f"_f_{vendor}: Make = f_{vendor}.fetch"]
        if "contacts" in registry.roles(vendor):
            lines += [f"from connectors.{vendor} import contacts as c_{vendor}"]
            lines += [f"_c_{vendor}: Look = c_{vendor}.contacts"]
    script = tmp_path / "protocols.py"
    script.write_text("\n".join(lines))
    out, err, status = api.run(["--config-file", str(ROOT.parent / "pyproject.toml"), str(script)])
    assert status == 0, out + err


@pytest.mark.parametrize("vendor", VENDORS)
def test_acknowledgements_are_constant_and_exact(vendor: str) -> None:
    for outcome, status in OUTCOMES.items():
        reply = source(vendor).acknowledge(outcome)
        assert reply.status == status
        assert reply == source(vendor).acknowledge(outcome)
        assert ("retry-after" in reply.headers) == (outcome == "unavailable")
        if reply.content_type == "application/json":
            assert isinstance(json.loads(reply.body), dict)


@pytest.mark.parametrize(("vendor", "case"), CASES)
def test_case(vendor: str, case: Case) -> None:
    expect = case["expect"]
    if "error" in expect:
        with pytest.raises(ERRORS[expect["error"]]) as caught:
            _receive(vendor, case)
        assert re.fullmatch(r"[a-zA-Z_.:*\[\]0-9]+", str(caught.value)), "an error says a code, never payload"
    elif "challenge" in expect:
        reply = source(vendor).challenge(delivery(case), settings(case), secrets(case))
        assert reply is not None
        assert {"status": reply.status, "body": reply.body} == expect["challenge"]
    else:
        trust, drafts = _receive(vendor, case)
        assert [dump(draft) for draft in drafts] == expect["drafts"]
        assert trust == expect["trust"]


@pytest.mark.parametrize(("vendor", "case"), CASES)
def test_the_expectation_itself_is_possible(vendor: str, case: Case) -> None:
    """A recorded answer certifies whatever the code did; so it must also make sense."""
    drafts = [TouchDraft.model_validate(one) for one in case["expect"].get("drafts", [])]
    assert len({draft.key for draft in drafts}) == len(drafts)
    for draft in drafts:
        check_draft(draft, now(case), secrets(case))


@pytest.mark.parametrize(("vendor", "case"), GENUINE)
def test_a_repeated_delivery_has_the_same_keys(vendor: str, case: Case) -> None:
    """A sender's retry on the same day is the same touches; a browser has none, only its visitor's second click."""
    later = now(case).replace(hour=23, minute=59) if case["proof"] else now(case) + timedelta(seconds=1)
    first = source(vendor).parse(delivery(case), settings(case), now(case))
    again = source(vendor).parse(delivery(case), settings(case), later)
    assert [draft.key for draft in first] == [draft.key for draft in again]


@pytest.mark.parametrize(("vendor", "case"), GENUINE)
def test_what_is_kept_has_no_secret_and_reads_the_same(vendor: str, case: Case) -> None:
    """A month later, after a mapping fix, the kept body is read again: it must be the same touches."""
    kept = source(vendor).keep(delivery(case))
    assert not [value for values in secrets(case).values() for value in values if value.encode() in kept]
    again = delivery(case, kept)
    assert source(vendor).keep(again) == kept
    assert source(vendor).parse(again, settings(case), now(case)) == source(vendor).parse(
        delivery(case), settings(case), now(case)
    )


@pytest.mark.parametrize("path", [*sorted(ROOT.glob("*/source.py")), ROOT / "kit" / "signing.py"], ids=str)
def test_secrets_are_compared_in_constant_time_in_one_place(path: Path) -> None:
    """Only signing.py makes or compares signatures, and there nothing but constants is compared with ==."""
    tree = ast.parse(path.read_text())
    imports = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    if path.name != "signing.py":
        assert "hmac" not in imports
        return
    loose = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(op, (ast.Eq, ast.NotEq)) for op in node.ops)
        and not any(isinstance(side, ast.Constant) for side in (node.left, *node.comparators))
    ]
    assert loose == [], "compare these with hmac.compare_digest"
    assert "compare_digest" in path.read_text()


def _receive(vendor: str, case: Case) -> tuple[str, list[TouchDraft]]:
    module, request = source(vendor), delivery(case)
    reply = module.challenge(request, settings(case), secrets(case))
    assert reply is None, "only a handshake is answered before verification"
    trust = module.verify(request, settings(case), secrets(case), now(case))
    drafts = list(module.parse(request, settings(case), now(case)))
    against = module.suspicion(request, settings(case), secrets(case), now(case)) if isinstance(module, Wary) else None
    return trust, [draft if draft.suspicion or not against else suspected(draft, against, trust) for draft in drafts]
