"""Links to the dashboard of the local cloud: as `leadrelay dashboard` makes them for a deployed stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import urllib3

from leadrelay.aws.secrets import ManagedSecrets
from leadrelay.domain.reporting.access import Claim
from leadrelay.local.cloud import Cloud
from leadrelay.local.tools import LocalCloudError
from leadrelay.workflows.sign_in import KEPT_IN, entrance

_HOURS = timedelta(hours=8)
_SECONDS = 60.0
"""For a function that was never called before, on a machine with much else to do."""


def link_for(cloud: Cloud, claim: Claim) -> str:
    """The address that lets them in, for eight hours."""
    key = ManagedSecrets(f"{cloud.deployed.secrets_prefix}/").get(KEPT_IN)["key"][0]
    return cloud.api + entrance(claim, datetime.now(UTC) + _HOURS, key)


def page_behind(link: str) -> str:
    """What a browser shows that follows the link: whoever opens it next waits for no cold function. Raises
    LocalCloudError when no page is shown."""
    http = urllib3.PoolManager(retries=False, timeout=_SECONDS)
    try:
        let_in = http.request("GET", link, redirect=False)
        cookie = let_in.headers.get("Set-Cookie", "").partition(";")[0]
        shown = http.request("GET", urljoin(link, let_in.headers.get("Location", "")), headers={"Cookie": cookie})
    except urllib3.exceptions.HTTPError as error:
        raise LocalCloudError(f"the dashboard gives no answer ({type(error).__name__})") from None
    if (let_in.status, shown.status) != (303, 200):
        raise LocalCloudError(f"the dashboard answers {let_in.status} to its link, and {shown.status} behind it")
    return shown.data.decode()
