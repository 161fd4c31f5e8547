"""What AWS answers, in the words of the ports.

throttled, in conflict with a transaction, 5xx, no answer   Retry
denied, no such table, bus or secret, no credentials         Misconfigured, naming what was spoken to
everything else                                              left as it is: a defect, for the dead-letter queue
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from leadrelay.ports.errors import Misconfigured, PortError, Retry

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

THROTTLED_SECONDS = 1.0
AWAY_SECONDS = 5.0

_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_BUSY = frozenset({"TransactionConflict", "TransactionConflictException"})
_SETUP = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "NoSuchBucket",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_UNKNOWN = frozenset({"TransactionInProgressException", "RequestTimeout", "RequestTimeoutException"})


class Silence(Retry):
    """No answer, or an answer that does not say whether it was done: read before sending again."""


class Busy(Retry):
    """Another transaction is writing the same records at this very moment: nothing was done."""


def code_of(error: ClientError) -> str:
    """The service's own error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


def throttled(code: str) -> bool:
    """Whether this code says "later": nothing was done."""
    return code in _THROTTLED


def busy(code: str) -> bool:
    """Whether this code says that another transaction was first, and has yet to end."""
    return code in _BUSY


@contextmanager
def speaking_to(what: str) -> Iterator[None]:
    """Raise the ports' errors for whatever goes wrong inside; `what` names the table, bus or secret in messages."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        meant = _meaning(what, error)
        if meant is None:
            raise
        raise meant from error
    except (NoConnection, HTTPClientError, ResponseParserError) as error:
        raise Silence(AWAY_SECONDS, f"{what} gave no answer ({type(error).__name__})", "outage") from error
    except BotoCoreError as error:  # credentials, region, profile, parameters: nothing was sent
        raise Misconfigured(f"{what} cannot be reached: {error}") from error


def _meaning(what: str, error: ClientError) -> PortError | None:
    code = code_of(error)
    if busy(code):
        return Busy(THROTTLED_SECONDS, f"{what} is busy ({code})", "second")
    if throttled(code):
        return Retry(THROTTLED_SECONDS, f"{what} is throttled ({code})", "second")
    if code in _SETUP:
        operation = error.operation_name
        return Misconfigured(f"{what}: {operation} answered {code}; check its name and this function's permissions")
    if code in _UNKNOWN or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return Silence(AWAY_SECONDS, f"{what} failed ({code or 'server error'})", "outage")
    return None
