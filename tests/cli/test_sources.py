"""`leadrelay sources check`: whoever was switched off is named, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from connectors.kit.sandbox import Fault, Sandbox
from connectors.typeform.sandbox import World, serve
from leadrelay.cli import sources as command
from leadrelay.cli.subscriptions import checked
from leadrelay.ports.errors import Retry
from leadrelay.ports.fetch import Subscription
from tests.cli.conftest import Run
from tests.system import System, default_rules

OURS = "https://leads.example.com/in/typeform"
TOKEN = "tfp_example_access_token"
STEPS = "docs/connectors.md"


class Told:
    def __init__(self, *found: tuple[str, list[Subscription]]) -> None:
        self.found = list(found)

    def subscriptions(self) -> list[tuple[str, list[Subscription]]]:
        return self.found


def judged(*webhooks: Subscription) -> tuple[bool, str]:
    (one,) = checked(Told(("form 1", list(webhooks))), OURS, STEPS)
    assert bool(one.fix) != one.ok
    return one.ok, one.detail


def test_one_that_comes_to_us_and_is_on_is_enough() -> None:
    on, off = Subscription(OURS, active=True), Subscription(OURS, active=False)
    elsewhere = Subscription("https://other.example/in/typeform", active=True)
    assert judged(off, elsewhere, on) == (True, "delivers")
    assert judged(Subscription(f"{OURS}/?key=of-ours", active=True)) == (True, "delivers")
    assert judged(Subscription("", active=True)) == (True, "delivers")
    assert judged(off, elsewhere) == (False, "switched off")
    assert judged(Subscription("", active=False, note="not for leadgen")) == (False, "switched off (not for leadgen)")
    assert judged(elsewhere) == (False, f"no webhook to {OURS}; 1 go elsewhere")
    assert judged() == (False, f"no webhook to {OURS}")


def test_what_cannot_be_looked_at_is_a_finding() -> None:
    class Away(Told):
        def subscriptions(self) -> list[tuple[str, list[Subscription]]]:
            raise Retry(30, "away", "outage")

    assert [one.ok for one in checked(Away(), OURS, STEPS)] == [False]
    assert [one.ok for one in checked(Told(), OURS, STEPS)] == [False]


class Stage:
    """A deployment whose rules read Typeform's list."""

    def __init__(self, secrets: Mapping[str, tuple[str, ...]]) -> None:
        rules = default_rules()
        typeform = rules.sources.sources["typeform"].with_(poll_seconds=300, options={"forms": ["frm1", "frm2"]})
        named = {**rules.sources.sources, "typeform": typeform}
        self._system = System(rules_now=type(rules).of(rules.with_(sources=rules.sources.with_(sources=named))))
        self._secrets = secrets

    def rules(self) -> Any:
        return self._system.rules

    def secrets(self) -> Any:
        return self

    def get(self, path: str) -> Mapping[str, tuple[str, ...]]:
        assert path.startswith("fetch/")
        return self._secrets if path == "fetch/typeform" else {}


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox[World]]:
    with serve(access_token=TOKEN) as running:
        running.world.add("forms", [{"id": "frm1"}, {"id": "frm2"}])
        monkeypatch.setenv("LEADRELAY_ENDPOINTS", f'{{"typeform": "{running.url}"}}')
        monkeypatch.setenv("COLUMNS", "240")
        monkeypatch.setattr(command, "Deployed", lambda stage: Stage({"access_token": (TOKEN,)}))
        monkeypatch.setattr(command, "outputs", lambda *_: {"ApiUrl": "https://leads.example.com/"})
        yield running


def test_a_webhook_that_was_switched_off_is_named_with_what_to_do(run: Run, sandbox: Sandbox[World]) -> None:
    hooks = [{"form_id": "frm1", "url": OURS, "enabled": True}, {"form_id": "frm2", "url": OURS, "enabled": False}]
    sandbox.world.add("webhooks", hooks)
    result = run("sources", "check", "--source", "typeform")
    assert result.code == 1
    assert "1 of 2 not in order" in result.err
    lines = {form: line for line in result.out.splitlines() for form in ("frm1", "frm2") if form in line}
    assert "delivers" in lines["frm1"]
    assert "switched off" in lines["frm2"]
    assert "switch it on again" in lines["frm2"]
    sandbox.world.webhooks[1]["enabled"] = True
    assert run("sources", "check", "--source", "typeform").code == 0
    assert run("sources", "check", "--source", "typeform", "--to", "https://other.example").code == 1


def test_trouble_is_a_finding_and_an_unknown_source_is_refused(run: Run, sandbox: Sandbox[World]) -> None:
    sandbox.fail(Fault(1, 403))
    assert "responses:read" in run("sources", "check", "--source", "typeform").out
    assert run("sources", "check", "--source", "nobody").code == 1


def test_a_missing_token_is_a_finding(run: Run, sandbox: Sandbox[World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "Deployed", lambda stage: Stage({}))
    result = run("sources", "check", "--source", "typeform")
    assert result.code == 1
    assert "access_token" in result.out
