"""Queues: bringing dead letters back.

StartMessageMoveTask would do the latter on AWS, but only between queues it knows as a pair, and not on the local cloud;
receive, send, delete does it on both, one message at a time, and can be stopped at any point without losing one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_BATCH = 10
_HIDDEN_SECONDS = 30
_WAIT_SECONDS = 1


def redrive(dead: str, alive: str, limit: int = 1000) -> int:
    """Move at most `limit` messages from one queue's URL to the other's; returns how many were moved.

    The limit keeps messages that die again at once from going round for ever. A message may arrive twice when its
    deletion fails: consumers drop repeats. Raises Retry, Misconfigured; what was moved by then stays moved.
    """
    moved = 0
    while moved < limit and (messages := _receive(dead, min(_BATCH, limit - moved))):
        for message in messages:
            _move(message, dead, alive)
            moved += 1
    return moved


def _receive(queue_url: str, most: int) -> list[MessageTypeDef]:
    with speaking_to(f"queue {queue_url}"):
        # The wait makes SQS ask all of its servers: without it a short queue looks empty now and then.
        answer = client("sqs").receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=most,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=_WAIT_SECONDS,
            MessageAttributeNames=["All"],
        )
    return answer.get("Messages", [])


def _move(message: MessageTypeDef, dead: str, alive: str) -> None:
    attributes: Any = message.get("MessageAttributes", {})
    with speaking_to(f"queue {alive}"):
        client("sqs").send_message(QueueUrl=alive, MessageBody=message["Body"], MessageAttributes=attributes)
    with speaking_to(f"queue {dead}"):
        client("sqs").delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
