"""The real template, on the emulator: `sam build`, `sam deploy`, and what the emulator needs to be told afterwards."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from leadrelay.local.child import run
from leadrelay.local.emulator import REGION, Emulator
from leadrelay.local.tools import PROJECT, LocalCloudError, Tools

STAGE = "local"
STACK = f"leadrelay-{STAGE}"
BUILD_SECONDS = 600.0
DEPLOY_SECONDS = 300.0
WORKERS_PER_QUEUE = 2
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Deployed:
    """The outputs of the stack that people and tests use, by the template's names in lower case."""

    api_id: str
    table_name: str
    rules_bucket: str
    rules_application: str
    rules_environment: str
    rules_profile: str
    rules_strategy: str
    secrets_prefix: str
    log_group: str
    lake_bucket: str
    mail_bucket: str
    ingest_function_name: str
    sla_check_function_name: str
    report_function_name: str
    refresh_function_name: str
    lake_queue_url: str
    act_function_name: str
    notify_function_name: str
    mail_dead_letters_url: str
    fetch_dead_letters_url: str
    poll_dead_letters_url: str
    score_dead_letters_url: str
    route_dead_letters_url: str
    deliver_dead_letters_url: str
    notify_dead_letters_url: str
    lake_dead_letters_url: str
    publish_dead_letters_url: str

    @property
    def dead_letters(self) -> dict[str, str]:
        """Name of each dead letter queue and its URL."""
        names = [field.name for field in fields(self) if field.name.endswith("_dead_letters_url")]
        return {name.removesuffix("_url"): getattr(self, name) for name in names}


def build(tools: Tools, scratch: Path, project: Path = PROJECT) -> Path:
    """Package every function; the built template. Raises LocalCloudError with the build's last words."""
    built = scratch / "build"
    command = [str(tools.sam), "build", "--build-dir", str(built), "--region", REGION]
    run("sam build", command, _host_environment(), scratch / "build.log", project, BUILD_SECONDS)
    return built / "template.yaml"


def deploy(
    emulator: Emulator, tools: Tools, built: Path, parameters: Mapping[str, str], project: Path = PROJECT
) -> Deployed:
    """Deploy a built template; `parameters` beside those of this machine. Raises LocalCloudError."""
    chosen = {**machine(), "Stage": STAGE, **parameters}
    command = [str(tools.sam), "deploy", "--template-file", str(built), "--stack-name", STACK, "--region", REGION]
    command += ["--config-file", str(project / "samconfig.toml"), "--no-progressbar"]
    command += ["--parameter-overrides", *(f"{name}={json.dumps(value)}" for name, value in chosen.items())]
    environment = {**_host_environment(), **emulator.environment, "SAM_CLI_POLL_DELAY": "1"}
    run("sam deploy", command, environment, emulator.scratch / "deploy.log", project, DEPLOY_SECONDS)
    deployed = _outputs(emulator)
    _mend_mappings(emulator)
    _mend_lake(emulator, deployed)
    return deployed


def machine() -> dict[str, str]:
    """Runtime and architecture of this machine, since the functions run on it. Raises LocalCloudError."""
    architecture = ARCHITECTURES.get(platform.machine().lower())
    if architecture is None:
        raise LocalCloudError(f"no Lambda runs on {platform.machine()}; use one of {', '.join(ARCHITECTURES)}")
    return {"Runtime": f"python{sys.version_info.major}.{sys.version_info.minor}", "Architecture": architecture}


def allow_origins(emulator: Emulator, deployed: Deployed, origins: list[str]) -> None:
    """Let browsers on these pages post: the emulator ignores what the template says of it."""
    methods = ["GET", "POST"]
    rules: Any = {"AllowOrigins": origins, "AllowMethods": methods, "AllowHeaders": ["content-type"], "MaxAge": 3600}
    emulator.client("apigatewayv2").update_api(ApiId=deployed.api_id, CorsConfiguration=rules)


def lead_links_to(emulator: Emulator, deployed: Deployed, api: str) -> None:
    """Let links lead to this address of the API: the emulator's own is no name that a machine knows."""
    functions = emulator.client("lambda")
    for name in (deployed.notify_function_name, deployed.report_function_name):
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        variables["LEADRELAY_LINKS_URL"] = api
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def _host_environment() -> dict[str, str]:
    """This process's own, because pip needs its settings; nothing of it may point to a real AWS account."""
    host = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "SAM_CLI_"))}
    return {**host, "SAM_CLI_TELEMETRY": "0", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def _outputs(emulator: Emulator) -> Deployed:
    stack = emulator.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    said = {_words(output["OutputKey"]): output["OutputValue"] for output in stack.get("Outputs", [])}
    wanted = [field.name for field in fields(Deployed)]
    missing = [name for name in wanted if name not in said]
    if missing:
        raise LocalCloudError(f"template.yaml has no output for: {', '.join(missing)}")
    return Deployed(**{name: said[name] for name in wanted})


def _words(name: str) -> str:
    """`SlaCheckFunctionName` as `sla_check_function_name`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _mend_mappings(emulator: Emulator) -> None:
    """Two workers per queue: each is a process, and a machine has few cores.

    This also puts a number where the emulator keeps the template's parameter as text, on which its poller fails.
    """
    functions = emulator.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if ":sqs:" in mapping["EventSourceArn"]:
            limit = {"MaximumConcurrency": WORKERS_PER_QUEUE}
            functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=limit)


def _mend_lake(emulator: Emulator, deployed: Deployed) -> None:
    """The emulator speaks no TLS, which the lake's bucket asks for, and does not know whose workgroup a query is of."""
    emulator.client("s3").delete_bucket_policy(Bucket=deployed.lake_bucket)
    told = emulator.client("lambda").get_function_configuration(FunctionName=deployed.refresh_function_name)
    allowed = {"Effect": "Allow", "Action": "athena:GetQueryExecution", "Resource": "*"}
    emulator.client("iam").put_role_policy(
        RoleName=told["Role"].rpartition("/")[2],
        PolicyName="emulated-athena",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
