"""What goes wrong in a cloud, done to the local one: workers die, the CRM is away, the stream is not read."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from connectors.hubspot.sandbox import serve
from leadrelay.aws.bundles import Bundles
from leadrelay.aws.configuration import Profile
from leadrelay.aws.rules_release import RulesRelease
from leadrelay.domain.rules import Rules
from leadrelay.local.cloud import Cloud
from leadrelay.local.deploy import STACK
from leadrelay.rulebook.compile import bundle

QUEUES = ("fetch", "score", "route", "deliver", "notify")
AGAIN_SECONDS = 5
"""After so long a message comes back whose worker died. Not what is deployed: there it is minutes, and a test waits."""


def workers(cloud: Cloud, function: str) -> list[int]:
    """The processes of a function: children of this emulator, and of nobody else's."""
    mark = f"ministack-lambda-{STACK}-{function}-"
    processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [int(each.name) for each in processes if _is_ours(cloud, int(each.name)) and mark in _command(each)]


def kill(cloud: Cloud, function: str) -> int:
    """End every worker of a function at once, in the middle of whatever it does; how many there were."""
    found = workers(cloud, function)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(found)


@contextlib.contextmanager
def bringing_back_soon(cloud: Cloud) -> Iterator[None]:
    """Messages of dead workers come back after seconds."""
    queues = cloud.emulator.client("sqs")
    urls = {name: queues.get_queue_url(QueueName=f"{STACK}-{name}")["QueueUrl"] for name in QUEUES}
    before = {
        name: queues.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        for name, url in urls.items()
    }
    for url in urls.values():
        queues.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(AGAIN_SECONDS)})
    try:
        yield
    finally:
        for name, url in urls.items():
            queues.set_queue_attributes(QueueUrl=url, Attributes=before[name])


@contextlib.contextmanager
def crm_stopped(cloud: Cloud, until_end: contextlib.ExitStack) -> Iterator[None]:
    """Nobody listens at the CRM's address, and open connections are reset; then it is there again, with all it had.

    The CRM that comes back lives until `until_end` is closed.
    """
    crm = cloud.outside.crm
    crm.world.fail("reset", times=1_000_000)
    crm.close()
    try:
        yield
    finally:
        crm.world.faults.clear()
        port = urlsplit(crm.url).port or 0
        until_end.enter_context(serve(port, cloud.outside.secrets[f"crm/{cloud.outside.vendor}"]["token"], crm.world))


@contextlib.contextmanager
def stream_unread(cloud: Cloud) -> Iterator[None]:
    """The mapping from the table's stream to `publish` is disabled, then enabled."""
    functions = cloud.emulator.client("lambda")
    [mapping] = [
        found["UUID"]
        for found in functions.list_event_source_mappings()["EventSourceMappings"]
        if ":dynamodb:" in found["EventSourceArn"]
    ]
    functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping, Enabled=True)


@contextlib.contextmanager
def killing(cloud: Cloud, functions: tuple[str, ...], every: float) -> Iterator[list[int]]:
    """One function's workers after the other's, every so many seconds, once each; yields how many died each time."""
    died: list[int] = []
    over = threading.Event()

    def strike() -> None:
        for function in functions:
            if over.wait(every):
                return
            died.append(kill(cloud, function))

    thread = threading.Thread(target=strike, name="killer")
    thread.start()
    try:
        yield died
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def old_rules_afterwards(cloud: Cloud) -> Iterator[None]:
    """Whatever is released meanwhile, the rules that everybody else's tests know are in force again at the end."""
    try:
        yield
    finally:
        release(cloud, cloud.rules)


def release(cloud: Cloud, rules: Rules) -> None:
    """As `make deploy-rules` does it."""
    deployed = cloud.deployed
    profile = Profile(deployed.rules_application, deployed.rules_environment, deployed.rules_profile)
    deployment = RulesRelease(profile, Bundles(deployed.rules_bucket), deployed.rules_strategy)
    ended = list(deployment.watch(deployment.deploy(rules.version, bundle(rules)).number, every=0.2))[-1]
    assert ended.good, ended


def _is_ours(cloud: Cloud, pid: int) -> bool:
    try:
        return os.getpgid(pid) == cloud.emulator.child.pid
    except ProcessLookupError:
        return False


def _command(entry: Path) -> str:
    try:
        return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""
