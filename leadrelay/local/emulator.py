"""The emulator: a whole cloud in one process on loopback, with everything it writes in a scratch folder.

It gets a clean environment, because every variable of its own reaches the functions; its workers see only their
package and boto3 (`worker_site`). With `enforce_iam` each function may do only what its role allows.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadrelay.local.child import Child
from leadrelay.local.tools import LOOPBACK, LocalCloudError, Tools, free_port, in_use

REGION = "us-east-1"
START_SECONDS = 60.0
RUNTIME_LIBRARIES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")
"""What the Lambda runtime for Python brings along: boto3 and what it imports."""

ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
MOST_IN_FLIGHT = 16
"""Requests a driver may have open at once: each one above the warm workers starts another Python process."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator. `scratch` is removed with it."""

    port: int
    scratch: Path
    child: Child

    @property
    def endpoint(self) -> str:
        """Where every AWS service answers."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes an AWS client speak to this emulator, as its root user."""
        return {**ROOT, "AWS_ENDPOINT_URL": self.endpoint, "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION}

    def client(self, service: str) -> Any:
        """A boto3 client of the root user."""
        import boto3

        session: Any = boto3.Session(ROOT["AWS_ACCESS_KEY_ID"], ROOT["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint)


@contextlib.contextmanager
def running(tools: Tools, *, enforce_iam: bool, port: int | None = None) -> Iterator[Emulator]:
    """Start an emulator, wait until it answers, and take it away afterwards with all that it left.

    `port` is a free one when None. Raises LocalCloudError when the port is taken or it does not start.
    """
    chosen = free_port() if port is None else port
    if in_use(chosen):
        raise LocalCloudError(f"port {chosen} is taken; end what listens there or choose another port")
    scratch = Path(tempfile.mkdtemp(prefix="leadrelay-"))
    try:
        child = _start(tools, scratch, chosen, enforce_iam)
        try:
            emulator = Emulator(chosen, scratch, child)
            _wait_until_healthy(emulator)
            yield emulator
        finally:
            child.stop()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _start(tools: Tools, scratch: Path, port: int, enforce_iam: bool) -> Child:
    environment = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": LOOPBACK,
        "AUTH": "true" if enforce_iam else "false",
        "MINISTACK_REGION": REGION,
        "LAMBDA_EXECUTOR": "local",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "PATH": f"{tools.programs}:/usr/bin:/bin",
        "HOME": str(_folder(scratch, "home")),
        "TMPDIR": str(_folder(scratch, "tmp")),
        "STATE_DIR": str(_folder(scratch, "state")),
        "S3_DATA_DIR": str(_folder(scratch, "s3")),
        "PYTHONPATH": str(_worker_site(scratch)),
        "LAMBDA_RUNTIME_LIBS": str(_runtime(tools, scratch)),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
    return Child("the emulator", [str(tools.ministack)], environment, scratch / "emulator.log", scratch)


def _folder(scratch: Path, name: str) -> Path:
    path = scratch / name
    path.mkdir()
    return path


def _worker_site(scratch: Path) -> Path:
    site = _folder(scratch, "worker_site")
    shutil.copy(Path(__file__).parent / "worker_site" / "sitecustomize.py", site)
    return site


def _runtime(tools: Tools, scratch: Path) -> Path:
    runtime = _folder(scratch, "runtime")
    for name in RUNTIME_LIBRARIES:
        library = tools.libraries / name
        if not library.exists():
            raise LocalCloudError(f"{name} is not in {tools.libraries}; remove that environment and make it again")
        (runtime / name).symlink_to(library)
    return runtime


def _wait_until_healthy(emulator: Emulator) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _healthy(emulator.port):
        if not emulator.child.running():
            raise LocalCloudError(f"the emulator ended at once{emulator.child.last_words()}")
        if time.monotonic() > deadline:
            raise LocalCloudError(f"the emulator did not answer in {START_SECONDS:g} s{emulator.child.last_words()}")
        time.sleep(0.1)


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        answer = connection.getresponse()
        return answer.status == 200 and "services" in json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
