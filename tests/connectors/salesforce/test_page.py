"""The page over a Salesforce org: the most urgent first, strangers' words harmless, and a person's own hands."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.salesforce.crm import crm
from connectors.salesforce.sandbox.store import ME
from connectors.salesforce.setup import setup
from leadrelay.local.crm_world import Sandbox, World
from leadrelay.ports.crm import FieldWrite, Ok, PutNote, PutTask, RecordKey, UpsertPerson
from tests.connectors.salesforce.org import CREDENTIALS, LEFT, QUEUE, REP, Org, standing

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def org() -> Iterator[Org]:
    with standing(world=World(lambda: NOW)) as org:
        role = setup(CREDENTIALS, org.sandbox.url)
        role.apply(role.plan())
        yield org


@pytest.fixture
def shown(org: Org) -> Org:
    """Four leads as the connector writes them; three have a task."""
    account = crm(CREDENTIALS, org.sandbox.url)
    for number, minutes in enumerate((90, -5, None, 10)):
        fields: dict[str, str | int] = {
            "first_name": f"Lead{number}", "last_name": "Ames", "email": f"lead{number}@example.com", "company": EVIL,
            "message": EVIL, "score": 50 + number, "grade": "B", "score_reasons": f"+30 asked for a demo; +5 {EVIL}",
            "lifecycle_stage": "mql", "lead_status": "new", "next_step": "Call", "owner": REP,
            "campaign": "spring_demo", "owner_reason": "hot leads go to Dana", "lead_key": f"{number:032x}",
        }  # fmt: skip
        writes = tuple(FieldWrite(name, value) for name, value in fields.items())
        [result] = account.write([UpsertPerson("p", RecordKey(f"{number:032x}", fresh=True), writes)])
        assert isinstance(result, Ok)
        if minutes is not None:
            due = NOW + timedelta(minutes=minutes)
            task = PutTask(f"t{number}", result.crm_id, EVIL, EVIL, due, REP)
            done = account.write([task, PutNote(f"n{number}", result.crm_id, EVIL, NOW)])
            assert all(isinstance(one, Ok) for one in done)
    return org


def page(sandbox: Sandbox, path: str = "/") -> str:
    return requests.get(sandbox.url + path, timeout=5).text


def sent(sandbox: Sandbox, data: Any, **headers: str) -> requests.Response:
    here = {"Origin": sandbox.url, **headers}
    place = f"{sandbox.url}/__world/by_hand"
    return requests.post(place, data=data, headers=here, allow_redirects=False, timeout=5)


def test_the_most_urgent_comes_first(shown: Org) -> None:
    text = page(shown.sandbox)
    assert re.findall(r">(Lead\d) Ames</a>", text) == ["Lead1", "Lead3", "Lead0", "Lead2"]
    assert re.findall(r'class="card (\w+)"', text) == ["late", "soon", "planned", "none"]


def test_a_card_tells_the_rep_what_matters(shown: Org) -> None:
    text = page(shown.sandbox)
    for words in (
        "Dana Reyes", "mql", "asked for a demo", "spring demo", "Call", "hot leads go to Dana", f"{1:032x}",
        "score · B", "due 5 min ago", ">Notes<",
    ):  # fmt: skip
        assert words in text


def test_a_task_with_a_day_only_is_due_when_the_day_ends(org: Org) -> None:
    lead = org.lead(OwnerId=REP)
    org.hands.add("Task", {"WhoId": lead, "Subject": "Call back", "ActivityDate": "2026-03-02"})
    assert "Due in 12 h" in page(org.sandbox)


def test_strangers_words_are_only_words(shown: Org) -> None:
    [lead, *_] = shown.client.query("SELECT Id FROM Lead")["records"]
    for text in (page(shown.sandbox), page(shown.sandbox, f"/contacts/{lead['Id']}")):
        assert "&lt;script&gt;alert(1)" in text
        assert "<script" not in text
        assert "<img" not in text


def test_each_person_has_their_own_address(shown: Org) -> None:
    lead = shown.one("SELECT Id FROM Lead WHERE FirstName = 'Lead2'")["Id"]
    text = page(shown.sandbox, f"/contacts/{lead}")
    assert re.findall(r">(Lead\d) Ames</a>", text) == ["Lead2"]
    assert "LR_Key__c" in text
    assert 'http-equiv="refresh"' not in text  # it would empty the form that somebody fills in
    assert requests.get(f"{shown.sandbox.url}/contacts/00Q5e0000009999AAA", timeout=5).status_code == 404


def test_a_converted_lead_is_shown_as_its_contact_with_its_account(org: Org) -> None:
    lead = org.lead(FirstName="Ann", OwnerId=REP, Company="Elm Works")
    org.hands.convert(lead)
    text = page(org.sandbox)
    assert len(re.findall(r'class="card ', text)) == 1
    assert "Elm Works" in text
    assert f"contact-{lead}" not in text


# -- hands


def choices(text: str, act: str) -> list[str]:
    [form] = re.findall(rf'name="act" value="{act}">(.*?)</form>', text, re.DOTALL)
    return [html.unescape(one) for one in re.findall(r'<option value="([^"]*)"', form)]


def test_a_person_gives_a_lead_away_sets_its_status_and_logs_a_call(org: Org) -> None:
    lead = org.lead(OwnerId=REP)
    assert f'href="/contacts/{lead}#hands"' in page(org.sandbox)
    assert "<form" not in page(org.sandbox), "a page that refreshes itself would forget what is being typed"
    text = page(org.sandbox, f"/contacts/{lead}")
    assert 'http-equiv="refresh"' not in text
    assert set(choices(text, "owner")) == {ME, REP, QUEUE}
    assert LEFT not in text
    assert "Connected" in choices(text, "status")
    given = sent(org.sandbox, {"id": lead, "act": "owner", "value": QUEUE})
    assert (given.status_code, given.headers["Location"]) == (303, f"/contacts/{lead}")
    sent(org.sandbox, {"id": lead, "act": "status", "value": "Connected"})
    sent(org.sandbox, {"id": lead, "act": "call", "value": "asked about prices"})
    shown = org.client.Lead.get(lead)
    assert (shown["OwnerId"], shown["Status"], shown["LastModifiedById"] != ME) == (QUEUE, "Connected", True)
    call = org.one(f"SELECT Subject, TaskSubtype, IsClosed, CreatedById FROM Task WHERE WhoId = '{lead}'")
    assert (call["Subject"], call["TaskSubtype"], call["IsClosed"]) == ("asked about prices", "Call", True)
    assert call["CreatedById"] != ME
    assert "Inbound" in page(org.sandbox)


def test_tests_and_the_demo_do_the_same_in_json(org: Org) -> None:
    lead = org.lead(OwnerId=REP)
    body = {"id": lead, "act": "owner", "value": QUEUE}
    assert requests.post(f"{org.sandbox.url}/__world/by_hand", json=body, timeout=5).status_code == 200
    assert org.client.Lead.get(lead)["OwnerId"] == QUEUE


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "127.0.0.1.evil.example:80", "Origin": "http://127.0.0.1.evil.example:80"},
    ],
)
def test_another_pages_form_is_refused(org: Org, headers: dict[str, str]) -> None:
    lead = org.lead(OwnerId=REP)
    answer = sent(org.sandbox, {"id": lead, "act": "owner", "value": QUEUE}, **headers)
    assert answer.status_code == 403
    assert org.client.Lead.get(lead)["OwnerId"] == REP


@pytest.mark.parametrize("order", ["owners", "settings", "faults", "reset"])
def test_only_hands_are_moved_by_forms(org: Org, order: str) -> None:
    headers = {"Origin": org.sandbox.url}
    answer = requests.post(f"{org.sandbox.url}/__world/{order}", data={"kind": "500"}, headers=headers, timeout=5)
    assert answer.status_code == 415
    assert org.world.owner(REP) is not None


@pytest.mark.parametrize(
    "form",
    [
        {"id": "x\r\nSet-Cookie: a=b", "act": "owner", "value": QUEUE},
        {"id": "00Q", "act": "owner", "value": QUEUE},
        {"act": "owner"},
        {"id": "LEAD", "act": "eat", "value": "x"},
        {"id": "LEAD", "act": "owner", "value": "nobody"},
        {"id": "LEAD", "act": "status", "value": "Hopeful"},
    ],
)
def test_nonsense_changes_nothing(org: Org, form: dict[str, str]) -> None:
    lead = org.lead(OwnerId=REP)
    filled = {name: lead if value == "LEAD" else value for name, value in form.items()}
    before = org.client.Lead.get(lead)
    assert sent(org.sandbox, filled).status_code == 400
    assert org.client.Lead.get(lead) == before


def test_forms_may_only_go_here(org: Org) -> None:
    headers = requests.get(org.sandbox.url, timeout=5).headers
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"  # `no-referrer` would make a browser hide the form's origin


def test_the_sandbox_runs_as_a_process(tmp_path: Any) -> None:
    import signal
    import subprocess
    import sys

    command = [sys.executable, "-m", "connectors.salesforce.sandbox", "--owner", "rep@example.test=Dana Reyes"]
    with subprocess.Popen(
        [*command, "--queue", "in@example.test=Inbound"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().rpartition(" ")[2].strip()
        owners = requests.get(f"{url}/__world/owners", timeout=5).json()
        assert [owner["id"][:3] for owner in owners] == ["005", "00G"]
        assert "No contacts yet" in requests.get(url, timeout=5).text
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
