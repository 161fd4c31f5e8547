"""A rep answers by the link in a notice, as a mail scanner and a browser reach it: over HTTP, at the deployed API."""

from __future__ import annotations

import re
from http.client import HTTPResponse
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from leadrelay.local.cast import Scene
from leadrelay.local.cloud import Cloud
from leadrelay.local.courier import Courier
from leadrelay.local.traffic import Act, perform
from leadrelay.local.watch import Picture
from leadrelay.ports.sample import Person, Visit
from tests.e2e.settling import Settle

pytestmark = pytest.mark.e2e

WHO = Person(
    first_name="Answered",
    last_name="Sample",
    email="answered@answered-works.example",
    phone="+12025550191",
    job_title="Head of Data",
    company="Answered Works",
    country="Poland",
    industry="Software",
    employees=120,
)


def links(cloud: Cloud) -> dict[str, str]:
    """Label and address of what the owner of this person's lead may answer."""
    told = [notice.body for notice in cloud.outside.notices.notices() if "Answered Works" in notice.title]
    return dict(re.findall(r"^(.+): (http\S+/act/\S+)$", told[0], re.MULTILINE)) if told else {}


def ask(address: str, method: str = "GET", **form: str) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers, as a browser gets them."""
    body = urlencode(form).encode() if method == "POST" else None
    try:
        answer: HTTPResponse = urlopen(Request(address, body, method=method), timeout=30)
    except HTTPError as refused:
        return refused.code, refused.read().decode(), dict(refused.headers)
    return answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.headers.items()}


def status(cloud: Cloud) -> list[str]:
    return [card.status for card in cloud.outside.crm.dialect.cards() if card.fields.get("email") == WHO.email]


def not_told(cloud: Cloud, seen: Picture, act: Act) -> list[str]:
    there = seen.lead_of(act) and seen.contacts_of(WHO.email) and links(cloud)
    return [] if there else [f"{WHO.email} is not in the CRM, or its owner was not told"]


def test_what_a_rep_answers_by_the_link_of_a_notice_is_what_the_crm_shows(
    cloud: Cloud, courier: Courier, settle: Settle
) -> None:
    visit = Visit("website", WHO, "demo", "website-demo-answered")
    [act] = perform([Scene(visit)], cloud.outside, cloud.rules, courier)
    settle(lambda seen: not_told(cloud, seen, act))
    found = links(cloud)
    assert set(found) == {"Accept", "Pass on to a colleague", "Too early: back to nurture", "Reject"}

    code, page, headers = ask(found["Accept"])
    assert (code, headers["cache-control"]) == (200, "no-store")
    assert "Accept this lead?" in page
    assert "Answered Works, A. S." in page
    assert WHO.email not in page
    assert ask(found["Reject"], "HEAD")[:2] == (200, "")
    assert ask(found["Accept"][:-1] + "-", "POST")[0] == 404
    picture = settle(lambda seen: [])
    lead = picture.lead_of(act)
    assert lead is not None
    assert lead.disposition is None

    assert "The lead is yours" in ask(found["Accept"], "POST")[1]
    assert "Already done" in ask(found["Accept"], "POST")[1]
    assert ask(found["Reject"], "POST")[0] == 422
    assert "Rejected" in ask(found["Reject"], "POST", reason="other", words="no budget this year")[1]
    settle(lambda seen: [] if status(cloud) == ["UNQUALIFIED"] else [f"the CRM shows {status(cloud)}"])
    picture = settle(lambda seen: [])
    after = picture.lead_of(act)
    assert after is not None
    assert (after.disposition, after.reason, after.clocks) == ("rejected", "no_budget", ())
    assert [fact.data["action"] for fact in picture.said(after.lead_id, "LinkUsed")] == ["accept", "reject"]
