"""Where a visitor came from: UTM parameters, click ids and page addresses, as codes that reports can group by.

An address may carry a person's e-mail in its query, so a page is kept without query and fragment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from leadrelay.domain.model import code

UTM = {
    "utm_source": "origin_source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
    "utm_id": "campaign_id",
    "utm_content": "ad",
}
"""Parameter to field of Origin. `utm_term` has none: it stays an answer."""
CLICK_IDS = ("gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid", "li_fat_id")
"""The first that is present wins; it is kept as `name:value`."""
PARTNERS = ("partner", "partner_id", "utm_partner")
"""Names of the id of the partner who sent somebody; the first that is present wins."""
CARRIED = (*UTM, *CLICK_IDS, *PARTNERS, "referrer")
"""Everything that a page carries about where its visitor came from."""
_ID = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")


def origin_codes(said: Mapping[str, str], page: str | None = None) -> dict[str, str | None]:
    """Fields of Origin from named parameters, completed by those in the page's own query."""
    known = {**_query(page), **{name: value for name, value in said.items() if value}}
    codes = {field: code(known.get(name)) for name, field in UTM.items()}
    click = next((f"{name}:{known[name]}" for name in CLICK_IDS if name in known), None)
    return {**codes, "click_id": code(click), "page": page_code(page), **_sent_by(known, page)}


def _sent_by(known: Mapping[str, str], page: str | None) -> dict[str, str | None]:
    """The partner, if what is given is an id; and the site, unless it is the page's own."""
    partner = next((known[name] for name in PARTNERS if _ID.fullmatch(known.get(name, ""))), None)
    referrer = host(known.get("referrer"))
    return {"partner": partner, "referrer": None if referrer == host(page) else referrer}


def host(address: str | None) -> str | None:
    """The host of an address without `www.`, or None when it is none."""
    try:
        found = urlsplit(address or "").hostname
    except ValueError:
        return None
    return code((found or "").removeprefix("www."))


def page_code(page: str | None) -> str | None:
    """Host and path of a page, or None when it is no address."""
    try:
        parts = urlsplit(page or "")
    except ValueError:
        return None
    return code(f"{parts.hostname or ''}{parts.path}".rstrip("/"))


def _query(page: str | None) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(page or "").query, max_num_fields=100))
    except ValueError:
        return {}
