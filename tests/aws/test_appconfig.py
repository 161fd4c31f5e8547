from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from leadrelay.aws.appconfig import AppConfigRules
from leadrelay.aws.bundles import Bundles, pointer
from leadrelay.aws.clients import client
from leadrelay.aws.configuration import Configuration, Profile
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Misconfigured, Retry
from tests.aws.bundle import bundle, parse
from tests.aws.cloud import answering, counting, failing, silent_before
from tests.aws.test_secrets import Seconds

BUCKET = "leadrelay-rules"


class Deployed:
    """AppConfig's data plane: serves new content once per session, and refuses a token that was used."""

    def __init__(self) -> None:
        self.content = b""
        self.interval = 60
        self.sessions = 0
        self.away = False
        self._serial = 0
        self._valid = ""
        self._seen: bytes | None = None

    def start(self, params: dict[str, Any]) -> dict[str, Any]:
        self._answer_or_not()
        self.sessions += 1
        self._seen = None
        return {"InitialConfigurationToken": self._token()}

    def latest(self, params: dict[str, Any]) -> dict[str, Any]:
        self._answer_or_not()
        assert params["ConfigurationToken"] == self._valid, "an old token"
        content = b"" if self._seen == self.content else self.content
        self._seen = self.content
        return {
            "Configuration": io.BytesIO(content),
            "NextPollConfigurationToken": self._token(),
            "NextPollIntervalInSeconds": self.interval,
        }

    def _answer_or_not(self) -> None:
        if self.away:
            raise ReadTimeoutError(endpoint_url="https://cloud.test")

    def _token(self) -> str:
        self._serial += 1
        self._valid = f"token-{self._serial}"
        return self._valid


class World:
    """A function with its rules, and everything that may go wrong around it."""

    def __init__(self, deployed: Deployed, calls: list[dict[str, Any]]) -> None:
        self.deployed = deployed
        self.polls = calls
        self.seconds = Seconds()
        self.telemetry = MemoryTelemetry()
        self.bundles = Bundles(BUCKET)

    def function(self, packaged: Path | None = None, poll_seconds: float | None = None) -> AppConfigRules:
        configuration = Configuration(Profile("leads", "test", "rules"), poll_seconds, self.seconds)
        return AppConfigRules(configuration, self.bundles, parse, self.telemetry, packaged)

    def deploy(self, threshold: int) -> str:
        version, text = bundle(threshold)
        self.bundles.write(version, text)
        self.deployed.content = pointer(version).encode()
        return version

    def pass_by(self, seconds: float = 61) -> None:
        self.seconds.now += seconds


@pytest.fixture
def world(account: None) -> Iterator[World]:
    location: Any = {"LocationConstraint": "eu-central-1"}
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    deployed = Deployed()
    with (
        answering("appconfigdata.StartConfigurationSession", deployed.start),
        answering("appconfigdata.GetLatestConfiguration", deployed.latest) as polls,
    ):
        yield World(deployed, polls)


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    path = tmp_path / "rules.json"
    path.write_text(bundle(7)[1], encoding="utf-8")
    return path


class TestCurrent:
    def test_what_the_pointer_names(self, world: World) -> None:
        version = world.deploy(40)
        rules = world.function().current()
        assert (rules.version, rules.threshold) == (version, 40)
        assert world.telemetry.total("RulesRejected") == 0

    def test_polled_once_a_minute_and_read_once(self, world: World) -> None:
        world.deploy(40)
        function = world.function()
        with counting("s3") as reads:
            for _ in range(180):
                function.current()
                world.pass_by(1)
        assert len(world.polls) == 3
        assert reads == ["GetObject"]
        assert world.deployed.sessions == 1

    def test_a_longer_interval_is_obeyed(self, world: World) -> None:
        world.deploy(40)
        world.deployed.interval = 300
        function = world.function()
        for _ in range(5):
            function.current()
            world.pass_by(60)
        function.current()
        assert len(world.polls) == 2

    def test_the_interval_may_be_overridden(self, world: World) -> None:
        world.deploy(40)
        function = world.function(poll_seconds=1)
        assert function.current().threshold == 40
        world.deploy(41)
        world.pass_by(1)
        assert function.current().threshold == 41

    def test_a_new_version_arrives_with_the_next_poll(self, world: World) -> None:
        world.deploy(40)
        function = world.function()
        function.current()
        world.deploy(45)
        assert function.current().threshold == 40
        world.pass_by()
        assert function.current().threshold == 45
        world.deploy(40)
        world.pass_by()
        assert function.current().threshold == 40


class TestLastGood:
    @pytest.mark.parametrize(
        "content",
        [b"not json", b"[]", b'{"rules_version": 7}', b'{"rules_version": "../../secrets"}', b'{"rules_version": "A"}'],
    )
    def test_a_pointer_to_nothing(self, world: World, content: bytes) -> None:
        world.deploy(40)
        function = world.function()
        function.current()
        world.deployed.content = content
        world.pass_by()
        assert function.current().threshold == 40
        assert world.telemetry.total("RulesRejected") == 1

    def test_a_bundle_that_is_missing_is_counted_until_it_is_there(self, world: World) -> None:
        world.deploy(40)
        function = world.function()
        function.current()
        version, text = bundle(50)
        world.deployed.content = pointer(version).encode()
        for rejected in (1, 2):
            world.pass_by()
            assert function.current().threshold == 40
            assert world.telemetry.total("RulesRejected") == rejected
        world.bundles.write(version, text)
        world.pass_by()
        assert function.current().threshold == 50

    def test_a_bundle_that_was_changed(self, world: World) -> None:
        world.deploy(40)
        function = world.function()
        function.current()
        version = world.deploy(50)
        forged = json.dumps({"version": version, "threshold": 1})
        client("s3").put_object(Bucket=BUCKET, Key=f"rules/{version}.json", Body=forged.encode())
        world.pass_by()
        assert function.current().threshold == 40
        with pytest.raises(Misconfigured, match="have the content of"):
            function.version(version)

    def test_rules_this_program_cannot_read(self, world: World) -> None:
        world.deploy(40)
        function = world.function()
        function.current()
        world.deploy("many")  # type: ignore[arg-type]
        world.pass_by()
        assert function.current().threshold == 40
        (_, said) = world.telemetry.lines[-1]
        assert "do not fit this program" in str(said["reason"])

    def test_while_appconfig_is_away_and_after(self, world: World, naps: list[float]) -> None:
        world.deploy(40)
        function = world.function()
        function.current()
        world.deploy(50)
        world.pass_by()
        world.deployed.away = True
        for _ in range(9):
            assert function.current().threshold == 40
        assert world.telemetry.total("RulesAway") == 1
        assert world.telemetry.total("RulesRejected") == 0
        world.deployed.away = False
        world.pass_by()
        assert function.current().threshold == 50
        assert world.deployed.sessions == 2  # the token of the failed poll is not used again


class TestColdStart:
    def test_the_packaged_copy_when_appconfig_is_away(self, world: World, packaged: Path) -> None:
        world.deploy(40)
        function = world.function(packaged)
        world.deployed.away = True
        for _ in range(9):
            assert function.current().threshold == 7
        assert world.telemetry.total("RulesFallback") == 1
        world.deployed.away = False
        world.pass_by()
        assert function.current().threshold == 40

    def test_the_packaged_copy_when_nothing_was_ever_deployed(self, world: World, packaged: Path) -> None:
        assert world.function(packaged).current().threshold == 7

    def test_a_session_refused_on_the_wire(
        self, account: None, packaged: Path, naps: list[float], tmp_path: Path
    ) -> None:
        configuration = Configuration(Profile("leads", "test", "rules"))
        telemetry = MemoryTelemetry()
        with failing("appconfigdata.StartConfigurationSession", "BadRequestException"):
            rules = AppConfigRules(configuration, Bundles(BUCKET), parse, telemetry, packaged)
            assert rules.current().threshold == 7
            none = AppConfigRules(configuration, Bundles(BUCKET), parse, telemetry, tmp_path / "none.json")
            with pytest.raises(Retry, match="AppConfig leads/test/rules"):
                none.current()

    def test_without_a_copy_it_says_what_to_do_and_recovers(self, world: World) -> None:
        function = world.function()
        with pytest.raises(Misconfigured, match="leadrelay rules deploy"):
            function.current()
        world.deploy(40)
        assert function.current().threshold == 40

    def test_a_damaged_copy_says_so(self, world: World, packaged: Path) -> None:
        packaged.write_text("{", encoding="utf-8")
        with pytest.raises(Misconfigured, match="compile the rules again"):
            world.function(packaged).current()


class TestVersion:
    def test_old_versions_stay_readable_and_are_read_once(self, world: World) -> None:
        old = world.deploy(40)
        world.deploy(50)
        function = world.function()
        with counting("s3") as reads:
            assert [function.version(old).threshold for _ in range(9)] == [40] * 9
        assert reads == ["GetObject"]
        assert world.polls == []

    def test_the_packaged_version_needs_no_call(self, world: World, packaged: Path) -> None:
        with counting("s3") as reads:
            assert world.function(packaged).version(bundle(7)[0]).threshold == 7
        assert reads == []

    @pytest.mark.parametrize("name", ["", "x", "../" + "a" * 61, "A" * 64, "a" * 63, "a" * 64 + "\n", "ａ" * 64])
    def test_what_is_no_version_is_never_looked_for(self, world: World, name: str) -> None:
        with counting("s3") as reads, pytest.raises(Misconfigured, match="64 hexadecimal digits"):
            world.function().version(name)
        assert reads == []

    def test_a_version_that_does_not_exist(self, world: World) -> None:
        with pytest.raises(Misconfigured, match="leadrelay rules deploy"):
            world.function().version("a" * 64)

    def test_a_bucket_that_is_away_is_later(self, world: World, naps: list[float]) -> None:
        version = world.deploy(40)
        with silent_before("s3.GetObject"), pytest.raises(Retry):
            world.function().version(version)

    def test_few_versions_are_kept(self, world: World) -> None:
        versions = [world.deploy(n) for n in range(10)]
        function = world.function()
        for version in versions:
            function.version(version)
        with counting("s3") as reads:
            function.version(versions[-1])
            function.version(versions[0])
        assert reads == ["GetObject"]
