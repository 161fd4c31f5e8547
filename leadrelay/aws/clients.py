"""One lazily made low-level client per service.

boto3 costs a tenth of a second to import and every client some more, so a function pays only for what it calls.
Resources are never used: they cost twice as much and hide the calls. The endpoint and region come from the standard
variables (`AWS_ENDPOINT_URL`, `AWS_DEFAULT_REGION`), so the same code runs on the local cloud.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from mypy_boto3_appconfig import AppConfigClient
    from mypy_boto3_appconfigdata import AppConfigDataClient
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_firehose import FirehoseClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

CONNECT_SECONDS = 2
READ_SECONDS = 5
ATTEMPTS = 3


@overload
def client(name: Literal["appconfig"]) -> AppConfigClient: ...
@overload
def client(name: Literal["appconfigdata"]) -> AppConfigDataClient: ...
@overload
def client(name: Literal["athena"]) -> AthenaClient: ...
@overload
def client(name: Literal["dynamodb"]) -> DynamoDBClient: ...
@overload
def client(name: Literal["events"]) -> EventBridgeClient: ...
@overload
def client(name: Literal["firehose"]) -> FirehoseClient: ...
@overload
def client(name: Literal["s3"]) -> S3Client: ...
@overload
def client(name: Literal["secretsmanager"]) -> SecretsManagerClient: ...
@overload
def client(name: Literal["sqs"]) -> SQSClient: ...
def client(name: str) -> object:
    """The process's client of this service, made on first use; safe to share among threads."""
    return _made(name)


@cache
def _made(name: str) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )
    make: Any = boto3.client  # its overloads name every service; the typed ones we use are listed above
    return make(name, config=config)
