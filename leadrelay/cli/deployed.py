"""The command line's own composition root: ports of a deployed stack, with the rights of the person who asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import typer

from leadrelay.aws.appconfig import AppConfigRules
from leadrelay.aws.bundles import Bundles
from leadrelay.aws.configuration import Configuration, Profile
from leadrelay.aws.rows import BucketInputs, BucketRows
from leadrelay.aws.secrets import ManagedSecrets
from leadrelay.aws.stack import outputs
from leadrelay.aws.table.store import TableStore
from leadrelay.domain.rules import Rules
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.records import RECORDS

Stage = Annotated[
    str, typer.Option("--stage", help="The stage; its stack is leadrelay-STAGE.", envvar="LEADRELAY_STAGE")
]
STAGE = "dev"

_NEEDED = ("TableName", "SecretsPrefix", "RulesBucket", "RulesApplication", "RulesEnvironment", "RulesProfile")


@dataclass(frozen=True)
class Deployed:
    """One stage. Ports are made when they are asked for; nothing is read before."""

    stage: str

    @cached_property
    def _told(self) -> dict[str, str]:
        return outputs(f"leadrelay-{self.stage}", _NEEDED)

    def table(self) -> str:
        """The table's name."""
        return self._told["TableName"]

    def store(self) -> TableStore:
        """The table as a store."""
        return TableStore(self.table(), {record.kind: record for record in RECORDS})

    def secrets(self) -> ManagedSecrets:
        """Its secrets."""
        return ManagedSecrets(f"{self._told['SecretsPrefix']}/")

    def rules(self) -> AppConfigRules:
        """Its rules."""
        told = self._told
        profile = Profile(told["RulesApplication"], told["RulesEnvironment"], told["RulesProfile"])
        bundles = Bundles(told["RulesBucket"])
        return AppConfigRules(Configuration(profile), bundles, Rules.model_validate_json, MemoryTelemetry())

    def rows(self) -> BucketRows:
        """The rows that reports are counted from."""
        return BucketRows(outputs(f"leadrelay-{self.stage}", ("LakeBucket",))["LakeBucket"])

    def inputs(self) -> BucketInputs:
        """What people bring in beside the facts."""
        return BucketInputs(outputs(f"leadrelay-{self.stage}", ("LakeBucket",))["LakeBucket"])

    def dashboard(self) -> str:
        """Where people find the dashboard."""
        return outputs(f"leadrelay-{self.stage}", ("DashboardUrl",))["DashboardUrl"]

    def mail_bucket(self) -> str:
        """The name of the bucket that mail comes in by."""
        return outputs(f"leadrelay-{self.stage}", ("MailBucket",))["MailBucket"]

    def function(self, name: str) -> str:
        """The deployed name of a function, `Refresh` for instance."""
        return outputs(f"leadrelay-{self.stage}", (f"{name}FunctionName",))[f"{name}FunctionName"]

    def queue(self, function: str, *, dead: bool) -> str:
        """The URL of a function's queue, or of its dead letters."""
        name = f"{function.capitalize()}{'DeadLettersUrl' if dead else 'QueueUrl'}"
        return outputs(f"leadrelay-{self.stage}", (name,))[name]
