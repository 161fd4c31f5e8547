from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leadrelay.aws.bundles import Bundles
from leadrelay.aws.clients import client
from leadrelay.aws.configuration import Profile
from leadrelay.aws.rules_release import RulesRelease
from leadrelay.ports.errors import Misconfigured, Retry
from tests.aws.bundle import bundle
from tests.aws.cloud import answering, counting, failing

BUCKET = "leadrelay-rules"


class Deployments:
    """The deployments of one environment, newest last. `steps` are the states a deployment goes through."""

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []
        self.steps = ["DEPLOYING", "BAKING", "COMPLETE"]

    def start(self, params: dict[str, Any]) -> dict[str, Any]:
        deployment = {
            "DeploymentNumber": len(self.made) + 1,
            "ConfigurationVersion": params["ConfigurationVersion"],
            "ConfigurationProfileId": params["ConfigurationProfileId"],
            "left": list(self.steps),
        }
        self.made.append(deployment)
        return deployment

    def get(self, params: dict[str, Any]) -> dict[str, Any]:
        deployment = self.made[params["DeploymentNumber"] - 1]
        left = deployment["left"]
        state = left.pop(0) if len(left) > 1 else left[0]
        return {**deployment, "State": state, "PercentageComplete": 100.0 if state == "COMPLETE" else 20.0}

    def list(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"Items": list(reversed(self.made))}

    def stop(self, params: dict[str, Any]) -> dict[str, Any]:
        deployment = self.made[params["DeploymentNumber"] - 1]
        deployment["left"] = ["ROLLED_BACK"]
        return deployment


@pytest.fixture
def deployments(account: None) -> Iterator[Deployments]:
    made = Deployments()
    with (
        answering("appconfig.StartDeployment", made.start),
        answering("appconfig.GetDeployment", made.get),
        answering("appconfig.ListDeployments", made.list),
        answering("appconfig.StopDeployment", made.stop),
    ):
        yield made


@pytest.fixture
def naps_taken() -> list[float]:
    return []


def make_release(naps: list[float]) -> RulesRelease:
    location: Any = {"LocationConstraint": "eu-central-1"}
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    application = client("appconfig").create_application(Name="leads")["Id"]
    profile = client("appconfig").create_configuration_profile(
        ApplicationId=application, Name="rules", LocationUri="hosted"
    )["Id"]
    return RulesRelease(Profile(application, "env", profile), Bundles(BUCKET), "strategy", naps.append)


@pytest.fixture
def release(deployments: Deployments, naps_taken: list[float]) -> RulesRelease:
    return make_release(naps_taken)


def finish(release: RulesRelease, threshold: int) -> str:
    version, text = bundle(threshold)
    deployment = release.deploy(version, text)
    *_, last = release.watch(deployment.number)
    assert last.good
    return version


def test_bundle_first_pointer_second(release: RulesRelease, deployments: Deployments) -> None:
    version, text = bundle(40)
    deployment = release.deploy(version, text)
    assert (deployment.number, deployment.rules_version, deployment.running) == (1, version, True)
    assert client("s3").get_object(Bucket=BUCKET, Key=f"rules/{version}.json")["Body"].read().decode() == text


def test_a_bundle_that_does_not_match_its_version_is_never_deployed(
    release: RulesRelease, deployments: Deployments
) -> None:
    with pytest.raises(Misconfigured, match="have the content of"):
        release.deploy(bundle(40)[0], bundle(41)[1])
    assert deployments.made == []


def test_a_bundle_is_written_once(release: RulesRelease) -> None:
    version, text = bundle(40)
    bundles = Bundles(BUCKET)
    assert bundles.write(version, text) is True
    assert bundles.write(version, text + " ") is False
    assert bundles.read(version) == text


def test_watching_until_the_end(release: RulesRelease, naps_taken: list[float]) -> None:
    version, text = bundle(40)
    deployment = release.deploy(version, text)
    seen = [(now.state, now.percent) for now in release.watch(deployment.number, every=5)]
    assert seen == [("BAKING", 20.0), ("COMPLETE", 100.0)]
    assert naps_taken == [5]


def test_an_alarm_that_rolls_back_is_seen(release: RulesRelease, deployments: Deployments) -> None:
    deployments.steps = ["DEPLOYING", "ROLLING_BACK", "ROLLED_BACK"]
    version, text = bundle(40)
    *_, last = release.watch(release.deploy(version, text).number)
    assert (last.state, last.good, last.running) == ("ROLLED_BACK", False, False)


def test_history_is_newest_first_and_only_of_these_rules(release: RulesRelease, deployments: Deployments) -> None:
    versions = [finish(release, threshold) for threshold in (40, 41, 42)]
    deployments.made.append({**deployments.made[0], "ConfigurationProfileId": "another", "DeploymentNumber": 4})
    assert [deployment.rules_version for deployment in release.history()] == versions[::-1]
    assert [deployment.number for deployment in release.history(limit=2)] == [3, 2]


def test_rolling_back_to_what_was_in_force_before(release: RulesRelease, deployments: Deployments) -> None:
    first, second = finish(release, 40), finish(release, 41)
    finish(release, 41)
    back = release.rollback()
    assert back.rules_version == first != second
    assert len(deployments.made) == 4


def test_rolling_back_passes_over_what_never_came_into_force(release: RulesRelease, deployments: Deployments) -> None:
    first = finish(release, 40)
    deployments.steps = ["ROLLED_BACK"]
    version, text = bundle(41)
    release.deploy(version, text)
    deployments.steps = ["COMPLETE"]
    finish(release, 42)
    assert release.rollback().rules_version == first


def test_rolling_back_stops_what_is_still_running(release: RulesRelease, deployments: Deployments) -> None:
    finish(release, 40)
    deployments.steps = ["DEPLOYING"]
    version, text = bundle(41)
    release.deploy(version, text)
    stopped = release.rollback()
    assert (stopped.number, stopped.state, stopped.rules_version) == (2, "ROLLED_BACK", version)
    assert len(deployments.made) == 2


def test_there_must_be_something_to_roll_back_to(release: RulesRelease) -> None:
    with pytest.raises(Misconfigured, match="no earlier rules"):
        release.rollback()
    finish(release, 40)
    with pytest.raises(Misconfigured, match="no earlier rules"):
        release.rollback()


def test_nobody_is_pointed_back_at_a_bundle_that_is_gone(release: RulesRelease, deployments: Deployments) -> None:
    first = finish(release, 40)
    finish(release, 41)
    client("s3").delete_object(Bucket=BUCKET, Key=f"rules/{first}.json")
    with pytest.raises(Misconfigured, match="is not in bucket"):
        release.rollback()
    assert len(deployments.made) == 2


def test_while_another_deployment_runs_it_is_later(account: None, naps: list[float]) -> None:
    release = make_release(naps)
    with (
        failing("appconfig.StartDeployment", "ConflictException", 409),
        counting("appconfig") as called,
        pytest.raises(Retry, match="another deployment"),
    ):
        release.deploy(*bundle(40))
    assert called == ["CreateHostedConfigurationVersion", "StartDeployment"]
