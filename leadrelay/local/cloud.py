"""The whole local cloud: stand-ins outside, the emulator, the deployed template, secrets and rules. Up, and away again.

One cloud per process: the AWS clients of `leadrelay.aws` read their endpoint from the environment once.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from leadrelay.aws.bundles import Bundles
from leadrelay.aws.configuration import Profile
from leadrelay.aws.rules_release import RulesRelease
from leadrelay.domain.rules import Rules
from leadrelay.local import emulator as emulators
from leadrelay.local import outside as stand_ins
from leadrelay.local.courier import Courier, Parcel
from leadrelay.local.demo_rules import ORIGIN
from leadrelay.local.deploy import WORKERS_PER_QUEUE, Deployed, allow_origins, build, deploy, lead_links_to
from leadrelay.local.emulator import Emulator
from leadrelay.local.outside import Outside, Secrets
from leadrelay.local.tools import PROJECT, LocalCloudError, Tools
from leadrelay.rulebook.compile import bundle

Say = Callable[[str], None]
WARM_DOORS = 4
"""Workers of the HTTP API's function: as many requests as a demo has under way."""

IMPATIENCE = {"SweepSeconds": "0", "SweepEverySeconds": "0", "RulesPollSeconds": "2", "RefreshMinutes": "5"}
"""Template parameters: whoever drives the cloud sweeps, and sees at once what new rules do."""

EMULATED = {"Dialect": "duckdb"}
"""What the emulator's Athena speaks."""

NO_WORK = b'{"Records": []}'


@dataclass(frozen=True, slots=True)
class Cloud:
    """Everything that runs. `api` is the base URL of the HTTP API, without a slash at the end."""

    emulator: Emulator
    outside: Outside
    deployed: Deployed
    rules: Rules

    @property
    def api(self) -> str:
        """By path instead of by host name, because not every machine resolves names below `localhost`."""
        return f"{self.emulator.endpoint}/_aws/execute-api/{self.deployed.api_id}/$default"


@contextlib.contextmanager
def up(tools: Tools, rules: Rules, say: Say, *, enforce_iam: bool = True, project: Path = PROJECT) -> Iterator[Cloud]:
    """Bring the cloud up; `say` hears each step as it begins. Nothing is left behind, whatever happens inside.

    Raises LocalCloudError saying what to do.
    """
    with contextlib.ExitStack() as stack:
        say("Starting the sandbox CRM, the stand-ins of senders' APIs and the emulator")
        outside = stack.enter_context(stand_ins.standing(rules))
        emulator = stack.enter_context(emulators.running(tools, enforce_iam=enforce_iam))
        stack.enter_context(_speaking_to(emulator))
        say("Building the functions from template.yaml")
        built = build(tools, emulator.scratch, project)
        say("Deploying them with IAM enforced" if enforce_iam else "Deploying them")
        deployed = deploy(emulator, tools, built, {"Endpoints": outside.endpoints, **IMPATIENCE, **EMULATED}, project)
        say("Storing the secrets and releasing the rules")
        allow_origins(emulator, deployed, [ORIGIN])
        _store(emulator, deployed, outside.secrets)
        _release(deployed, rules)
        cloud = Cloud(emulator, outside, deployed, rules)
        lead_links_to(emulator, deployed, cloud.api)
        say("Warming the functions up")
        _warm_up(cloud)
        yield cloud


@contextlib.contextmanager
def _speaking_to(emulator: Emulator) -> Iterator[None]:
    """Let this process's own AWS clients speak to the emulator, and to nothing else."""
    before = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    _replace_aws_variables(emulator.environment)
    try:
        yield
    finally:
        _replace_aws_variables(before)


def _replace_aws_variables(variables: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(variables)


def _store(emulator: Emulator, deployed: Deployed, secrets: Secrets) -> None:
    manager = emulator.client("secretsmanager")
    for path, named in secrets.items():
        manager.create_secret(Name=f"{deployed.secrets_prefix}/{path}", SecretString=json.dumps(named))


def _release(deployed: Deployed, rules: Rules) -> None:
    """As `make deploy-rules` does it."""
    profile = Profile(deployed.rules_application, deployed.rules_environment, deployed.rules_profile)
    release = RulesRelease(profile, Bundles(deployed.rules_bucket), deployed.rules_strategy)
    ended = list(release.watch(release.deploy(rules.version, bundle(rules)).number, every=0.2))[-1]
    if not ended.good:
        raise LocalCloudError(f"the rules were not taken: the deployment ended as {ended.state}")


def _warm_up(cloud: Cloud) -> None:
    """Start every worker before anybody counts milliseconds: a function in use is not cold either."""
    functions = cloud.emulator.client("lambda")
    deployed = cloud.deployed
    doors = {deployed.ingest_function_name, deployed.report_function_name, deployed.act_function_name}
    doors.add(deployed.refresh_function_name)
    consumers = [name for name in _function_names(cloud) if name not in doors]
    with (
        ThreadPoolExecutor(WORKERS_PER_QUEUE) as threads,
        contextlib.closing(Courier(cloud.api, WARM_DOORS)) as courier,
    ):
        nobody = Parcel("warm-up", "nobody", {}, b"")
        twins = [name for name in consumers for _ in range(WORKERS_PER_QUEUE)]  # side by side: one worker each
        answers = [threads.submit(functions.invoke, FunctionName=name, Payload=NO_WORK) for name in twins]
        courier.post_all([nobody] * WARM_DOORS)
        for answer in answers:
            answer.result()


def _function_names(cloud: Cloud) -> list[str]:
    pages = cloud.emulator.client("lambda").get_paginator("list_functions").paginate()
    return [function["FunctionName"] for page in pages for function in page["Functions"]]
