"""What template.yaml promises about the lake: who writes it, who asks it, and for how long what is kept."""

from __future__ import annotations

import re
from typing import Any

import pytest

from leadrelay.aws.athena import ANSWERS, LAKE
from leadrelay.aws.rows import ROWS
from leadrelay.domain.reporting.row import COLUMNS
from tests.infra.cloudformation import Template, target
from tests.infra.test_permissions import granted
from tests.infra.test_template import FUNCTIONS

TEMPLATE = Template("template.yaml")
GLUE = {"text": "string", "int": "bigint", "float": "double", "bool": "boolean"}


def table() -> dict[str, Any]:
    """The table of facts in the catalogue."""
    [found] = TEMPLATE.of_type("AWS::Glue::Table").values()
    told: dict[str, Any] = found["TableInput"]
    return told


def destination() -> dict[str, Any]:
    """Where the stream writes."""
    [stream] = TEMPLATE.of_type("AWS::KinesisFirehose::DeliveryStream").values()
    found: dict[str, Any] = stream["ExtendedS3DestinationConfiguration"]
    return found


def bucket() -> dict[str, Any]:
    """The lake's bucket."""
    return TEMPLATE.of_type("AWS::S3::Bucket")["LakeBucket"]


def test_the_catalogue_knows_the_columns_that_rows_have() -> None:
    assert table()["StorageDescriptor"]["Columns"] == [
        {"Name": name, "Type": GLUE[kind]} for name, kind in COLUMNS.items()
    ]
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in COLUMNS), (
        "neither engine keeps other names as they are"
    )


def test_facts_are_written_as_the_table_that_is_asked() -> None:
    converted = destination()["DataFormatConversionConfiguration"]
    schema = converted["SchemaConfiguration"]
    assert converted["Enabled"] is True
    assert (target(schema["DatabaseName"]), target(schema["TableName"])) == ("LakeDatabase", "LakeTable")
    assert converted["OutputFormatConfiguration"]["Serializer"] == {"ParquetSerDe": {"Compression": "SNAPPY"}}
    assert destination()["CompressionFormat"] == "UNCOMPRESSED", "Firehose refuses to compress what it converts"
    assert destination()["BufferingHints"]["SizeInMBs"] >= 64, "and wants to gather so much"
    assert "parquet" in table()["StorageDescriptor"]["InputFormat"].lower()


def test_days_are_where_the_stream_writes_them_and_need_no_catalogue() -> None:
    told = table()["Parameters"]
    assert destination()["Prefix"] == f"{LAKE}dt=!{{timestamp:yyyy-MM-dd}}/"
    assert table()["StorageDescriptor"]["Location"] == {"Fn::Sub": f"s3://${{LakeBucket}}/{LAKE}"}
    assert told["storage.location.template"] == {"Fn::Sub": f"s3://${{LakeBucket}}/{LAKE}dt=${{!dt}}/"}
    assert table()["PartitionKeys"] == [{"Name": "dt", "Type": "string"}]
    assert (told["projection.enabled"], told["projection.dt.type"]) == ("true", "date")
    assert (told["projection.dt.format"], told["projection.dt.range"]) == ("yyyy-MM-dd", "2026-01-01,NOW")
    assert table()["Name"] == "lake", "what the statements of the base tables read"


def test_only_an_encrypted_way_leads_to_the_lake() -> None:
    policy = TEMPLATE.of_type("AWS::S3::BucketPolicy")["LakeBucketPolicy"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert target(policy["Bucket"]) == "LakeBucket"
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [{"Fn::GetAtt": ["LakeBucket", "Arn"]}, {"Fn::Sub": "${LakeBucket.Arn}/*"}]


def test_answers_are_forgotten_and_facts_rows_and_inputs_are_not() -> None:
    rules = {rule["Id"]: rule for rule in bucket()["LifecycleConfiguration"]["Rules"]}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    forgotten = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules.values() if "ExpirationInDays" in rule}
    assert forgotten == {ANSWERS: 1, "errors/": 90}
    assert rules["unfinished"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_a_query_has_a_limit_and_its_answer_is_encrypted() -> None:
    [group] = TEMPLATE.of_type("AWS::Athena::WorkGroup").values()
    told = group["WorkGroupConfiguration"]
    assert told["EnforceWorkGroupConfiguration"] is True
    result = told["ResultConfiguration"]
    assert result["OutputLocation"] == {"Fn::Sub": f"s3://${{LakeBucket}}/{ANSWERS}"}
    assert result["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert told["BytesScannedCutoffPerQuery"]["Fn::FindInMap"][1] == {"Ref": "ScanLimit"}
    limits = TEMPLATE.body["Mappings"]["Scanned"]
    assert set(limits) == set(TEMPLATE.body["Parameters"]["ScanLimit"]["AllowedValues"])
    assert min(limit["Bytes"] for limit in limits.values()) > 10_000_000, "Athena takes no smaller one"


def test_rows_are_made_by_a_schedule_and_never_twice_for_one_call() -> None:
    schedule = TEMPLATE.of_type("AWS::Scheduler::Schedule")["RefreshSchedule"]
    assert schedule["ScheduleExpression"] == {"Fn::Sub": "rate(${RefreshMinutes} minutes)"}
    assert TEMPLATE.body["Parameters"]["RefreshMinutes"]["MinValue"] > 1, "the plural is not for one"
    assert target(schedule["Target"]["Arn"]) == "RefreshFunction"
    assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert FUNCTIONS["RefreshFunction"]["EventInvokeConfig"]["MaximumRetryAttempts"] == 0
    [statement] = TEMPLATE.of_type("AWS::IAM::Role")["ScheduleRole"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert {target(each) for each in statement["Resource"]} == {"SlaCheckFunction", "RefreshFunction"}


@pytest.mark.parametrize(
    ("prefix", "wanted"),
    [
        (LAKE, {"GetObject"}),
        (ANSWERS, {"GetObject", "PutObject", "AbortMultipartUpload", "ListMultipartUploadParts"}),
        (ROWS, {"GetObject", "PutObject", "DeleteObject"}),
        ("inputs/", {"GetObject"}),
    ],
)
def test_a_refresh_reads_facts_and_replaces_rows(prefix: str, wanted: set[str]) -> None:
    place = {"Fn::Sub": f"${{LakeBucket.Arn}}/{prefix}*"}
    assert {
        action for actions, resource in granted("refresh", "s3") if resource == place for action in actions
    } == wanted


def test_a_refresh_makes_and_drops_no_table_but_its_own() -> None:
    for actions, resources in granted("refresh", "glue"):
        if actions == {"GetDatabase"}:
            continue
        [tables] = [each["Fn::Sub"] for each in resources if ":table/" in each["Fn::Sub"]]
        assert tables.endswith("/facts_*") == bool(actions & {"CreateTable", "DeleteTable"})
    assert {action for actions, _ in granted("refresh", "athena") for action in actions} == {
        "StartQueryExecution",
        "GetQueryExecution",
    }
