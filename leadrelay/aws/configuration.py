"""Polling one AppConfig profile: the session, its one-time tokens, and when it may be asked again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadrelay.aws.answers import code_of, speaking_to
from leadrelay.aws.clients import client
from leadrelay.ports.errors import Retry

if TYPE_CHECKING:
    from mypy_boto3_appconfigdata.type_defs import GetLatestConfigurationResponseTypeDef

POLL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the configuration is deployed: names or ids of application, environment and profile."""

    application: str
    environment: str
    name: str

    def __str__(self) -> str:
        return f"AppConfig {self.application}/{self.environment}/{self.name}"


class Configuration:
    """The deployed content of a profile.

    It is asked for every 60 s, or less often when AppConfig says so: earlier polls are refused. `poll_seconds`
    overrides both, for clouds that do not. `monotonic` tells seconds.
    """

    def __init__(
        self,
        profile: Profile,
        poll_seconds: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._profile = profile
        self._override = poll_seconds
        self._monotonic = monotonic
        self._token: str | None = None
        self._next: float | None = None

    def may_poll(self) -> bool:
        """Whether the interval has passed."""
        return self._next is None or self._monotonic() >= self._next

    def poll(self) -> str | None:
        """The content when it changed since the last poll, else None. Raises Retry, Misconfigured."""
        token, self._token = self._token, None  # a token serves once: after a failure a new session begins
        self._wait(0)
        answer = self._ask(token)
        self._token = answer["NextPollConfigurationToken"]
        self._wait(answer["NextPollIntervalInSeconds"])
        return answer["Configuration"].read().decode("utf-8", "replace") or None

    def _ask(self, token: str | None) -> GetLatestConfigurationResponseTypeDef:
        from botocore.exceptions import ClientError

        with speaking_to(str(self._profile)):
            try:
                return client("appconfigdata").get_latest_configuration(ConfigurationToken=self._usable(token))
            except ClientError as error:
                if code_of(error) != "BadRequestException":
                    raise
                raise Retry(POLL_SECONDS, f"{self._profile} refused the poll (too early, or an old token)") from error

    def _usable(self, token: str | None) -> str:
        if token is not None:
            return token
        return client("appconfigdata").start_configuration_session(
            ApplicationIdentifier=self._profile.application,
            EnvironmentIdentifier=self._profile.environment,
            ConfigurationProfileIdentifier=self._profile.name,
        )["InitialConfigurationToken"]

    def _wait(self, told: float) -> None:
        seconds = max(POLL_SECONDS, told) if self._override is None else self._override
        self._next = self._monotonic() + seconds
