"""The dashboard on the local cloud: the real routes, rights and rows behind a link, as a browser meets them.

It comes after the tests of leads: while pages are read nobody sweeps, and a clock of seconds would run out unwarned.
"""

from __future__ import annotations

import re
from html import unescape
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from leadrelay.domain.reporting.access import Claim
from leadrelay.local import rows
from leadrelay.local.cloud import Cloud
from leadrelay.local.dashboard import link_for
from leadrelay.local.traffic import Act
from leadrelay.local.watch import Picture, look
from tests.e2e.settling import Settle

pytestmark = pytest.mark.e2e

Page = tuple[int, str]


def browser() -> OpenerDirector:
    """Keeps cookies."""
    return build_opener(HTTPCookieProcessor(CookieJar()))


def get(at: OpenerDirector, address: str) -> Page:
    """The status and the text of what is there, after redirects."""
    try:
        with at.open(address) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def nobody_has_any(seen: Picture) -> list[str]:
    """What a page of a rep's leads needs."""
    return [] if any(record.lead.ownership.rep for record in seen.leads.values()) else ["no rep has a lead"]


def test_a_link_shows_filled_pages_and_each_sees_the_names_they_may(
    cloud: Cloud, acts: list[Act], settle: Settle
) -> None:
    settle(nobody_has_any)
    rows.refresh(cloud)
    at, home = browser(), f"{cloud.api}/dashboard"
    assert get(at, home)[0] == 401
    assert get(at, link_for(cloud, Claim(role="manager")))[0] == 200
    for page in ("", "/quality", "/reports", "/reports/funnel", "/reports/sla", "/reports/channels"):
        status, text = get(at, home + page)
        assert (status, "<script" in text) == (200, False), page
        assert "<svg" in text or page == "/reports", page
    assert get(at, f"{home}/style.css")[0] == 200

    links = [unescape(link) for link in re.findall(r'href="([^"]*)"', get(at, f"{home}/reports/funnel")[1])]
    opened = next(link for link in links if "/open/funnel" in link)
    status, text = get(at, cloud.emulator.endpoint + opened)
    leads = {record.lead.lead_id: record for record in look(cloud).leads.values()}
    shown = set(re.findall(r"/leads/([0-9a-f]{32})", text))
    assert status == 200
    assert shown
    assert shown <= set(leads)

    owners = {each: leads[each].lead.ownership.rep for each in shown if leads[each].lead.ownership.rep}
    lead_id, rep = next(iter(owners.items()))
    last_name = str(leads[lead_id].profile.plain().get("lead.last_name") or lead_id)
    other = next(each.id for each in cloud.rules.team.reps if each.id != rep)
    theirs, strangers = browser(), browser()
    assert f"/leads/{lead_id}" in get(theirs, link_for(cloud, Claim(role="rep", rep=rep)))[1]
    get(strangers, link_for(cloud, Claim(role="rep", rep=other)))
    assert last_name in get(theirs, f"{home}/leads/{lead_id}")[1]
    status, text = get(strangers, f"{home}/leads/{lead_id}")
    assert status == 200
    assert str(leads[lead_id].profile.plain()["lead.email"]) not in text
    assert get(strangers, f"{home}/me?rep={rep}")[0] == 403
