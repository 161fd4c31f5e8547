from __future__ import annotations

import ast
import json
from datetime import timedelta
from pathlib import Path

import pytest

from leadrelay.aws.clock import SystemClock
from leadrelay.aws.telemetry import ALLOWED, PowertoolsTelemetry, fields

ROOT = Path(__file__).parents[2]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_of_codes_and_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    PowertoolsTelemetry("score-line").line("lead_scored", lead_id="a" * 32, score=41, duplicate=False, owner=None)
    (said,) = lines(capsys)
    assert said["message"] == "lead_scored"
    assert said["service"] == "score-line"
    assert (said["lead_id"], said["score"], said["duplicate"]) == ("a" * 32, 41, False)


def test_what_is_not_allowed_is_dropped_and_only_named(capsys: pytest.CaptureFixture[str]) -> None:
    PowertoolsTelemetry("ingest-line").line("stored", touch_id="webform.1", email="anna@example.com", phone="+48123")
    text = capsys.readouterr().out
    assert "anna" not in text
    assert "48123" not in text
    assert json.loads(text)["not_logged"] == ["email", "phone"]


def test_a_text_is_reduced_to_a_code() -> None:
    assert fields({"reason": "anna@example.com", "code": "a<b>\n{x}", "ms": 1.5, "source": "x" * 500}) == {
        "reason": None,
        "code": "a_b___x_",
        "ms": 1.5,
        "source": "x" * 96,
    }


def test_nobody_may_allow_what_people_say() -> None:
    assert not ALLOWED & {"email", "phone", "name", "first_name", "last_name", "message", "body", "words", "text", "ip"}


def test_every_allowed_field_can_be_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """None of them collides with a field of the logger's own."""
    telemetry = PowertoolsTelemetry("all-fields")
    for field in sorted(ALLOWED):
        telemetry.line("said", **{field: "x"})
    assert [(said["message"], said[field]) for said, field in zip(lines(capsys), sorted(ALLOWED), strict=True)] == [
        ("said", "x")
    ] * len(ALLOWED)


def test_no_line_of_the_program_loses_a_field() -> None:
    """A field that is not allowed would be dropped silently in production; here it is found."""
    logged = {
        keyword.arg
        for folder in ("leadrelay", "functions", "connectors")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "line"
        for keyword in call.keywords
    }
    assert "reason" in logged
    assert logged <= ALLOWED


def test_a_metric_in_the_embedded_format(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = PowertoolsTelemetry("deliver")
    telemetry.count("CrmThrottled", 3, crm="hubspot", reason="anna@example.com")
    telemetry.count("CrmThrottled", crm="hubspot")
    first, second = lines(capsys)
    assert first["CrmThrottled"] == [3.0]
    assert second["CrmThrottled"] == [1.0]
    assert (first["service"], first["crm"], first["reason"]) == ("deliver", "hubspot", "none")
    (metric,) = first["_aws"]["CloudWatchMetrics"]
    assert metric["Namespace"] == "LeadRelay"
    assert {frozenset(names) for names in metric["Dimensions"]} == {frozenset({"service", "crm", "reason"})}


def test_telemetry_never_decides_the_fate_of_a_lead(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = PowertoolsTelemetry("route")
    telemetry.count("", 1)
    telemetry.count("TooMany", 1, **{f"d{n}": "x" for n in range(40)})
    telemetry.count("Odd", "many")  # type: ignore[arg-type]
    assert capsys.readouterr().err.count("telemetry failed") == 3


def test_the_clock_is_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
