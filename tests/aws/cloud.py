"""An AWS account in memory, and ways to break the wire to it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core.models import botocore_stubber

from leadrelay.aws.clients import client

TABLE = "leads"


def make_table() -> None:
    """The table with its two sparse indexes, as the template declares it."""
    client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in ("pk", "sk", "due_pk", "due_sk", "list_pk", "list_sk")
        ],
        KeySchema=_schema("pk", "sk"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": _schema(f"{index}_pk", f"{index}_sk"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kind"]},
            }
            for index in ("due", "list")
        ],
    )


def _schema(pk: str, sk: str) -> Any:
    return [{"AttributeName": pk, "KeyType": "HASH"}, {"AttributeName": sk, "KeyType": "RANGE"}]


@contextmanager
def hooked(event: str, handler: Callable[..., Any]) -> Iterator[None]:
    """Let botocore call the handler, before all others, at events such as `before-send.dynamodb.PutItem`."""
    service = event.split(".")[1]
    events = client(service).meta.events  # type: ignore[call-overload]
    events.register_first(event, handler)
    try:
        yield
    finally:
        events.unregister(event, handler)


@contextmanager
def counting(service: str) -> Iterator[list[str]]:
    """The operations that are really called inside."""
    called: list[str] = []

    def note(model: Any, **_: object) -> None:
        called.append(model.name)

    with hooked(f"before-call.{service}", note):
        yield called


@contextmanager
def silent_after(operation: str) -> Iterator[None]:
    """The effect happens, its answer is lost."""

    def lose(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://cloud.test")

    with hooked(f"after-call.{operation}", lose):
        yield


@contextmanager
def silent_before(operation: str) -> Iterator[None]:
    """The request never arrives."""

    def lose(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://cloud.test")

    with hooked(f"before-call.{operation}", lose):
        yield


@contextmanager
def failing(
    operation: str, code: str, status: int = 400, times: int = 99, effect: bool = False, **extra: object
) -> Iterator[list[int]]:
    """The service answers with an error on the wire, so that botocore's own retries run too. Yields what was sent.

    botocore calls every handler of `before-send`, so the account is switched off meanwhile, unless the request is to
    take effect although its answer is an error.
    """
    sent: list[int] = []

    def refuse(request: Any, **_: object) -> AWSResponse | None:
        sent.append(status)
        refused = len(sent) <= times
        botocore_stubber.enabled = effect or not refused
        if not refused:
            return None
        body = json.dumps({"__type": f"com.example#{code}", "message": "no", **extra}).encode()
        headers = {"x-amzn-requestid": "1", "x-amzn-errortype": code, "content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, status, headers, _Raw(body))

    def switch_on(**_: object) -> None:
        botocore_stubber.enabled = True

    service = operation.split(".", maxsplit=1)[0]
    with hooked(f"before-send.{operation}", refuse), hooked(f"before-call.{service}", switch_on):
        try:
            yield sent
        finally:
            switch_on()


@contextmanager
def answering(operation: str, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Answer an operation that the account in memory does not know. Yields the parameters of each call."""
    calls: list[dict[str, Any]] = []

    def keep(params: dict[str, Any], **_: object) -> None:
        calls.append(dict(params))

    def reply(**_: object) -> tuple[AWSResponse, dict[str, Any]]:
        said = answer(calls[-1])
        return AWSResponse("https://cloud.test", 200, {}, _Raw(b"")), said

    with hooked(f"provide-client-params.{operation}", keep), hooked(f"before-call.{operation}", reply):
        yield calls


class _Raw(io.BytesIO):
    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()
