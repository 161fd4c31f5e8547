"""`rules deploy`: only valid rules, the bundle first, then the pointer; and what changed is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from leadrelay.aws.clients import client
from tests.aws.cloud import answering
from tests.cli.conftest import Run
from tests.rulebook.editing import RULES, changed, copied

STACK = "leadrelay-dev"


def _outputs(**named: str) -> dict[str, Any]:
    return {"Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in named.items()]}


class Rollout:
    """Deployments that end in `end`."""

    def __init__(self) -> None:
        self.end = "COMPLETE"
        self.made: list[dict[str, Any]] = []

    def start(self, params: dict[str, Any]) -> dict[str, Any]:
        number = len(self.made) + 1
        self.made.append({"DeploymentNumber": number, **params, "State": self.end, "PercentageComplete": 100.0})
        return self.made[-1]


@pytest.fixture
def rollout(account: None) -> Iterator[Rollout]:
    """A stack in an account in memory; only AppConfig's deployments are played."""
    make: Any = client
    make("s3").create_bucket(Bucket="rules", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    application = make("appconfig").create_application(Name="leads")["Id"]
    profile = make("appconfig").create_configuration_profile(
        ApplicationId=application, Name="rules", LocationUri="hosted"
    )["Id"]
    stacks = {
        STACK: _outputs(
            RulesBucket="rules",
            RulesApplication=application,
            RulesEnvironment="env",
            RulesProfile=profile,
            RulesStrategy="strategy",
        ),
        "other": _outputs(Website="https://www.example.com"),
    }

    def described(params: dict[str, Any]) -> dict[str, Any]:
        if params["StackName"] in stacks:
            return {"Stacks": [stacks[params["StackName"]]]}
        gone = {"Code": "ValidationError", "Message": f"Stack with id {params['StackName']} does not exist"}
        raise ClientError({"Error": gone}, "DescribeStacks")

    played = Rollout()
    with (
        answering("cloudformation.DescribeStacks", described),
        answering("appconfig.StartDeployment", played.start),
        answering("appconfig.GetDeployment", lambda params: played.made[params["DeploymentNumber"] - 1]),
        answering("appconfig.ListDeployments", lambda _: {"Items": list(reversed(played.made))}),
    ):
        yield played


def _stored() -> list[str]:
    return [one["Key"] for one in client("s3").list_objects_v2(Bucket="rules").get("Contents", [])]


def test_rules_are_stored_and_rolled_out_and_the_change_is_said(run: Run, rollout: Rollout, tmp_path: Path) -> None:
    first = run("rules", "deploy", "--rules", RULES)
    assert first.code == 0, first.err
    version = _stored()[0].removeprefix("rules/").removesuffix(".json")
    assert first.out.splitlines() == [f"{STACK}: rules none → {version}, deployment 1", "complete 100 %"]

    again = run("rules", "deploy", "--rules", RULES)
    assert again.out == f"{STACK} already has rules {version}: nothing to do\n"
    assert len(rollout.made) == 1

    rules = copied(tmp_path)
    changed(rules, "segments", "sql: 75", "sql: 80")
    second = run("rules", "deploy", "--rules", rules, "--stack", STACK, "--no-wait")
    assert f"rules {version} → " in second.out
    assert len(_stored()) == len(rollout.made) == 2


def test_a_first_deployment_leaves_rules_alone_that_are_there(run: Run, rollout: Rollout, tmp_path: Path) -> None:
    rules = copied(tmp_path)
    assert run("rules", "deploy", "--rules", rules, "--only-first").code == 0
    changed(rules, "segments", "sql: 75", "sql: 80")
    second = run("rules", "deploy", "--rules", rules, "--only-first")
    assert (second.code, len(_stored()), len(rollout.made)) == (0, 1, 1)
    assert "`make deploy-rules` replaces them" in second.out


def test_the_rules_before_are_brought_back(run: Run, rollout: Rollout, tmp_path: Path) -> None:
    assert run("rules", "rollback").code == 1
    rules = copied(tmp_path)
    assert run("rules", "deploy", "--rules", rules).code == 0
    first = _stored()[0].removeprefix("rules/").removesuffix(".json")
    changed(rules, "segments", "sql: 75", "sql: 80")
    assert run("rules", "deploy", "--rules", rules).code == 0
    back = run("rules", "rollback")
    assert (back.code, back.out) == (0, f"{STACK}: back to rules {first}, deployment 3\n")
    assert rollout.made[-1]["Description"] == first


def test_invalid_rules_never_reach_the_account(run: Run, rollout: Rollout, tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", "revops: olek", "revops: olk")
    assert run("rules", "deploy", "--rules", rules).code == 1
    assert _stored() == []
    assert rollout.made == []


def test_a_rollout_that_is_rolled_back_is_a_failure(run: Run, rollout: Rollout) -> None:
    rollout.end = "ROLLED_BACK"
    ran = run("rules", "deploy", "--rules", RULES)
    assert ran.code == 1
    assert "deployment 1 ended as ROLLED_BACK: the rules before it stay in force" in ran.said


def test_a_stack_that_is_not_there_and_one_that_is_not_ours(run: Run, rollout: Rollout) -> None:
    missing = run("rules", "deploy", "--rules", RULES, "--stage", "prod")
    assert missing.code == 1
    assert "there is no stack leadrelay-prod in this account and region" in missing.said
    strange = run("rules", "deploy", "--rules", RULES, "--stack", "other")
    assert strange.code == 1
    assert "has no output RulesBucket" in strange.said
