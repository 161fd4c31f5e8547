"""Logs and metrics by Powertools: one JSON line per piece of work, metrics in the embedded format.

What may be logged is a list, not a habit: a field that is not on it is dropped and only its name is told, and a text is
reduced to what a code may be, so that an e-mail address cannot slip through under an innocent name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from leadrelay.domain.model import code

NAMESPACE = "LeadRelay"

_FIELDS = """
account acted attempt batch bytes causation_id cause channel checkpoint clock code correlation_id count crm crm_id due
duplicate error fact fact_id facts failed function handled hop http_status key kind lead_id macro micro ms new notice
op_id outcome owner parked policy pool position problem provider queue reason refused rep retry_after rows rule
rules_version scope score seconds segment sent source stage state status suspicion temperature test touch_id touches
trouble trust vendor version why
"""
ALLOWED = frozenset(_FIELDS.split())
"""What may be logged: ids, codes and numbers."""

Field = str | int | float | bool | None


class PowertoolsTelemetry:
    """Implements `ports.telemetry.Telemetry` for the function called `service`."""

    def __init__(self, service: str, namespace: str = NAMESPACE) -> None:
        self._service = service
        self._namespace = namespace
        self._logger = Logger(service=service, location=None)  # it would always name this file

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        """Add to a metric, written at once: its own line, for its own set of dimensions."""
        _never_raising(lambda: self._emit(metric, value, dimensions))

    def line(self, event: str, **ids: Field) -> None:
        """One structured log line of what is allowed."""
        _never_raising(lambda: self._logger.info(event, extra=fields(ids)))

    def _emit(self, metric: str, value: float, dimensions: Mapping[str, str]) -> None:
        with single_metric(metric, MetricUnit.Count, value, namespace=self._namespace) as one:
            one.add_dimension("service", self._service)
            for name, said in dimensions.items():
                one.add_dimension(name, code(said) or "none")


def fields(ids: Mapping[str, Field]) -> dict[str, object]:
    """What may be logged of these; the names of what may not are under `not_logged`."""
    allowed: dict[str, object] = {
        name: code(value) if isinstance(value, str) else value for name, value in ids.items() if name in ALLOWED
    }
    dropped = sorted(ids.keys() - ALLOWED)
    return {**allowed, **({"not_logged": dropped} if dropped else {})}


def _never_raising(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 telemetry must not decide the fate of a lead; its type is still told
        sys.stderr.write(f"telemetry failed: {type(error).__name__}\n")
