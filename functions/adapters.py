"""What every workflow stands on: the table, the rules, the secrets, the clock. Each is made once, when first asked."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from leadrelay.aws.appconfig import AppConfigRules
from leadrelay.aws.bundles import Bundles
from leadrelay.aws.clock import SystemClock
from leadrelay.aws.configuration import Configuration, Profile
from leadrelay.aws.secrets import ManagedSecrets
from leadrelay.aws.table.store import TableStore
from leadrelay.aws.telemetry import PowertoolsTelemetry
from leadrelay.domain.rules import Rules
from leadrelay.ports.records import RECORDS

_PACKAGED_RULES = Path(__file__).parents[1] / "rules.json"


def setting(name: str) -> str:
    """What the template tells this function."""
    return os.environ[f"LEADRELAY_{name}"]


@cache
def telemetry() -> PowertoolsTelemetry:
    """Logs and metrics under the function's own name."""
    return PowertoolsTelemetry(os.environ["POWERTOOLS_SERVICE_NAME"])


@cache
def clock() -> SystemClock:
    """The wall clock."""
    return SystemClock()


@cache
def store() -> TableStore:
    """The table."""
    return TableStore(setting("TABLE"), {record.kind: record for record in RECORDS})


@cache
def rules() -> AppConfigRules:
    """Rules by AppConfig, with the packaged copy to fall back on."""
    profile = Profile(setting("APPCONFIG_APPLICATION"), setting("APPCONFIG_ENVIRONMENT"), setting("APPCONFIG_PROFILE"))
    poll = os.environ.get("LEADRELAY_RULES_POLL_SECONDS")
    configuration = Configuration(profile, float(poll) if poll else None)
    bundles = Bundles(setting("RULES_BUCKET"))
    return AppConfigRules(configuration, bundles, Rules.model_validate_json, telemetry(), _PACKAGED_RULES)


@cache
def secrets() -> ManagedSecrets:
    """Secrets Manager, under this deployment's prefix."""
    return ManagedSecrets(f"{setting('SECRETS_PREFIX')}/")
