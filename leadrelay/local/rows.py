"""The rows that reports are counted from, made now: what the schedule does every few minutes."""

from __future__ import annotations

import time

from leadrelay.local.cloud import Cloud
from leadrelay.local.tools import LocalCloudError

PATIENCE = 30.0
"""Seconds for what was just said to reach the lake."""

_COUNTED = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


def refresh(cloud: Cloud) -> None:
    """Waits until all that was said is in the lake, or patience ends; then makes the rows. Raises LocalCloudError."""
    give_up = time.monotonic() + PATIENCE
    while _on_its_way(cloud) and time.monotonic() < give_up:
        time.sleep(0.2)
    answer = cloud.emulator.client("lambda").invoke(FunctionName=cloud.deployed.refresh_function_name, Payload=b"{}")
    if "FunctionError" in answer:
        told = answer["Payload"].read().decode()
        raise LocalCloudError(f"the rows of reports could not be made: {told}")


def _on_its_way(cloud: Cloud) -> int:
    queues = cloud.emulator.client("sqs")
    told = queues.get_queue_attributes(QueueUrl=cloud.deployed.lake_queue_url, AttributeNames=list(_COUNTED))
    return sum(int(told["Attributes"][name]) for name in _COUNTED)
