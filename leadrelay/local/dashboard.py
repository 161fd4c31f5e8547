"""Links to the dashboard of the local cloud: as `leadrelay dashboard` makes them for a deployed stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leadrelay.aws.secrets import ManagedSecrets
from leadrelay.domain.reporting.access import Claim
from leadrelay.local.cloud import Cloud
from leadrelay.workflows.sign_in import KEPT_IN, entrance

_HOURS = timedelta(hours=8)


def link_for(cloud: Cloud, claim: Claim) -> str:
    """The address that lets them in, for eight hours."""
    key = ManagedSecrets(f"{cloud.deployed.secrets_prefix}/").get(KEPT_IN)["key"][0]
    return cloud.api + entrance(claim, datetime.now(UTC) + _HOURS, key)
