"""Deploying rules: bundle first, pointer second, so that no function is ever pointed at what it cannot read.

Used by the command line only; functions read (`appconfig`), they never deploy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leadrelay.aws.answers import code_of, speaking_to
from leadrelay.aws.bundles import Bundles, pointed, pointer
from leadrelay.aws.clients import client
from leadrelay.aws.configuration import Profile
from leadrelay.ports.errors import Misconfigured, Retry

if TYPE_CHECKING:
    from mypy_boto3_appconfig.type_defs import DeploymentSummaryTypeDef

_RUNNING = frozenset({"VALIDATING", "DEPLOYING", "BAKING", "ROLLING_BACK"})
_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of rules. `state` is AppConfig's word, `percent` how many functions see it (0 to 100)."""

    number: int
    rules_version: str
    state: str
    percent: float
    started_at: datetime | None

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in _RUNNING

    @property
    def good(self) -> bool:
        """Whether it ended with these rules in force."""
        return self.state == "COMPLETE"


class RulesRelease:
    """Deploys to one profile (by ids) with one strategy (an id, or a predefined name such as AppConfig.AllAtOnce)."""

    def __init__(
        self, profile: Profile, bundles: Bundles, strategy: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._profile = profile
        self._bundles = bundles
        self._strategy = strategy
        self._sleep = sleep

    def deploy(self, rules_version: str, text: str) -> Deployment:
        """Store the bundle, unless it is there, and start to roll it out. Raises Retry while another one runs."""
        self._bundles.write(rules_version, text)
        return self._point(rules_version)

    def watch(self, number: int, every: float = 2.0) -> Iterator[Deployment]:
        """The deployment as it proceeds, asked every so many seconds; the last one has ended."""
        while True:
            now = self._deployment(number)
            yield now
            if not now.running:
                return
            self._sleep(every)

    def history(self, limit: int = 20) -> list[Deployment]:
        """The last deployments of this profile, newest first."""
        with self._speaking():
            pages = (
                client("appconfig")
                .get_paginator("list_deployments")
                .paginate(ApplicationId=self._profile.application, EnvironmentId=self._profile.environment)
            )
            items = [item for page in pages for item in page["Items"] if self._ours(item)]
        newest = sorted(items, key=lambda item: -item["DeploymentNumber"])
        return [self._deployment(item["DeploymentNumber"]) for item in newest[:limit]]

    def rollback(self) -> Deployment:
        """Stop what is being rolled out; or, when nothing is, deploy the version that was in force before this one.

        Raises Misconfigured when there is no earlier version.
        """
        history = self.history()
        if history and history[0].running:
            return self._stop(history[0].number)
        in_force = [deployment.rules_version for deployment in history if deployment.good]
        earlier = next((version for version in in_force if version != in_force[0]), None)
        if earlier is None:
            raise Misconfigured("no earlier rules were deployed here; deploy a corrected version instead")
        self._bundles.read(earlier)  # it must still be there before anybody is pointed at it
        return self._point(earlier)

    def _point(self, rules_version: str) -> Deployment:
        with self._speaking():
            made = client("appconfig").create_hosted_configuration_version(
                ApplicationId=self._profile.application,
                ConfigurationProfileId=self._profile.name,
                Content=pointer(rules_version).encode(),
                ContentType="application/json",
                Description=rules_version,
            )
        return self._deployment(self._start(str(made["VersionNumber"]), rules_version))

    def _start(self, configuration_version: str, rules_version: str) -> int:
        from botocore.exceptions import ClientError

        with self._speaking():
            try:
                return client("appconfig").start_deployment(
                    ApplicationId=self._profile.application,
                    EnvironmentId=self._profile.environment,
                    DeploymentStrategyId=self._strategy,
                    ConfigurationProfileId=self._profile.name,
                    ConfigurationVersion=configuration_version,
                    Description=rules_version,
                )["DeploymentNumber"]
            except ClientError as error:
                if code_of(error) != "ConflictException":
                    raise
                raise Retry(_BUSY_SECONDS, "another deployment of rules is running; watch or roll it back") from error

    def _stop(self, number: int) -> Deployment:
        with self._speaking():
            client("appconfig").stop_deployment(
                ApplicationId=self._profile.application,
                EnvironmentId=self._profile.environment,
                DeploymentNumber=number,
            )
        return self._deployment(number)

    def _deployment(self, number: int) -> Deployment:
        with self._speaking():
            found: Any = client("appconfig").get_deployment(
                ApplicationId=self._profile.application,
                EnvironmentId=self._profile.environment,
                DeploymentNumber=number,
            )
        return Deployment(
            number=number,
            rules_version=self._rules_version(int(found["ConfigurationVersion"])),
            state=found["State"],
            percent=found.get("PercentageComplete", 0.0),
            started_at=found.get("StartedAt"),
        )

    def _rules_version(self, configuration_version: int) -> str:
        """What a configuration version points to: read from its content, the only part nobody can mislabel."""
        with self._speaking():
            found = client("appconfig").get_hosted_configuration_version(
                ApplicationId=self._profile.application,
                ConfigurationProfileId=self._profile.name,
                VersionNumber=configuration_version,
            )
        return pointed(found["Content"].read())

    def _ours(self, item: DeploymentSummaryTypeDef) -> bool:
        """An environment's deployments are listed for all its profiles."""
        return item.get("ConfigurationProfileId", self._profile.name) == self._profile.name

    def _speaking(self) -> AbstractContextManager[None]:
        return speaking_to(str(self._profile))
