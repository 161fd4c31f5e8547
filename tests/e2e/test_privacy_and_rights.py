"""No personal data outside the table and the CRM; no function may do more than its role says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from leadrelay.local.cast import Scene
from leadrelay.local.cloud import Cloud
from leadrelay.local.courier import Courier
from leadrelay.local.emulator import REGION, ROOT
from leadrelay.local.logs import lines
from leadrelay.local.traffic import Act, perform
from leadrelay.local.watch import Picture, look
from leadrelay.ports.sample import Person, Visit
from tests.e2e.settling import Settle

pytestmark = pytest.mark.e2e

CANARY = Person(
    first_name="Canaryfirst",
    last_name="Canarylast",
    email="canarymail@canarydomain.example",
    phone="+12025550199",
    job_title="Canarytitle",
    company="Canarycompany",
    country="Poland",
    industry="Software",
    employees=120,
)
MESSAGE = "Canarymessage"
SECRETS_OF_THE_CANARY = ("canaryfirst", "canarylast", "canarymail", "2025550199", "canarytitle", "canarymessage")


@pytest.fixture(scope="module")
def canaries(cloud: Cloud, courier: Courier, settle: Settle) -> list[Act]:
    """The same invented person through every source, until the CRM knows them."""
    forms = {
        "website": "demo",
        "landing": "contact",
        "partner": "offer",
        "meta": "650000000000001",
        "google_ads": "40000000001",
        "typeform": "demoFrm1",
    }
    visits = [Visit(source, CANARY, form, f"{source}-canary", message=MESSAGE) for source, form in forms.items()]
    acts = perform([Scene(visit) for visit in visits], cloud.outside, cloud.rules, courier)
    settle(lambda seen: _unfinished(seen, acts))
    return acts


def test_no_log_group_holds_personal_data(cloud: Cloud, canaries: list[Act], settle: Settle) -> None:
    ids = {touch for act in canaries for touch in act.touch_ids}

    def silent() -> list[str]:
        said = list(_logged(cloud))
        return [] if any(touch in line for line in said for touch in ids) else ["the logs do not mention the canary"]

    settle(lambda _: silent())
    _assert_clean("\n".join(_logged(cloud)))


def test_no_fact_holds_personal_data(cloud: Cloud, canaries: list[Act]) -> None:
    picture = look(cloud)
    logged = [fact.model_dump_json() for facts in picture.facts.values() for fact in facts]
    stored = [said.model_dump_json() for touch in picture.touches.values() for said in touch.said]
    assert len(logged) > len(canaries)
    _assert_clean("\n".join([*logged, *stored]))


def test_no_row_of_the_lake_holds_personal_data(cloud: Cloud, canaries: list[Act], settle: Settle) -> None:
    settle(lambda _: [] if "LeadAssigned" in _lake(cloud) else ["the lake has no LeadAssigned yet"])
    _assert_clean(_lake(cloud))


def test_a_leads_story_is_told_only_to_who_may_see_it(cloud: Cloud, canaries: list[Act]) -> None:
    lead = look(cloud).lead_of(canaries[0])
    assert lead is not None
    url = f"{cloud.api}/leads/{lead.lead_id}"
    http = urllib3.PoolManager(retries=False)
    assert http.request("GET", url).status == 403
    told = http.request("GET", url, headers=_signed(url))
    assert told.status == 200
    story = told.json()
    assert story["lead"]["touches"] == len(canaries)
    assert CANARY.email in json.dumps(story["profile"])
    assert story["log"][0]["facts"][0]["name"] == "LeadCreated"


def _signed(url: str) -> dict[str, str]:
    request = AWSRequest("GET", url)
    root = Credentials(ROOT["AWS_ACCESS_KEY_ID"], ROOT["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(root, "execute-api", REGION).add_auth(request)
    return dict(request.headers)


def test_iam_is_enforced_with_each_functions_own_role(cloud: Cloud) -> None:
    """The sabotage: a role that may not do something is really refused, so that the other tests prove the rest."""
    ingest = cloud.emulator.client("lambda").get_function_configuration(
        FunctionName=cloud.deployed.ingest_function_name
    )
    given = cloud.emulator.client("sts").assume_role(RoleArn=ingest["Role"], RoleSessionName="e2e")["Credentials"]
    with pytest.raises(ClientError, match="AccessDenied"):
        _as(given, cloud, "dynamodb").scan(TableName=cloud.deployed.table_name)
    with pytest.raises(ClientError, match="AccessDenied"):
        _as(given, cloud, "secretsmanager").get_secret_value(SecretId=f"{cloud.deployed.secrets_prefix}/crm/hubspot")
    key = {"pk": {"S": "nobody"}, "sk": {"S": "nothing"}}
    assert "Item" not in _as(given, cloud, "dynamodb").get_item(TableName=cloud.deployed.table_name, Key=key)


def _as(given: Any, cloud: Cloud, service: str) -> Any:
    import boto3

    session: Any = boto3.Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=REGION
    )
    return session.client(service, endpoint_url=cloud.emulator.endpoint)


def _assert_clean(text: str) -> None:
    found = [secret for secret in SECRETS_OF_THE_CANARY if secret in text.lower()]
    assert found == []


def _unfinished(seen: Picture, acts: list[Act]) -> list[str]:
    touches = [seen.touches.get(act.touch_ids[0]) for act in acts]
    open_touches = [act.scene.visit.key for act, touch in zip(acts, touches, strict=True) if not touch or touch.due_at]
    return open_touches or ([] if seen.contacts_of(CANARY.email) else ["the canary is not in the CRM"])


def _logged(cloud: Cloud) -> Iterator[str]:
    found = cloud.emulator.client("logs").describe_log_groups()["logGroups"]
    groups = [group["logGroupName"] for group in found]
    assert cloud.deployed.log_group in groups
    for group in groups:
        yield from lines(cloud, group)


def _lake(cloud: Cloud) -> str:
    s3 = cloud.emulator.client("s3")
    listed = s3.list_objects_v2(Bucket=cloud.deployed.lake_bucket).get("Contents", [])
    bodies = [s3.get_object(Bucket=cloud.deployed.lake_bucket, Key=entry["Key"])["Body"].read() for entry in listed]
    return "\n".join(body.decode("utf-8", "replace") for body in bodies) or json.dumps(None)
