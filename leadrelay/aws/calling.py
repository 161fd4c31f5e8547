"""Calls a function without waiting for its answer. Used by the command line only."""

from __future__ import annotations

from typing import Any

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client


def call(function: str) -> None:
    """Let the function work; what becomes of it is in its log. Raises Retry, Misconfigured."""
    make: Any = client
    with speaking_to(f"function {function}"):
        make("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=b"{}")
