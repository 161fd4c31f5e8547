"""What a person runs against a deployed stage: see what is parked, mend it, take it up again, look at the lead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.kit import signing
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import FormPolicy
from leadrelay.local.cloud import Cloud
from leadrelay.local.courier import Courier, Parcel
from leadrelay.local.deploy import STAGE
from leadrelay.local.tools import PROJECT
from leadrelay.local.watch import Picture
from leadrelay.ports.records import TouchRecord
from tests.e2e.settling import Settle
from tests.e2e.trouble import old_rules_afterwards, release

pytestmark = pytest.mark.e2e

FORM = "nobody-knows-its-fields"
EMAIL = "irma@riddle-works.example"


def run(cloud: Cloud, *arguments: str, code: int = 0) -> str:
    """What the command says, on standard output or, when it refuses, on standard error."""
    host = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-m", "leadrelay.cli", *arguments],
        env={**host, **cloud.emulator.environment},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stderr if code else done.stdout


def parked(cloud: Cloud) -> dict[str, int]:
    found: dict[str, int] = json.loads(run(cloud, "parked", "list", "--stage", STAGE, "--json"))
    return found


def touch_of(seen: Picture) -> TouchRecord:
    [touch] = [touch for touch in seen.touches.values() if touch.touch.origin.form == FORM]
    return touch


def mended(rules: Rules) -> Rules:
    """The rules with the names that this form gives to its fields."""
    names: dict[str, tuple[str, ...]] = {"lead.email": ("pole_7",), "lead.first_name": ("pole_8",)}
    website = rules.sources.sources["website"]
    known = website.with_(forms={**website.forms, FORM: FormPolicy(intent="demo_request", map=names)})
    return Rules.of(rules.with_(sources=rules.sources.with_(sources={**rules.sources.sources, "website": known})))


@pytest.fixture(scope="module")
def riddle(cloud: Cloud, courier: Courier, settle: Settle) -> TouchRecord:
    """A touch that waits for a person, because nobody knows what its fields mean."""
    fields = {"pole_7": EMAIL, "pole_8": "Irma"}
    body = json.dumps({"form": FORM, "submission_id": "riddle-of-the-command-line", "fields": fields}).encode()
    at = str(int(datetime.now(UTC).timestamp()))
    proof = signing.sign(cloud.outside.secrets["source/website"]["signing_secret"], at.encode() + b"." + body).decode()
    headers = {"content-type": "application/json", "x-leadrelay-signature": f"t={at},v1={proof}"}
    assert courier.post(Parcel("riddle", "website", headers, body)).status == 200
    seen = settle(lambda seen: [] if touch_of(seen).state == "parked" else ["the riddle is not parked yet"])
    return touch_of(seen)


@pytest.fixture(scope="module")
def healed(cloud: Cloud, riddle: TouchRecord, settle: Settle) -> Iterator[Picture]:
    """After the mapping was mended and the touch taken up again."""

    def waiting(seen: Picture) -> list[str]:
        """Functions notice new rules after seconds: a touch that is taken up before is parked again, and no worse."""
        touch = touch_of(seen)
        if touch.state == "parked":
            assert "taken up again" in run(cloud, "parked", "redrive", "unmappable", "--stage", STAGE)
        known = touch.state == "done" and seen.contacts_of(EMAIL)
        return [] if known else [f"the riddle is {touch.state}, and not in the CRM"]

    with old_rules_afterwards(cloud):
        release(cloud, mended(cloud.rules))
        yield settle(waiting)


def test_what_is_parked_is_listed_with_its_reason(cloud: Cloud, riddle: TouchRecord) -> None:
    assert riddle.reason == "unmappable"
    assert parked(cloud)["unmappable"] >= 1
    assert "unmappable" in run(cloud, "parked", "list", "--stage", STAGE)


def test_a_mended_mapping_and_a_redrive_make_it_a_lead(cloud: Cloud, healed: Picture) -> None:
    touch = touch_of(healed)
    lead = healed.leads[touch.lead_id or ""]
    assert lead.profile.plain()["lead.first_name"] == "Irma"
    assert (lead.lead.temperature, lead.lead.ownership.placed) == ("hot", True)
    [contact] = healed.contacts_of(EMAIL)
    assert contact.lead_id == lead.lead.lead_id


def test_a_leads_story_is_shown(cloud: Cloud, healed: Picture) -> None:
    lead = healed.leads[touch_of(healed).lead_id or ""].lead
    shown = run(cloud, "lead", "show", lead.lead_id, "--stage", STAGE)
    assert all(word in shown for word in (EMAIL, "Irma", "LeadCreated", "LeadAssigned", "CrmSynced"))
    story = json.loads(run(cloud, "lead", "show", lead.lead_id, "--stage", STAGE, "--json"))
    assert story["lead"]["lead_id"] == lead.lead_id
    assert story["crm"][0]["crm_id"] == healed.contacts_of(EMAIL)[0].crm_id


def test_why_a_lead_is_whose_it_is_comes_out_the_same_by_the_rules_of_that_time(cloud: Cloud, healed: Picture) -> None:
    lead = healed.leads[touch_of(healed).lead_id or ""].lead
    told = json.loads(run(cloud, "lead", "why", lead.lead_id, "--stage", STAGE, "--json"))
    assert told["same"] is True
    assert told["decision"]["rule"] == lead.ownership.rule
    assert [lap["step"] for lap in told["laps"]][-1] == "delivered"
    pools = json.loads(run(cloud, "report", "live", "fairness", "--stage", STAGE, "--json"))
    assert lead.ownership.pool in [pool["pool"] for pool in pools if pool["given"]]


def test_what_is_not_there_is_said_and_not_traced(cloud: Cloud) -> None:
    assert "there is no lead nobody" in run(cloud, "lead", "show", "nobody", "--stage", STAGE, code=1)
    assert "there is no stack leadrelay-nowhere" in run(cloud, "parked", "list", "--stage", "nowhere", code=1)
    assert "0 taken up again" in run(cloud, "parked", "redrive", "no-such-reason", "--stage", STAGE)
    assert "0 moved back to score" in run(cloud, "parked", "dead", "score", "--stage", STAGE)
