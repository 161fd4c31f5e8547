"""Who may touch what: every statement names its actions and its resources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.cloudformation import ROOT, Template, target
from tests.infra.test_template import FUNCTIONS, folder

TEMPLATE = Template("template.yaml")

# Actions for which AWS knows no narrower resource, with who may do them.
UNSCOPABLE = {("PublishFunction", "dynamodb:ListStreams"), ("RollbackRole", "cloudwatch:DescribeAlarms")}
# Names of which only the beginning is known: objects under a prefix, secrets of one kind, the six random letters
# that Secrets Manager appends.
PREFIXES = (
    r"\$\{RulesBucket\.Arn\}/rules/\*",
    r"\$\{MailBucket\.Arn\}/(mail|unclaimed)/\*",
    r"\$\{LakeBucket\.Arn\}/(parquet|errors|athena|rows|inputs)/\*",
    r"arn:\$\{AWS::Partition\}:glue:.+:table/\$\{LakeDatabase\}/facts_\*",
    r"arn:\$\{AWS::Partition\}:secretsmanager:.+:secret:leadrelay/\$\{Stage\}/(source|fetch|crm|notify)/\*",
    r"arn:\$\{AWS::Partition\}:secretsmanager:.+:secret:leadrelay/\$\{Stage\}/(identity|links|dashboard)-\?{6}",
)
SECRETS = {
    "ingest": ["source/*", "identity-??????"],
    "mail": ["identity-??????"],
    "fetch": ["fetch/*"],
    "poll": ["fetch/*"],
    "score": ["identity-??????"],
    "deliver": ["crm/*"],
    "notify": ["notify/*", "links-??????"],
    "act": ["links-??????"],
    "report": ["dashboard-??????"],
}
STORE = {"GetItem", "BatchGetItem", "PutItem", "ConditionCheckItem"}
TABLE = {
    "ingest": STORE | {"UpdateItem"},
    "mail": STORE | {"UpdateItem"},
    "changes": STORE,
    "publish": {"PutItem"},
    "fetch": STORE,
    "poll": STORE,
    "score": STORE | {"Query"},
    "route": STORE,
    "deliver": STORE,
    "notify": STORE,
    "sla_check": STORE,
    "lake": set(),
    "report": {"GetItem", "BatchGetItem", "Query"},
    "refresh": {"GetItem", "PutItem"},
    "act": STORE,
}
INDEXES = {"sla_check": {"due", "list"}, "report": {"list"}}
READ_RULES = {
    *(
        "ingest",
        "mail",
        "changes",
        "fetch",
        "poll",
        "score",
        "route",
        "deliver",
        "notify",
        "sla_check",
        "act",
        "report",
        "refresh",
    ),
}


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement that grants something to a role, with the resource that gets it."""
    for name, function in FUNCTIONS.items():
        for policy in function["Policies"]:
            for statement in policy["Statement"]:
                yield name, statement
    for name, role in TEMPLATE.of_type("AWS::IAM::Role").items():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def as_list(value: Any) -> list[Any]:
    """IAM writes one as itself and several as a list."""
    return value if isinstance(value, list) else [value]


def granted(function: str, service: str) -> Iterator[tuple[set[str], Any]]:
    """Actions (without the service's name) and resource of each statement of a function for a service."""
    for name, statement in statements():
        actions = as_list(statement["Action"])
        its_own = name in FUNCTIONS and folder(FUNCTIONS[name]) == function
        if its_own and all(action.startswith(f"{service}:") for action in actions):
            yield {action.removeprefix(f"{service}:") for action in actions}, statement["Resource"]


def test_statements_only_allow() -> None:
    assert {statement["Effect"] for _, statement in statements()} == {"Allow"}


def test_no_action_is_a_wildcard() -> None:
    actions = [(name, action) for name, statement in statements() for action in as_list(statement["Action"])]
    assert len(actions) > 40
    assert not [(name, action) for name, action in actions if "*" in action or "?" in action]


def test_no_resource_is_a_wildcard() -> None:
    for name, statement in statements():
        for resource in as_list(statement["Resource"]):
            match resource:
                case {"Fn::GetAtt": _} | {"Ref": _}:
                    continue
                case "*":
                    assert {(name, action) for action in as_list(statement["Action"])} <= UNSCOPABLE
                case {"Fn::Sub": str(text)} if "*" in text or "?" in text:
                    assert any(re.fullmatch(prefix, text) for prefix in PREFIXES), text
                case {"Fn::Sub": str()}:
                    continue
                case _:
                    pytest.fail(f"{name}: {resource}")


def test_no_ready_made_policy_grants_more_than_is_said() -> None:
    text = (ROOT / "template.yaml").read_text()
    assert "Crud" not in text
    assert "ManagedPolicyArns" not in text
    assert all(set(policy) == {"Statement"} for function in FUNCTIONS.values() for policy in function["Policies"])


@pytest.mark.parametrize("function", sorted(TABLE))
def test_each_function_does_only_its_own_to_the_table(function: str) -> None:
    table: set[str] = set()
    indexes = set()
    for actions, resource in granted(function, "dynamodb"):
        match resource:
            case {"Fn::GetAtt": ["Table", "Arn"]}:
                table |= actions
            case {"Fn::Sub": _} | [*_]:
                assert actions == {"Query"}
                indexes |= {each["Fn::Sub"].removeprefix("${Table.Arn}/index/") for each in as_list(resource)}
    assert table == TABLE[function]
    assert indexes == INDEXES.get(function, set())


@pytest.mark.parametrize("function", sorted(TABLE))
def test_each_function_reads_only_its_own_kind_of_secret(function: str) -> None:
    names = [each["Fn::Sub"] for _, resource in granted(function, "secretsmanager") for each in as_list(resource)]
    assert [name.split("/${Stage}/")[1] for name in names] == SECRETS.get(function, [])


@pytest.mark.parametrize("function", sorted(TABLE))
def test_rules_are_read_by_those_who_decide(function: str) -> None:
    configuration = list(granted(function, "appconfig"))
    bundles = [each for each in granted(function, "s3") if "RulesBucket" in str(each[1])]
    assert bool(configuration) == bool(bundles) == (function in READ_RULES)
    assert all(actions == {"GetObject", "ListBucket"} for actions, _ in bundles)


def test_mail_is_read_where_it_comes_in_and_written_only_where_it_is_set_aside() -> None:
    mine = [(actions, resource) for actions, resource in granted("mail", "s3") if "MailBucket" in str(resource)]
    assert mine == [
        ({"GetObject", "ListBucket"}, [{"Fn::Sub": "${MailBucket.Arn}/mail/*"}, {"Fn::GetAtt": ["MailBucket", "Arn"]}]),
        ({"PutObject"}, {"Fn::Sub": "${MailBucket.Arn}/unclaimed/*"}),
    ]
    others = {name for name, statement in statements() if "MailBucket" in str(statement["Resource"])}
    assert others == {"MailFunction"}


@pytest.mark.parametrize(
    "function", sorted(set(TABLE) - {"ingest", "publish", "report", "refresh", "act", "sla_check"})
)
def test_a_worker_takes_from_its_own_queue_only(function: str) -> None:
    [(actions, resource)] = granted(function, "sqs")
    assert actions == {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"}
    assert target(resource) == f"{function.capitalize()}Queue"


def test_only_publish_speaks_on_the_bus_and_only_as_leadrelay() -> None:
    speakers = [(name, s) for name, s in statements() if any(a.startswith("events:") for a in as_list(s["Action"]))]
    [(name, statement)] = speakers
    assert name == "PublishFunction"
    assert statement["Condition"] == {"StringEqualsIfExists": {"events:source": "leadrelay"}}


def test_no_setting_carries_a_secret() -> None:
    for function in FUNCTIONS.values():
        for name, value in TEMPLATE.variables(function).items():
            assert "resolve:secretsmanager" not in str(value), name
            assert not re.search(r"TOKEN|PASSWORD|KEY", name)
