"""What template.yaml promises about delivery, retention and addressing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from functions.sla_check.handler import MARGIN_MS
from leadrelay.aws.mailbox import ASIDE, INBOX
from leadrelay.domain import vocabulary
from tests.infra.cloudformation import ROOT, Template, target

TEMPLATE = Template("template.yaml")
QUEUES = {name for name in TEMPLATE.of_type("AWS::SQS::Queue") if name.endswith("Queue")}
DEAD_LETTERS = set(TEMPLATE.of_type("AWS::SQS::Queue")) - QUEUES
FUNCTIONS = TEMPLATE.functions()

COMMON_VARIABLES = {
    "LEADRELAY_STAGE",
    "LEADRELAY_RELEASE",
    "LEADRELAY_TABLE",
    "LEADRELAY_RULES_BUCKET",
    "LEADRELAY_APPCONFIG_APPLICATION",
    "LEADRELAY_APPCONFIG_ENVIRONMENT",
    "LEADRELAY_APPCONFIG_PROFILE",
    "LEADRELAY_RULES_POLL_SECONDS",
    "LEADRELAY_SECRETS_PREFIX",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_SERVICE_NAME",
}
OWN_VARIABLES = {
    "publish": {"LEADRELAY_BUS"},
    "mail": {"LEADRELAY_MAIL_BUCKET"},
    "fetch": {"LEADRELAY_ENDPOINTS"},
    "poll": {"LEADRELAY_ENDPOINTS"},
    "deliver": {"LEADRELAY_ENDPOINTS", "LEADRELAY_CRM"},
    "notify": {"LEADRELAY_ENDPOINTS", "LEADRELAY_LINKS_URL"},
    "lake": {"LEADRELAY_LAKE_STREAM"},
    "refresh": {"LEADRELAY_LAKE_BUCKET", "LEADRELAY_DATABASE", "LEADRELAY_WORKGROUP", "LEADRELAY_DIALECT"},
    "report": {
        "LEADRELAY_LINKS_URL",
        "LEADRELAY_LAKE_BUCKET",
        "LEADRELAY_JWT_ISSUER",
        "LEADRELAY_OIDC_CLIENT_ID",
        "LEADRELAY_OIDC_SCOPES",
        "LEADRELAY_OIDC_GROUPS_CLAIM",
        "LEADRELAY_OIDC_TRUST_EMAIL",
    },
    "sla_check": {"LEADRELAY_SWEEP_SECONDS", "LEADRELAY_SWEEP_EVERY_SECONDS"},
}
ADDRESSED = {
    "FetchQueue": ["TouchReceived", "ContactDoubted"],
    "PollQueue": ["SourceDue"],
    "ScoreQueue": ["TouchReady"],
    "RouteQueue": ["OwnerNeeded"],
    "DeliverQueue": ["CardChanged"],
    "NotifyQueue": ["NoticeNeeded"],
    "LakeQueue": None,
}


def folder(function: dict[str, Any]) -> str:
    """`ingest` of `functions.ingest.handler.handler`."""
    match = re.fullmatch(r"functions\.(\w+)\.handler\.handler", function["Handler"])
    assert match, function["Handler"]
    return match[1]


def sqs_mappings() -> dict[str, dict[str, Any]]:
    """Event source mappings of queues, by the queue's logical id."""
    mappings = TEMPLATE.of_type("AWS::Lambda::EventSourceMapping").values()
    return {target(m["EventSourceArn"]): m for m in mappings if target(m["EventSourceArn"]) in QUEUES}


@pytest.mark.parametrize("queue", sorted(QUEUES))
def test_work_that_fails_is_kept_longer_than_it_may_wait(queue: str) -> None:
    properties = TEMPLATE.of_type("AWS::SQS::Queue")
    redrive = properties[queue]["RedrivePolicy"]
    dead = properties[target(redrive["deadLetterTargetArn"])]
    assert redrive["maxReceiveCount"] == 5
    assert dead["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert dead["MessageRetentionPeriod"] > properties[queue]["MessageRetentionPeriod"]


def test_no_two_queues_share_their_dead_letters() -> None:
    properties = TEMPLATE.of_type("AWS::SQS::Queue")
    homes = [target(properties[queue]["RedrivePolicy"]["deadLetterTargetArn"]) for queue in QUEUES]
    assert sorted({*homes, "PublishDeadLetters"}) == sorted(DEAD_LETTERS)
    assert len(set(homes)) == len(homes)


@pytest.mark.parametrize("queue", sorted(QUEUES))
def test_a_batch_is_shown_again_only_after_six_timeouts(queue: str) -> None:
    mapping = sqs_mappings()[queue]
    timeout = FUNCTIONS[target(mapping["FunctionName"])]["Timeout"]
    window = mapping.get("MaximumBatchingWindowInSeconds", 0)
    assert TEMPLATE.of_type("AWS::SQS::Queue")[queue]["VisibilityTimeout"] >= 6 * timeout + window


@pytest.mark.parametrize("queue", sorted(QUEUES))
def test_one_bad_message_does_not_take_its_batch_along(queue: str) -> None:
    assert sqs_mappings()[queue]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("queue", sorted(QUEUES - {"MailQueue"}))
def test_only_its_own_rule_may_write_into_a_queue(queue: str) -> None:
    [rule] = [name for name, rule in rules().items() if target(rule["Targets"][0]["Arn"]) == queue]
    [policy] = [p for p in TEMPLATE.of_type("AWS::SQS::QueuePolicy").values() if {"Ref": queue} in p["Queues"]]
    [statement] = policy["PolicyDocument"]["Statement"]
    dead = target(rules()[rule]["Targets"][0]["DeadLetterConfig"]["Arn"])
    assert [target(q) for q in policy["Queues"]] == [queue, dead]
    assert [target(r) for r in statement["Resource"]] == [queue, dead]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [rule, "Arn"]}}}


def test_only_the_mail_bucket_may_write_into_the_mail_queue() -> None:
    [policy] = [p for p in TEMPLATE.of_type("AWS::SQS::QueuePolicy").values() if {"Ref": "MailQueue"} in p["Queues"]]
    [statement] = policy["PolicyDocument"]["Statement"]
    bucket = TEMPLATE.resources["MailBucket"]
    name = bucket["Properties"]["BucketName"]["Fn::Sub"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert target(statement["Resource"]) == "MailQueue"
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnEquals": {"aws:SourceArn": {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{name}"}},
    }
    assert bucket["DependsOn"] == "MailQueuePolicy"


def test_only_the_mail_service_of_this_account_may_write_mail() -> None:
    policy = TEMPLATE.of_type("AWS::S3::BucketPolicy")["MailBucketPolicy"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert target(policy["Bucket"]) == "MailBucket"
    assert statement["Principal"] == {"Service": "ses.amazonaws.com"}
    assert statement["Action"] == "s3:PutObject"
    assert statement["Resource"] == {"Fn::Sub": f"${{MailBucket.Arn}}/{INBOX}*"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert "receipt-rule-set/leadrelay-${Stage}:" in statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]


def test_mail_is_received_only_where_a_domain_is_named_and_judged_for_spam() -> None:
    for kind in ("AWS::SES::ReceiptRuleSet", "AWS::SES::ReceiptRule"):
        [found] = [resource for resource in TEMPLATE.resources.values() if resource["Type"] == kind]
        assert found["Condition"] == "HasMail"
    [wanted] = TEMPLATE.of_type("AWS::SES::ReceiptRule").values()
    assert wanted["Rule"]["Recipients"] == [{"Ref": "MailDomain"}]
    assert wanted["Rule"]["ScanEnabled"] is True
    assert wanted["Rule"]["Actions"] == [{"S3Action": {"BucketName": {"Ref": "MailBucket"}, "ObjectKeyPrefix": INBOX}}]


def test_mail_is_forgotten_and_what_is_set_aside_comes_in_once() -> None:
    bucket = TEMPLATE.of_type("AWS::S3::Bucket")["MailBucket"]
    kept = {rule["Prefix"]: rule["ExpirationInDays"] for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert kept == {INBOX: {"Ref": "MailRetentionDays"}, ASIDE: 90}
    [told] = bucket["NotificationConfiguration"]["QueueConfigurations"]
    assert told["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": INBOX}]


def rules() -> dict[str, dict[str, Any]]:
    """Every rule of a bus by logical id."""
    return TEMPLATE.of_type("AWS::Events::Rule")


def test_one_addressed_fact_goes_to_one_queue() -> None:
    told = {}
    for rule in (rule for rule in rules().values() if target(rule["EventBusName"]) == "Bus"):
        [only] = rule["Targets"]
        assert rule["EventPattern"]["source"] == ["leadrelay"]
        told[target(only["Arn"])] = rule["EventPattern"].get("detail-type")
    assert told == ADDRESSED
    assert sorted(fact for facts in told.values() for fact in facts or ()) == sorted(vocabulary.ADDRESSED)


def test_a_partners_bus_exists_only_where_one_is_named_and_brings_only_that_partner_of_this_account() -> None:
    resources = TEMPLATE.body["Resources"]
    for name in ("PartnerBus", "ChangesRule", "ChangesQueuePolicy"):
        assert resources[name]["Condition"] == "HasPartner"
    named = {"Ref": "PartnerEventSource"}
    assert TEMPLATE.body["Parameters"]["PartnerEventSource"]["Default"] == ""
    assert resources["PartnerBus"]["Properties"] == {"Name": named, "EventSourceName": named}
    rule = rules()["ChangesRule"]
    assert target(rule["EventBusName"]) == "PartnerBus"
    assert rule["EventPattern"] == {"account": [{"Ref": "AWS::AccountId"}], "source": [named]}
    assert [target(one["Arn"]) for one in rule["Targets"]] == ["ChangesQueue"]


def test_what_a_rule_cannot_deliver_waits_where_its_queue_gives_up() -> None:
    queues = TEMPLATE.of_type("AWS::SQS::Queue")
    for rule in rules().values():
        [only] = rule["Targets"]
        assert only["DeadLetterConfig"]["Arn"] == queues[target(only["Arn"])]["RedrivePolicy"]["deadLetterTargetArn"]


def test_calls_to_the_crm_and_to_hot_pools_are_paced() -> None:
    mappings = sqs_mappings()
    assert mappings["RouteQueue"]["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert all("ScalingConfig" in mapping for mapping in mappings.values())
    [key] = mappings["DeliverQueue"]["ScalingConfig"]
    assert mappings["DeliverQueue"]["ScalingConfig"][key]["Fn::FindInMap"][1] == {"Ref": "DeliverConcurrency"}
    choices = TEMPLATE.body["Parameters"]["DeliverConcurrency"]["AllowedValues"]
    table = TEMPLATE.body["Mappings"]["Concurrency"]
    assert {choice: {"Workers": int(choice)} for choice in choices} == table


def test_no_function_keeps_concurrency_from_the_others() -> None:
    assert not [name for name, function in FUNCTIONS.items() if "ReservedConcurrentExecutions" in function]


def test_publish_reads_only_what_is_said_and_gives_up_into_a_queue() -> None:
    [mapping] = [
        m
        for m in TEMPLATE.of_type("AWS::Lambda::EventSourceMapping").values()
        if target(m["EventSourceArn"]) == "Table"
    ]
    [wanted] = mapping["FilterCriteria"]["Filters"]
    said = {"NewImage": {"facts": {"S": [{"exists": True}]}}}
    assert json.loads(wanted["Pattern"]) == {"eventName": ["INSERT"], "dynamodb": said}
    assert "FunctionResponseTypes" not in mapping  # a partial answer blocks the shard; publish retries by itself
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 1 <= mapping["MaximumRetryAttempts"] <= 20
    assert target(mapping["DestinationConfig"]["OnFailure"]["Destination"]) == "PublishDeadLetters"


def test_the_table_survives_mistakes() -> None:
    table = TEMPLATE.resources["Table"]
    properties = table["Properties"]
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["DeletionProtectionEnabled"] == {"Fn::If": ["IsProd", True, False]}
    assert table["DeletionPolicy"] == {"Fn::If": ["IsProd", "RetainExceptOnCreate", "Delete"]}
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_sweep_comes_each_minute_and_is_never_repeated() -> None:
    schedule = TEMPLATE.of_type("AWS::Scheduler::Schedule")["SlaCheckSchedule"]
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert FUNCTIONS["SlaCheckFunction"]["EventInvokeConfig"]["MaximumRetryAttempts"] == 0
    parameters, seconds = TEMPLATE.body["Parameters"], FUNCTIONS["SlaCheckFunction"]["Timeout"]
    assert parameters["SweepSeconds"]["Default"] % parameters["SweepEverySeconds"]["Default"] == 0
    assert parameters["SweepSeconds"]["Default"] + parameters["SweepEverySeconds"]["Default"] == 60, "the next minute"
    assert seconds - MARGIN_MS / 1000 > parameters["SweepSeconds"]["MaxValue"], "the last sweep has time for something"
    assert seconds <= 60, "two never run for long beside each other"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_each_function_gets_its_own_settings_and_no_others(name: str) -> None:
    own = OWN_VARIABLES.get(folder(FUNCTIONS[name]), set())
    assert set(TEMPLATE.variables(FUNCTIONS[name])) == COMMON_VARIABLES | own


def test_settings_that_the_code_reads_are_set() -> None:
    settings = {"LEADRELAY_LOCAL_VENV", "LEADRELAY_TARGET"} | COMMON_VARIABLES.union(*OWN_VARIABLES.values())
    sources = [*ROOT.glob("functions/**/*.py"), *ROOT.glob("leadrelay/aws/**/*.py")]
    read = {name for path in sources for name in re.findall(r"\bLEADRELAY_[A-Z_]+\b", path.read_text())}
    assert read <= settings


def test_every_function_has_a_handler_and_every_handler_a_function() -> None:
    named = {folder(function) for function in FUNCTIONS.values()}
    assert named == {path.parent.name for path in ROOT.glob("functions/*/handler.py")}
    assert {f"leadrelay-${{Stage}}-{folder(f).replace('_', '-')}" for f in FUNCTIONS.values()} == {
        function["FunctionName"]["Fn::Sub"] for function in FUNCTIONS.values()
    }


def test_logs_are_forgotten_in_time_and_hold_no_query_or_address() -> None:
    for group in TEMPLATE.of_type("AWS::Logs::LogGroup").values():
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert TEMPLATE.body["Globals"]["Function"]["LoggingConfig"]["LogGroup"] == {"Ref": "FunctionLogs"}
    access = TEMPLATE.of_type("AWS::ApiGatewayV2::Stage")["ApiStage"]["AccessLogSettings"]["Format"]
    logged = set(re.findall(r"\$context\.([\w.]+)", access))
    assert not logged & {"identity.sourceIp", "identity.userAgent", "path", "authorizer.principalId"}
    assert set(json.loads(access)) == {"requestId", "route", "status", "ms", "bytes", "error"}


def test_only_webhooks_and_what_proves_itself_is_open_and_all_else_needs_a_login() -> None:
    """A link is signed; a browser on the dashboard shows its own session, which the function checks."""
    routes = {route["RouteKey"]: route for route in TEMPLATE.of_type("AWS::ApiGatewayV2::Route").values()}
    open_routes = {key for key, route in routes.items() if "AuthorizationType" not in route}
    links = {"GET /act/{token}", "HEAD /act/{token}", "POST /act/{token}"}
    dashboard = {"GET /dashboard", "GET /dashboard/{proxy+}", "POST /dashboard/sign-out"}
    assert open_routes == {"POST /in/{source}", "GET /in/{source}"} | links | dashboard
    assert {key for key in routes if key not in open_routes} == {"GET /leads/{lead_id}", "GET /reports/{name}"}
    for key in ("GET /leads/{lead_id}", "GET /reports/{name}"):
        assert routes[key]["AuthorizationType"] == {"Fn::If": ["HasJwt", "JWT", "AWS_IAM"]}
        assert routes[key]["AuthorizerId"]["Fn::If"][:2] == ["HasJwt", {"Ref": "Authorizer"}]
    throttle = TEMPLATE.of_type("AWS::ApiGatewayV2::Stage")["ApiStage"]["DefaultRouteSettings"]
    assert throttle == {
        "ThrottlingRateLimit": {"Ref": "RequestsPerSecond"},
        "ThrottlingBurstLimit": {"Ref": "RequestsPerSecond"},
    }


def test_a_flood_of_pages_keeps_no_webhook_waiting() -> None:
    stage = TEMPLATE.resources["ApiStage"]
    settings = stage["Properties"]["RouteSettings"]
    limit = {"ThrottlingRateLimit": {"Ref": "PagesPerSecond"}, "ThrottlingBurstLimit": {"Ref": "PagesPerSecond"}}
    routes = {name: route["RouteKey"] for name, route in TEMPLATE.of_type("AWS::ApiGatewayV2::Route").items()}
    pages = {name: key for name, key in routes.items() if " /dashboard" in key}
    assert settings == dict.fromkeys(pages.values(), limit)
    assert sorted(stage["DependsOn"]) == sorted(pages)


def test_every_route_may_call_its_function() -> None:
    """The API asks with the path of the route, and a permission says for which paths."""
    given = [each["SourceArn"]["Fn::Sub"] for each in TEMPLATE.of_type("AWS::Lambda::Permission").values()]
    paths = [arn.partition("${Api}/*/")[2] for arn in given]
    for route in TEMPLATE.of_type("AWS::ApiGatewayV2::Route").values():
        method, path = route["RouteKey"].split(" ")
        asked = f"{method}{path}"
        fits = [p for p in paths if re.fullmatch(re.escape(p).replace(r"\*/", r"[A-Z]+/").replace(r"\*", ".*"), asked)]
        assert len(fits) == 1, asked


def test_buckets_are_private_and_encrypted() -> None:
    for bucket in TEMPLATE.of_type("AWS::S3::Bucket").values():
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]


def test_rules_are_delivered_by_people_and_taken_back_by_alarms() -> None:
    types = {resource["Type"] for resource in TEMPLATE.resources.values()}
    assert not types & {"AWS::AppConfig::Deployment", "AWS::AppConfig::HostedConfigurationVersion"}
    monitors = TEMPLATE.of_type("AWS::AppConfig::Environment")["RulesEnvironment"]["Monitors"]
    assert {target(m["AlarmArn"]) for m in monitors} == set(TEMPLATE.of_type("AWS::CloudWatch::Alarm"))
    strategies = TEMPLATE.of_type("AWS::AppConfig::DeploymentStrategy")
    assert strategies["GradualRollout"]["FinalBakeTimeInMinutes"] > 0
    assert strategies["ImmediateRollout"]["DeploymentDurationInMinutes"] == 0


def test_outputs_name_what_tools_need() -> None:
    outputs = {key: value["Value"] for key, value in TEMPLATE.body["Outputs"].items()}
    for queue in QUEUES | DEAD_LETTERS:
        assert outputs[f"{queue}Url"] == {"Ref": queue}
    for function in FUNCTIONS:
        assert outputs[f"{function}Name"] == {"Ref": function}
    assert {"ApiUrl", "TableName", "BusName", "RulesBucket", "RulesApplication", "LakeBucket"} <= set(outputs)
