"""Where somebody came from is not lost on the way through any sender, as far as the sender lets it through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from leadrelay.domain.sources.channel import CLASSIFIED
from tests.connectors.cases import all_cases
from tests.connectors.test_samples import SETS, VISIT, Set, _drafts

CAMPAIGN = {"source": "news", "medium": "cpc", "campaign": "spring"}
PARTNER = {**CAMPAIGN, "partner": "acme"}
TRACKED = frozenset({"calendly", "sendgrid"})
"""They let through UTM parameters and nothing else, or the address of one link."""


def _origins(one: Set, utm: dict[str, str]) -> list[dict[str, Any]]:
    drafts = _drafts(one, replace(VISIT, utm=utm))
    return [draft.origin.model_dump(exclude_none=True) for draft in drafts if draft.kind in CLASSIFIED]


@pytest.mark.parametrize("one", SETS)
def test_a_campaign_comes_through_or_the_sender_is_an_origin_of_its_own(one: Set) -> None:
    """Advertising, chats, calls and webinars are places themselves; a mail comes from nowhere."""
    for origin in _origins(one, CAMPAIGN):
        if origin.get("origin_source") == "news":
            assert (origin["medium"], origin["campaign"]) == ("cpc", "spring")
        else:
            assert "page" not in origin, "who knows the page knows how its visitor came"
            assert "origin_source" in origin or one[0] == "email"


@pytest.mark.parametrize("one", SETS)
def test_a_partner_in_the_link_comes_through_wherever_its_campaign_does(one: Set) -> None:
    for origin in _origins(one, PARTNER):
        carried = origin.get("origin_source") == "news" and one[0] not in TRACKED
        assert origin.get("partner") == ("acme" if carried else None) or one[0] in TRACKED


def test_ids_of_clicks_come_through_from_every_kind_of_sender() -> None:
    """Of the senders whose cases have one in what was sent, none loses it."""
    found: dict[str, bool] = {}
    for vendor, path, case in all_cases():
        sent = path.read_text("utf-8").partition('"expect"')[0]
        if '"drafts"' in path.read_text("utf-8") and "gclid" in sent:
            kept = any("click_id" in draft.get("origin", {}) for draft in case["expect"]["drafts"])
            found[vendor] = found.get(vendor, False) or kept
    assert found
    assert [vendor for vendor, kept in found.items() if not kept] == []
