from __future__ import annotations

import json

import pytest

from leadrelay.aws.clients import client
from leadrelay.aws.secrets import ManagedSecrets, values_of
from leadrelay.ports.errors import Misconfigured, Retry
from tests.aws.cloud import counting, failing

OLD, NEW = "old-" + "a" * 32, "new-" + "b" * 32
NAME = "leadrelay/test/source/webform"


class Seconds:
    """A monotonic clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def secrets(account: None, seconds: Seconds) -> ManagedSecrets:
    return ManagedSecrets("leadrelay/test/", seconds)


def store(**values: object) -> None:
    text = json.dumps(values)
    try:
        client("secretsmanager").create_secret(Name=NAME, SecretString=text)
    except client("secretsmanager").exceptions.ResourceExistsException:
        client("secretsmanager").put_secret_value(SecretId=NAME, SecretString=text)


def test_named_values_one_or_several(secrets: ManagedSecrets) -> None:
    store(signing_key=[OLD, NEW], api_key=NEW)
    assert secrets.get("source/webform") == {"signing_key": (OLD, NEW), "api_key": (NEW,)}


def test_read_once_in_300_seconds(secrets: ManagedSecrets, seconds: Seconds) -> None:
    store(key=OLD)
    with counting("secretsmanager") as called:
        for _ in range(5):
            secrets.get("source/webform")
            seconds.now += 59
        assert len(called) == 1
        seconds.now += 10
        secrets.get("source/webform")
        assert len(called) == 2


def test_a_rotation_is_seen_by_refresh_at_most_each_30_seconds(secrets: ManagedSecrets, seconds: Seconds) -> None:
    store(key=OLD)
    secrets.get("source/webform")
    store(key=[OLD, NEW])
    with counting("secretsmanager") as called:
        for _ in range(1000):  # a flood of forged calls, each of which asks
            assert secrets.refresh("source/webform") == {"key": (OLD,)}
        assert called == []
        seconds.now += 30
        for _ in range(1000):
            assert secrets.refresh("source/webform") == {"key": (OLD, NEW)}
        assert len(called) == 1
    assert secrets.get("source/webform") == {"key": (OLD, NEW)}


def test_a_missing_secret_is_named_and_asked_for_at_most_each_30_seconds(
    secrets: ManagedSecrets, seconds: Seconds
) -> None:
    with counting("secretsmanager") as called:
        for _ in range(100):
            with pytest.raises(Misconfigured, match=NAME):
                secrets.get("source/webform")
        assert len(called) == 1
        store(key=NEW)
        seconds.now += 30
        assert secrets.get("source/webform") == {"key": (NEW,)}


def test_while_the_service_is_away_the_last_good_values_stay(
    secrets: ManagedSecrets, seconds: Seconds, naps: list[float]
) -> None:
    store(key=OLD)
    secrets.get("source/webform")
    seconds.now += 400
    with failing("secretsmanager.GetSecretValue", "InternalServiceError", 500) as sent:
        assert secrets.get("source/webform") == {"key": (OLD,)}
        assert secrets.get("source/webform") == {"key": (OLD,)}
        assert len(sent) == 3  # one call with its tries, then the age starts anew


def test_away_from_the_start_is_later(secrets: ManagedSecrets, naps: list[float]) -> None:
    with failing("secretsmanager.GetSecretValue", "ThrottlingException"), pytest.raises(Retry):
        secrets.get("source/webform")


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ('{"signing_key": "hunter2"}', "openssl rand -hex 32"),
        ('{"signing_key": ["0123456789abcdef", "hunter2"]}', "shorter than 16"),
        ('{"signing_key": ["0123456789abcdef", 7]}', "must be a text, or a list"),
        ('{"signing_key": ""}', "'signing_key' has an empty value"),
        ('{"signing_key": []}', "must be a text, or a list"),
        ('{"signing_key": null}', "must be a text, or a list"),
        ("hunter2", "must be a JSON object"),
        ('["hunter2"]', "must be a JSON object"),
        ("", "must be a JSON object"),
    ],
)
def test_what_is_wrong_is_said_without_the_value(text: str, fix: str) -> None:
    with pytest.raises(Misconfigured, match=fix) as refused:
        values_of("s", text)
    assert "hunter2" not in str(refused.value)


def test_sixteen_characters_are_enough() -> None:
    assert values_of("s", '{"k": "0123456789abcdef"}') == {"k": ("0123456789abcdef",)}


def test_a_login_may_be_short_what_proves_a_sender_may_not(secrets: ManagedSecrets) -> None:
    for path in ("crm/salesforce", "fetch/salesforce", "source/salesforce", "identity"):
        client("secretsmanager").create_secret(Name=f"leadrelay/test/{path}", SecretString='{"domain": "acme.my"}')
    assert secrets.get("crm/salesforce") == secrets.get("fetch/salesforce") == {"domain": ("acme.my",)}
    for path in ("source/salesforce", "identity"):
        with pytest.raises(Misconfigured, match="shorter than 16"):
            secrets.get(path)


def test_nothing_cached_shows_in_a_repr(secrets: ManagedSecrets) -> None:
    store(key=OLD)
    secrets.get("source/webform")
    assert OLD not in repr(vars(secrets))
