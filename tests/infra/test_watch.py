"""Whatever can wait, fail or fall silent has an alarm."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from leadrelay.aws.telemetry import PowertoolsTelemetry
from tests.infra.cloudformation import Template
from tests.infra.test_template import DEAD_LETTERS, FUNCTIONS, QUEUES
from tests.infra.test_template import TEMPLATE as PRODUCT

WATCH = Template("infra/watch.yaml")
ALARMS = WATCH.of_type("AWS::CloudWatch::Alarm")


def alarms_on(metric: str) -> list[dict[str, Any]]:
    """Alarms on a metric."""
    return [alarm for alarm in ALARMS.values() if alarm["MetricName"] == metric]


def parts_watched(metric: str) -> dict[str, dict[str, Any]]:
    """Alarms on a metric, by the deployed name of what they watch."""
    return {alarm["Dimensions"][0]["Value"]["Fn::Sub"]: alarm for alarm in alarms_on(metric)}


def name_of(queue: str) -> str:
    """The deployed name of a queue."""
    name: str = PRODUCT.of_type("AWS::SQS::Queue")[queue]["QueueName"]["Fn::Sub"]
    return name


def test_any_dead_letter_wakes_somebody() -> None:
    alarms = parts_watched("ApproximateNumberOfMessagesVisible")
    assert set(alarms) == {name_of(queue) for queue in DEAD_LETTERS}
    assert {(a["Threshold"], a["ComparisonOperator"]) for a in alarms.values()} == {(0, "GreaterThanThreshold")}


def test_late_work_is_noticed_in_every_queue() -> None:
    assert set(parts_watched("ApproximateAgeOfOldestMessage")) == {name_of(queue) for queue in QUEUES}


def test_errors_are_noticed_in_every_function() -> None:
    names = {function["FunctionName"]["Fn::Sub"] for function in FUNCTIONS.values()}
    assert set(parts_watched("Errors")) == names


def test_old_rows_are_an_alarm_though_nothing_failed() -> None:
    """A run that finds nothing new shows what is shown, and so counts too."""
    [alarm] = alarms_on("RowsShown")
    assert (alarm["Statistic"], alarm["TreatMissingData"]) == ("Sum", "breaching")
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "LessThanThreshold")
    every = PRODUCT.body["Parameters"]["RefreshMinutes"]["Default"]
    assert alarm["Period"] * WATCH.body["Parameters"]["RowsAgeHours"]["Default"] >= 4 * every * 60


def test_a_fact_that_does_not_reach_the_lake_is_noticed() -> None:
    """The stream keeps what the bucket does not take for a day, and sets aside what is no row."""
    [stream] = PRODUCT.of_type("AWS::KinesisFirehose::DeliveryStream").values()
    watched = [parts_watched(metric) for metric in ("FailedConversion.Records", "DeliveryToS3.DataFreshness")]
    assert [set(each) for each in watched] == [{stream["DeliveryStreamName"]["Fn::Sub"]}] * 2
    [behind] = watched[1].values()
    longest = PRODUCT.body["Parameters"]["LakeBufferSeconds"]["MaxValue"]
    assert 2 * longest <= behind["Threshold"] <= 86_400 / 4


def test_a_refresh_may_fail_once_an_hour() -> None:
    alarm = parts_watched("Errors")["leadrelay-${Stage}-refresh"]
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 3600
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanThreshold")


def test_a_silent_watchman_is_an_alarm() -> None:
    """Called is not enough: his heartbeat is a sweep that came to its end."""
    [alarm] = alarms_on("SlaTick")
    assert (alarm["Statistic"], alarm["TreatMissingData"]) == ("Sum", "breaching")
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "LessThanThreshold")
    assert alarm["Period"] * alarm["EvaluationPeriods"] <= 180


def test_only_silence_of_what_always_speaks_is_breaching() -> None:
    breaching = [name for name, alarm in ALARMS.items() if alarm["TreatMissingData"] != "notBreaching"]
    assert breaching == ["RowsTooOldAlarm", "MissingTickAlarm"]


REST = [
    "IteratorAge",
    "5xx",
    "SlaBacklogSeconds",
    "RescoreBacklogSeconds",
    "RulesRejected",
    "FactsParked",
    "SourceGaps",
    "MailSetAside",
    "TouchesParked",
    "RowsShown",
    "ReportFailed",
    "FailedConversion.Records",
    "DeliveryToS3.DataFreshness",
]


@pytest.mark.parametrize("metric", REST)
def test_the_rest_is_watched(metric: str) -> None:
    assert len(alarms_on(metric)) == 1


def test_every_metric_made_from_the_log_has_its_alarm() -> None:
    made = [
        (change["MetricNamespace"]["Fn::Sub"], change["MetricName"])
        for template in (PRODUCT, WATCH)
        for rule in template.of_type("AWS::Logs::MetricFilter").values()
        for change in rule["MetricTransformations"]
    ]
    assert sorted(metric for _, metric in made) == [
        "FactsParked", "MailSetAside", "ReportFailed", "RescoreBacklogSeconds", "RowsShown", "RulesRejected",
        "SlaBacklogSeconds", "SlaTick", "SourceGaps", "TouchesParked",
    ]  # fmt: skip
    for namespace, metric in made:
        [alarm] = alarms_on(metric)
        assert alarm["Namespace"] == {"Fn::Sub": namespace}


def test_metrics_are_taken_from_what_the_log_really_says(capsys: pytest.CaptureFixture[str]) -> None:
    rules = [rule for template in (PRODUCT, WATCH) for rule in template.of_type("AWS::Logs::MetricFilter").values()]
    for rule in rules:
        [change] = rule["MetricTransformations"]
        PowertoolsTelemetry("sla_check").count(change["MetricName"], 3, kind="clock")
        said = json.loads(capsys.readouterr().out)
        assert said[change["MetricName"]] == [3]  # so `$.Name[0]` is where the filter finds it
        assert re.fullmatch(rf"\{{ \$\.{change['MetricName']}\[0\] >= [01] \}}", rule["FilterPattern"])


def test_every_alarm_tells_somebody_what_it_means() -> None:
    topic = {"Fn::If": ["HasTopic", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    for name, alarm in ALARMS.items():
        assert alarm["AlarmActions"] == topic, name
        assert alarm["AlarmDescription"], name


def test_the_dashboard_is_readable_json() -> None:
    body = WATCH.of_type("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Fn::Sub"][0]
    widgets = json.loads(body)["widgets"]
    assert len({widget["properties"]["title"] for widget in widgets}) == len(widgets) == 8
