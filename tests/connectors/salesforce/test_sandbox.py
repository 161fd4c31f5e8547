"""The sandbox, spoken to by the real client: what it keeps, what it refuses, and in which words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from connectors.salesforce.sandbox.errors import FAULTS
from connectors.salesforce.sandbox.ids import PREFIXES, is_id, kind_of, long_form, number_of, shown
from connectors.salesforce.sandbox.store import ME
from leadrelay.local.crm_world import World
from leadrelay.local.crm_world.faults import KINDS
from tests.connectors.salesforce.org import (
    BASE,
    HOST,
    KEY,
    LEFT,
    QUEUE,
    REP,
    SECRET,
    Org,
    client,
    refused,
    session,
    standing,
)


@pytest.fixture
def org() -> Iterator[Org]:
    with standing() as org:
        yield org


# -- ids


def test_ids_have_their_prefix_and_the_checksum_of_the_guide() -> None:
    assert long_form("00D000000000062") == "00D000000000062EAA"  # the example that Salesforce's own guides use
    assert long_form("001000000000aBc") == "001000000000aBcAAI"
    for kind, prefix in PREFIXES.items():
        made = shown(kind, "123456")
        assert (len(made), made[:3], kind_of(made), number_of(made)) == (18, prefix, kind, "123456")
        assert is_id(made)
        assert is_id(made[:15])
        assert not is_id(made[:15] + "aaa")
    assert not is_id("00Q")
    assert not is_id("../../../../etc")


# -- getting in


def test_a_token_is_given_for_the_right_secret_at_ones_own_domain(org: Org) -> None:
    assert org.client.sf_instance == HOST
    for wrong in ({"consumer_secret": "x"}, {"consumer_key": "x"}):
        given = {"consumer_key": KEY, "consumer_secret": SECRET, "domain": "acme.my", **wrong}
        with pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"):
            type(org.client)(**given, session=session(org.sandbox))
    answer = session(org.sandbox).post(
        "https://login.salesforce.com/services/oauth2/token", {"grant_type": "client_credentials"}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert session(org.sandbox).post(f"https://{HOST}/services/oauth2/token", {}).json()["error"] == (
        "unsupported_grant_type"
    )


def test_an_assertion_is_checked_with_the_public_key() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    def pem(key: rsa.RSAPrivateKey) -> str:
        coding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return key.private_bytes(*coding).decode()

    ours, theirs = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    coding = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    with standing(public_key=ours.public_key().public_bytes(*coding).decode()) as org:
        made = type(org.client)
        given = {"username": "integration@example.test", "consumer_key": KEY}
        sure = made(**given, privatekey=pem(ours), session=session(org.sandbox))
        assert sure.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
        with pytest.raises(SalesforceAuthenticationFailed, match="InvalidSignature"):
            made(**given, privatekey=pem(theirs), session=session(org.sandbox))
        with pytest.raises(SalesforceAuthenticationFailed, match="client identifier"):
            made(**{**given, "consumer_key": "x"}, privatekey=pem(ours), session=session(org.sandbox))
        with (
            pytest.raises(SalesforceAuthenticationFailed, match="hasn't approved"),
            pytest.warns(UserWarning, match="authorize"),
        ):
            made(**{**given, "username": "x@example.test"}, privatekey=pem(ours), session=session(org.sandbox))


def test_an_expired_token_is_renewed_by_the_client_and_refused_to_a_stranger(org: Org) -> None:
    org.sandbox.dialect.configure({"expire": True})
    assert org.client.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
    assert org.asked("/services/oauth2/token") == 2
    stranger = type(org.client)(instance_url=f"https://{HOST}", session_id="wrong", session=session(org.sandbox))
    assert refused(lambda: stranger.query("SELECT Id FROM Lead"), SalesforceExpiredSession)["errorCode"] == (
        "INVALID_SESSION_ID"
    )


def test_a_token_is_good_for_its_own_host_only(org: Org) -> None:
    headers = {"Authorization": f"Bearer {org.client.session_id}"}
    for host, status in ((HOST, 200), ("other.my.salesforce.com", 401)):
        assert session(org.sandbox).get(f"https://{host}{BASE}/limits", headers=headers).status_code == status


def test_we_are_told_who_we_are(org: Org) -> None:
    assert org.client.oauth2("userinfo")["user_id"] == ME
    versions = requests.get(f"{org.sandbox.url}/services/data", timeout=5).json()
    assert {"version": "62.0", "url": "/services/data/v62.0"}.items() <= next(
        one for one in versions if one["version"] == "62.0"
    ).items()
    with pytest.raises(SalesforceResourceNotFound):
        type(org.client)(
            instance_url=f"https://{HOST}",
            session_id=org.client.session_id,
            session=session(org.sandbox),
            version="9.0",
        ).limits()


# -- one record


def test_a_lead_lives_as_a_record_does(org: Org) -> None:
    made = org.client.Lead.create({"LastName": "Ames", "Company": "Elm", "Email": "a@example.com"})
    assert (made["success"], made["errors"], kind_of(made["id"])) == (True, [], "Lead")
    assert org.client.Lead.update(made["id"], {"Title": "CEO", "Email": None}) == 204
    shown = org.client.Lead.get(made["id"][:15])
    assert (shown["Name"], shown["Title"], shown["Email"], shown["Status"]) == (
        "Ames",
        "CEO",
        None,
        "Open - Not Contacted",
    )
    assert (shown["IsConverted"], shown["IsDeleted"], shown["OwnerId"]) == (False, False, ME)
    assert shown["attributes"] == {"type": "Lead", "url": f"{BASE}/sobjects/Lead/{made['id']}"}
    assert datetime.strptime(shown["CreatedDate"], "%Y-%m-%dT%H:%M:%S.000%z").tzinfo == UTC
    assert shown["CreatedDate"].endswith(".000+0000")
    assert org.client.Lead.delete(made["id"]) == 204
    gone = refused(lambda: org.client.Lead.get(made["id"]), SalesforceResourceNotFound)
    assert gone["errorCode"] == "ENTITY_IS_DELETED"


BAD_LEADS: list[tuple[dict[str, object], str, list[str] | None]] = [
    ({"LastName": "Ames"}, "REQUIRED_FIELD_MISSING", ["Company"]),
    ({"Company": "Elm", "LastName": ""}, "REQUIRED_FIELD_MISSING", ["LastName"]),
    ({"LastName": "A", "Company": "E", "Shoe__c": 1}, "INVALID_FIELD", None),
    ({"LastName": "A", "Company": "E", "Status": "Hopeful"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Status"]),
    ({"LastName": "A", "Company": "E", "Email": "nobody"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
    ({"LastName": "A" * 81, "Company": "E"}, "STRING_TOO_LONG", ["LastName"]),
    ({"LastName": "A", "Company": "E", "IsConverted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsConverted"]),
    ({"LastName": "A", "Company": "E", "OwnerId": LEFT}, "INACTIVE_OWNER_OR_USER", []),
    ({"LastName": "A", "Company": "E", "OwnerId": "me"}, "MALFORMED_ID", ["Owner Id"]),
    ({"LastName": "A", "Company": "E", "OwnerId": shown("User", "999")}, "INVALID_CROSS_REFERENCE_KEY", ["OwnerId"]),
    ({"LastName": "A", "Company": "E", "OwnerId": shown("Lead", "999")}, "MALFORMED_ID", ["Owner Id"]),
    ({"LastName": "A", "Company": "E", "NumberOfEmployees": "many"}, "JSON_PARSER_ERROR", None),
    ({"LastName": "A", "Company": "E", "HasOptedOutOfEmail": "yes"}, "JSON_PARSER_ERROR", None),
]


@pytest.mark.parametrize(("fields", "code", "named"), BAD_LEADS)
def test_a_bad_value_is_refused_with_its_code_and_field(
    org: Org, fields: dict[str, object], code: str, named: list[str] | None
) -> None:
    problem = refused(lambda: org.client.Lead.create(fields))
    assert (problem["errorCode"], problem.get("fields")) == (code, named)
    assert org.client.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_what_is_not_there_is_not_found(org: Org) -> None:
    missing = shown("Lead", "99999")
    for call in (
        lambda: org.client.Lead.get(missing),
        lambda: org.client.Lead.update(missing, {"Title": "x"}),
        lambda: org.client.Lead.delete(missing),
        lambda: org.client.Nonsense__c.get(missing),
        lambda: org.client.restful("nonsense"),
    ):
        assert refused(call, SalesforceResourceNotFound)["errorCode"] == "NOT_FOUND"
    assert refused(lambda: org.client.Lead.get("123"))["errorCode"] == "MALFORMED_ID"


def test_saving_a_lead_without_the_header_gives_it_to_the_default_owner(org: Org) -> None:
    org.sandbox.dialect.configure({"default_owner": QUEUE})
    careless = client(org.sandbox, assign=True)
    kept = org.lead(OwnerId=REP)
    assert org.client.Lead.get(kept)["OwnerId"] == REP
    careless.Lead.update(kept, {"Title": "CEO"})
    assert org.client.Lead.get(kept)["OwnerId"] == QUEUE
    lost = careless.Lead.create({"LastName": "A", "Company": "E", "OwnerId": REP})["id"]
    assert org.client.Lead.get(lost)["OwnerId"] == QUEUE
    contact = careless.Contact.create({"LastName": "A", "OwnerId": REP})["id"]
    assert org.client.Contact.get(contact)["OwnerId"] == REP


def test_queues_own_leads_but_never_contacts(org: Org) -> None:
    assert org.client.Lead.get(org.lead(OwnerId=QUEUE))["OwnerId"] == QUEUE
    problem = refused(lambda: org.client.Contact.create({"LastName": "A", "OwnerId": QUEUE}))
    assert problem["errorCode"] == "MALFORMED_ID"


@pytest.mark.parametrize("spelling", ["duplicateResut", "duplicateResult"])
def test_a_duplicate_rule_names_the_record_it_found(org: Org, spelling: str) -> None:
    there = org.lead(Email="ann@example.com")
    assert org.lead(Email="ann@example.com") != there
    org.sandbox.dialect.configure({"duplicate_rule": True, "duplicate_spelling": spelling})
    problem = refused(lambda: org.lead(Email="ANN@example.com"))
    assert problem["errorCode"] == "DUPLICATES_DETECTED"
    [match] = problem[spelling]["matchResults"]
    assert there in [one["record"]["Id"] for one in match["matchRecords"]]
    contact = org.client.Contact.create({"LastName": "B", "Email": "bea@example.com"})["id"]
    [match] = refused(lambda: org.lead(Email="bea@example.com"))[spelling]["matchResults"]
    assert (match["entityType"], match["matchRecords"][0]["record"]["Id"]) == ("Contact", contact)
    allowed = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    assert org.client.Lead.create({"LastName": "A", "Company": "E", "Email": "ann@example.com"}, allowed)["success"]


def test_a_campaign_takes_a_person_once(org: Org) -> None:
    campaign = org.client.Campaign.create({"Name": "Spring"})["id"]
    member = {"CampaignId": campaign, "LeadId": org.lead()}
    assert org.client.CampaignMember.create(member)["success"]
    assert refused(lambda: org.client.CampaignMember.create(member))["message"] == "Already a campaign member."
    assert refused(lambda: org.client.CampaignMember.create({"CampaignId": campaign}))["fields"] == ["LeadId"]


def test_a_task_that_is_done_says_when(org: Org) -> None:
    task = org.client.Task.create({"WhoId": org.lead(), "Subject": "Call", "ActivityDate": "2026-03-02T10:00:00Z"})[
        "id"
    ]
    open_ = org.client.Task.get(task)
    assert (open_["ActivityDate"], open_["IsClosed"], open_["CompletedDateTime"]) == ("2026-03-02", False, None)
    org.client.Task.update(task, {"Status": "Completed"})
    done = org.client.Task.get(task)
    assert (done["IsClosed"], done["CompletedDateTime"][-5:]) == (True, "+0000")


# -- deleted, merged, converted


def test_a_converted_lead_is_a_contact_and_read_only(org: Org) -> None:
    lead = org.lead(Email="a@example.com", OwnerId=REP)
    task = org.client.Task.create({"WhoId": lead, "Subject": "Call"})["id"]
    made = org.hands.convert(lead, "Elm, team plan")
    shown = org.one("SELECT IsConverted, ConvertedContactId, ConvertedOpportunityId, LastModifiedById FROM Lead")
    assert (shown["IsConverted"], shown["ConvertedContactId"]) == (True, made["Contact"])
    assert shown["LastModifiedById"] == REP
    assert org.client.Contact.get(made["Contact"])["Email"] == "a@example.com"
    assert org.client.Task.get(task)["WhoId"] == made["Contact"]
    role = org.one("SELECT ContactId, Opportunity.IsClosed, Contact.Account.Name FROM OpportunityContactRole")
    assert (role["Opportunity"]["IsClosed"], role["Contact"]["Account"]["Name"]) == (False, "Elm")
    for call in (
        lambda: org.client.Lead.update(lead, {"Title": "x"}),
        lambda: org.client.Task.create({"WhoId": lead, "Subject": "Call"}),
    ):
        assert refused(call)["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_a_merged_lead_is_deleted_and_names_its_master(org: Org) -> None:
    winner, loser = org.lead(Email="a@example.com"), org.lead(Title="CEO", Email="b@example.com")
    task = org.client.Task.create({"WhoId": loser, "Subject": "Call"})["id"]
    org.hands.merge(winner, loser)
    kept = org.client.Lead.get(winner)
    assert (kept["Email"], kept["Title"]) == ("a@example.com", "CEO")
    assert org.client.Task.get(task)["WhoId"] == winner
    assert org.client.query(f"SELECT Id FROM Lead WHERE Id = '{loser}'")["totalSize"] == 0
    [gone] = org.client.query(
        f"SELECT Id, IsDeleted, MasterRecordId FROM Lead WHERE Id = '{loser}'", include_deleted=True
    )["records"]
    assert (gone["IsDeleted"], gone["MasterRecordId"]) == (True, winner)
    problem = refused(lambda: org.client.Lead.update(loser, {"Title": "x"}), SalesforceResourceNotFound)
    assert problem["errorCode"] == "ENTITY_IS_DELETED"


def test_the_deleted_are_listed_by_when(org: Org) -> None:
    lead, now = org.lead(), datetime.now(UTC)
    org.hands.delete(lead)
    told = org.client.Lead.deleted(now - timedelta(minutes=5), now + timedelta(minutes=5))
    assert [one["id"] for one in told["deletedRecords"]] == [lead]
    assert org.client.Lead.deleted(now - timedelta(days=2), now - timedelta(days=1))["deletedRecords"] == []
    assert refused(lambda: org.client.restful("sobjects/Lead/deleted", {"start": "x", "end": "y"}))["errorCode"] == (
        "INVALID_REPLICATION_DATE"
    )


def test_what_a_person_does_carries_their_id(org: Org) -> None:
    lead = org.lead(OwnerId=REP)
    assert org.client.Lead.get(lead)["LastModifiedById"] == ME
    org.hands.give(lead, QUEUE)
    shown = org.client.Lead.get(lead)
    assert (shown["OwnerId"], shown["LastModifiedById"]) == (QUEUE, REP)
    call = org.client.Task.get(org.hands.log_call(lead, "asked about prices"))
    assert (call["TaskSubtype"], call["IsClosed"], call["CreatedById"] != ME) == ("Call", True, True)
    with pytest.raises(KeyError):
        org.hands.give(lead, "0055e0000009999AAA")
    with pytest.raises(KeyError):
        org.hands.set_status(lead, "Hopeful")


# -- limits and faults


def test_every_answer_counts_the_days_calls(org: Org) -> None:
    used = org.client.limits()["DailyApiRequests"]
    org.client.query("SELECT Id FROM Lead")
    assert org.client.api_usage["api-usage"] == (used["Max"] - used["Remaining"] + 1, 15_000)
    org.sandbox.dialect.configure({"daily_limit": 2})
    problem = refused(lambda: org.client.query("SELECT Id FROM Lead"), SalesforceRefusedRequest)
    assert problem == {"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}


def test_every_fault_has_words() -> None:
    assert set(FAULTS) == KINDS - {"timeout", "reset"}


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("401", 401, "INVALID_SESSION_ID"),
        ("423", 400, "UNABLE_TO_LOCK_ROW"),
        ("429", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("503", 503, "SERVER_UNAVAILABLE"),
    ],
)
def test_a_header_asks_for_a_fault_of_one_request(org: Org, kind: str, status: int, code: str) -> None:
    place = f"{org.sandbox.url}{BASE}/sobjects/Lead"
    headers = {"Authorization": f"Bearer {org.client.session_id}", "X-Forwarded-Host": HOST}
    body = {"LastName": "A", "Company": "E"}
    for suffix, made in (("", 0), ("_after_commit", 1)):
        answer = requests.post(place, json=body, headers={**headers, "X-Sandbox-Fault": kind + suffix}, timeout=5)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
        assert org.client.query("SELECT COUNT() FROM Lead")["totalSize"] == made
    assert requests.post(place, json=body, headers=headers, timeout=5).status_code == 201
    unknown = requests.post(place, json=body, headers={**headers, "X-Sandbox-Fault": "earthquake"}, timeout=5)
    assert unknown.status_code == 400
    assert "earthquake" in unknown.text


def test_gateways_answer_with_pages(org: Org) -> None:
    org.world.fail("502", match="query")
    with pytest.raises(SalesforceGeneralError) as caught:
        org.client.query("SELECT Id FROM Lead")
    assert "<html>" in str(caught.value.content)


def test_a_body_that_is_no_json_is_refused_in_salesforces_words(org: Org) -> None:
    headers = {"Authorization": f"Bearer {org.client.session_id}", "Content-Type": "application/json"}
    answer = session(org.sandbox).post(f"https://{HOST}{BASE}/sobjects/Lead", data="{", headers=headers)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize(
    "body", ["[]", '"x"', "7", '{"records": 5}', '{"records": [5]}', '{"compositeRequest": {}}', "null"]
)
def test_a_body_of_the_wrong_shape_is_a_refusal_everywhere(org: Org, body: str) -> None:
    headers = {"Authorization": f"Bearer {org.client.session_id}", "Content-Type": "application/json"}
    for path in ("sobjects/Lead", "composite/sobjects", "composite"):
        answer = session(org.sandbox).post(f"https://{HOST}{BASE}/{path}", data=body, headers=headers)
        assert answer.status_code == 400, (path, body)


def test_settings_are_checked(org: Org) -> None:
    for wrong in ({"speed": 1}, {"duplicate_spelling": "dup"}):
        with pytest.raises(ValueError, match=r"settings|duplicate_spelling"):
            org.sandbox.dialect.configure(wrong)


def test_four_threads_lose_nothing_over_kept_connections(org: Org) -> None:
    made: list[str] = []
    lock = threading.Lock()

    def work(name: str) -> None:
        mine = client(org.sandbox)
        for number in range(50):
            made_id = mine.Lead.create({"LastName": f"{name}{number}", "Company": "E", "OwnerId": REP})["id"]
            with lock:
                made.append(made_id)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 200
    assert org.client.query("SELECT COUNT(Id) n FROM Lead GROUP BY OwnerId")["records"][0]["n"] == 200
    assert org.asked("POST /services/data/v59.0/sobjects/Lead") == 200


def test_a_reset_world_is_a_new_org() -> None:
    with standing(world=World()) as org:
        org.lead()
        org.world.reset()
        again = client(org.sandbox)
        assert again.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
        assert again.query("SELECT Id FROM User")["records"][0]["Id"] == ME
        assert issubclass(SalesforceMoreThanOneRecord, SalesforceError)
