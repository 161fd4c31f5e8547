"""The local cloud's own parts: they say what is wrong, and what senders send is what the sources accept."""

from __future__ import annotations

import os
import socket
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors import registry
from leadrelay.domain.rules import Rules
from leadrelay.local.cast import Scene, scenes
from leadrelay.local.child import Child, run
from leadrelay.local.courier import Courier
from leadrelay.local.demo_rules import ALWAYS, IMPATIENT, local_rules
from leadrelay.local.emulator import running
from leadrelay.local.notices import Notice, Receiver
from leadrelay.local.outside import Outside, standing
from leadrelay.local.tools import LocalCloudError, Tools, find_tools, free_port, in_use
from leadrelay.local.traffic import signed, touches_of
from leadrelay.local.verdict import GENUINE
from leadrelay.ports.source import SourceSettings, Unauthentic

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return local_rules(TODAY, 20)


@pytest.fixture(scope="module")
def outside(rules: Rules) -> object:
    with standing(rules) as found:
        yield found


def test_a_missing_tool_is_named_with_the_command_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match=r"python is not in .*make \.venv-local"):
        find_tools({"LEADRELAY_LOCAL_VENV": str(tmp_path)})


def test_a_taken_port_is_said_before_anything_is_started(tmp_path: Path) -> None:
    tools = Tools(*[tmp_path / name for name in ("python", "ministack", "sam", "libraries")])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalCloudError, match=f"port {port} is taken"), running(tools, enforce_iam=True, port=port):
            pytest.fail("it started")


def test_an_emulator_that_cannot_start_shows_its_last_words_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ministack"
    program.write_text("#!/bin/sh\necho the reason it ended\nexit 3\n")
    program.chmod(0o755)
    libraries = tmp_path / "libraries"
    for name in ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3"):
        (libraries / name).mkdir(parents=True)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    tools = Tools(Path(sys.executable), program, program, libraries)
    with pytest.raises(LocalCloudError, match="the reason it ended"), running(tools, enforce_iam=True):
        pytest.fail("it started")
    assert list(scratch.iterdir()) == []


def test_stopping_a_child_also_ends_what_it_started(tmp_path: Path) -> None:
    code = "import subprocess, time; c = subprocess.Popen(['sleep', '600']); print(c.pid, flush=True); time.sleep(600)"
    child = Child("the parent", [sys.executable, "-c", code], os.environ, tmp_path / "log", tmp_path)
    while not (said := child.log.read_text().strip()):
        time.sleep(0.01)
    child.stop()
    assert not child.running()
    assert not _lives(int(said))


def test_a_program_that_fails_shows_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('what went wrong'); raise SystemExit(7)"]
    with pytest.raises(LocalCloudError, match=r"(?s)exit code 7.*what went wrong"):
        run("the builder", command, os.environ, tmp_path / "log", tmp_path, 30)


def test_a_free_port_is_free() -> None:
    assert not in_use(free_port())


def test_a_courier_never_has_more_than_sixteen_under_way() -> None:
    with pytest.raises(ValueError, match="1 to 16"):
        Courier("http://127.0.0.1:1", in_flight=17)


def test_the_receiver_remembers_who_was_told_what() -> None:
    import urllib3

    with Receiver() as receiver:
        http = urllib3.PoolManager(retries=False)
        url = f"http://{receiver.address}/team"
        assert http.request("POST", url, json={"title": "Late", "message": "Call now", "type": "info"}).status == 200
        assert http.request("POST", url, body=b"[1]").status == 400
        assert receiver.notices() == [Notice("team", "Late", "Call now")]


def test_local_rules_change_only_hours_doors_channels_and_one_campaign(rules: Rules) -> None:
    assert set(rules.calendars.calendars.values()) == {ALWAYS}
    first, *others = rules.sla.first_contact
    assert (first.id, first.target.seconds) == (IMPATIENT, 20)
    assert others
    assert all(policy.seconds is None for policy in others)
    assert {"landing", "partner", "website", "meta", "google_ads", "typeform"} <= set(rules.sources.sources)


def test_the_cast_is_at_least_twenty_different_people() -> None:
    genuine = [scene.visit.person for scene in scenes() if scene.part in GENUINE]
    assert len({person.email for person in genuine}) == len(genuine) >= 20
    assert len({person.phone for person in genuine}) == len(genuine)
    assert all(person.email.endswith(".example") for person in genuine)


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: f"{scene.part}-{scene.visit.key}")
def test_every_sample_is_what_its_source_expects(scene: Scene, rules: Rules, outside: Outside) -> None:
    sent = signed(scene, outside, rules, NOW)
    policy = rules.sources.sources[scene.visit.source]
    source = registry.load("source", policy.vendor)
    settings = SourceSettings(name=scene.visit.source, vendor=policy.vendor, options=policy.options)
    delivery, secrets = sent.delivery(), outside.of_source(scene.visit.source)
    if scene.part == "forged":
        with pytest.raises(Unauthentic):
            source.verify(delivery, settings, secrets, NOW)
        return
    assert source.verify(delivery, settings, secrets, NOW) in {"verified", "unverified"}
    [draft] = source.parse(delivery, settings, NOW)
    assert (draft.problem, draft.suspicion, draft.test) == (None, None, False)
    told = {"calendly": "activity"}.get(scene.visit.source, "submission")
    assert draft.kind == ("behaviour" if scene.visit.event else told)


def test_the_cast_comes_from_every_kind_of_source(rules: Rules) -> None:
    """Ads, forms, WordPress, chat, calls, meetings, webinars, mail and events: at least twelve senders."""
    sent = {scene.visit.source for scene in scenes()}
    vendors = {rules.sources.sources[source].vendor for source in sent}
    assert len(vendors) >= 12
    assert {"linkedin", "callrail", "telegram", "calendly", "zoom", "segment", "sendgrid"} <= vendors


def test_a_sample_made_again_later_is_the_same_touch(rules: Rules, outside: Outside) -> None:
    later = NOW.replace(hour=13)
    for scene in scenes():
        once, again = signed(scene, outside, rules, NOW), signed(scene, outside, rules, later)
        source = scene.visit.source
        assert touches_of(source, once, rules, NOW) == touches_of(source, again, rules, later)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
