from __future__ import annotations

import json

import pytest

from leadrelay.aws.clients import client
from leadrelay.aws.queues import redrive
from leadrelay.ports.errors import Misconfigured, Retry
from tests.aws.cloud import silent_before


@pytest.fixture
def queues(account: None) -> tuple[str, str]:
    """URLs of a dead-letter queue and of the queue it belongs to."""
    sqs = client("sqs")
    return sqs.create_queue(QueueName="dead")["QueueUrl"], sqs.create_queue(QueueName="alive")["QueueUrl"]


def send(url: str, body: dict[str, int]) -> None:
    client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body))


def waiting(url: str) -> int:
    answer = client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    )
    return sum(int(value) for value in answer["Attributes"].values())


def bodies(url: str) -> list[int]:
    found: list[int] = []
    while messages := client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"])["n"] for message in messages]
    return sorted(found)


def test_everything_comes_back_once(queues: tuple[str, str]) -> None:
    dead, alive = queues
    for n in range(23):
        send(dead, {"n": n})
    assert redrive(dead, alive) == 23
    assert waiting(dead) == 0
    assert bodies(alive) == list(range(23))


def test_attributes_go_along(queues: tuple[str, str]) -> None:
    dead, alive = queues
    client("sqs").send_message(
        QueueUrl=dead, MessageBody="{}", MessageAttributes={"why": {"DataType": "String", "StringValue": "bug"}}
    )
    redrive(dead, alive)
    (message,) = client("sqs").receive_message(QueueUrl=alive, MessageAttributeNames=["All"])["Messages"]
    assert message["MessageAttributes"]["why"]["StringValue"] == "bug"


def test_the_limit_holds(queues: tuple[str, str]) -> None:
    dead, alive = queues
    for n in range(15):
        send(dead, {"n": n})
    assert redrive(dead, alive, limit=12) == 12
    assert (waiting(dead), waiting(alive)) == (3, 12)


def test_what_could_not_be_sent_stays_dead(queues: tuple[str, str], naps: list[float]) -> None:
    dead, alive = queues
    send(dead, {"n": 1})
    with silent_before("sqs.SendMessage"), pytest.raises(Retry):
        redrive(dead, alive)
    assert (waiting(dead), waiting(alive)) == (1, 0)


def test_what_could_not_be_deleted_is_not_lost(queues: tuple[str, str], naps: list[float]) -> None:
    dead, alive = queues
    send(dead, {"n": 1})
    with silent_before("sqs.DeleteMessage"), pytest.raises(Retry):
        redrive(dead, alive)
    assert (waiting(dead), waiting(alive)) == (1, 1)


def test_a_missing_queue_is_named(queues: tuple[str, str]) -> None:
    with pytest.raises(Misconfigured, match="nowhere"):
        redrive(queues[0].replace("dead", "nowhere"), queues[1])
