"""The handlers themselves: what AWS hands over, byte for byte, and what it gets back.

Bodies that an emulator would destroy on their way (gzip, UTF-16) are judged here.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from types import SimpleNamespace
from typing import Any

import pytest

from functions import wiring
from functions.deliver.handler import handler as deliver
from functions.ingest.handler import handler as ingest
from functions.lake.handler import handler as lake
from functions.publish.handler import handler as publish
from functions.report.handler import handler as report
from functions.score.handler import handler as score
from functions.sla_check.handler import handler as sla_check
from leadrelay.memory.bus import MemoryBus
from leadrelay.memory.lake import MemoryLake
from leadrelay.ports.errors import Retry
from leadrelay.workflows.lake import KeepFacts
from leadrelay.workflows.publish import Publish
from leadrelay.workflows.shown_lead import ShownLead
from tests.system import SIGNING_SECRET, System, message

CANARY = "canary.person@example.com"
SUBMISSION = {"form": "demo", "submission_id": "a-submission-1", "fields": {"email": CANARY, "company": "Example"}}


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    """A whole LeadRelay in memory behind the handlers."""
    system = System()
    monkeypatch.setattr(wiring, "telemetry", lambda: system.telemetry)
    monkeypatch.setattr(wiring, "ingest", lambda: system.ingest)
    monkeypatch.setattr(wiring, "score", lambda: system.works["TouchReady"][1])
    monkeypatch.setattr(wiring, "sla_check", lambda: system.sweep)
    monkeypatch.setattr(wiring, "shown_lead", lambda: ShownLead(system.store, system.rules))
    monkeypatch.setattr(wiring, "rules", lambda: system.rules)
    return system


def request(
    system: System, body: bytes, *, encoded: bool = True, method: str = "POST", **headers: str
) -> dict[str, Any]:
    """An HTTP API v2 event with a correctly signed body."""
    stamp = str(int(system.clock.now().timestamp()))
    mac = hmac.new(SIGNING_SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "version": "2.0",
        "rawQueryString": "",
        "pathParameters": {"source": "website"},
        "requestContext": {"http": {"method": method}},
        "headers": {
            "content-type": "application/json",
            "x-leadrelay-signature": f"t={stamp},v1={mac}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        "body": base64.b64encode(body).decode() if encoded else body.decode(),
        "isBase64Encoded": encoded,
    }


def said(system: System) -> str:
    return repr(vars(system.telemetry))


class TestIngest:
    @pytest.mark.parametrize("encoded", [True, False])
    def test_a_webhook_is_stored_once_and_answered(self, system: System, encoded: bool) -> None:
        event = request(system, json.dumps(SUBMISSION).encode(), encoded=encoded)
        answers = [ingest(event, None) for _ in range(2)]
        assert [answer["statusCode"] for answer in answers] == [200, 200]
        assert len(system.touches()) == 1

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"[1, 2]", 400),
            (b'"text"', 400),
            (b'{"form": "demo", "form": "other"}', 400),
            (b'{"form": NaN}', 400),
            (b'{"form": 1e999}', 400),
            (b'{"form": ' + b"1" * 4301 + b"}", 400),
            (b'{"form": ' + b"[" * 40 + b"]" * 40 + b"}", 400),
            (b"[" * 100_000, 400),
            (json.dumps(SUBMISSION).encode("utf-16"), 400),
            (b"\xef\xbb\xbf" + json.dumps(SUBMISSION).encode(), 400),
            (b'{"form": "\xff"}', 400),
            (b'{"form": "\\ud800"}', 400),
            (gzip.compress(json.dumps(SUBMISSION).encode(), mtime=0), 400),
            (json.dumps({**SUBMISSION, "message": "x" * 256 * 1024}).encode(), 413),
        ],
        ids=lambda value: repr(value)[:40],
    )
    def test_an_authentic_body_of_a_wrong_shape_is_refused_and_kept_nowhere(
        self, system: System, body: bytes, status: int
    ) -> None:
        answer = ingest(request(system, body), None)
        assert answer["statusCode"] == status
        assert answer["body"] in {"not understood", "too large"}
        assert system.records() == []
        assert CANARY not in said(system)

    def test_a_compressed_body_is_never_inflated(self, system: System) -> None:
        bomb = gzip.compress(b"0" * 10_000_000, mtime=0)
        assert ingest(request(system, bomb, content_encoding="gzip"), None)["statusCode"] == 415
        assert system.records() == []

    @pytest.mark.parametrize(
        "signature", ["", "t=1,v1=00", "v1=00", "t=9999999999,v1=" + "0" * 64, "t=,v1=", "ü", "t=1,v1=" + "0," * 4000]
    )
    def test_a_forged_delivery_is_refused_and_kept_nowhere(self, system: System, signature: str) -> None:
        event = request(system, json.dumps(SUBMISSION).encode(), x_leadrelay_signature=signature)
        assert (ingest(event, None)["statusCode"], ingest(event, None)["body"]) == (401, "not authentic")
        assert system.records() == []
        assert CANARY not in said(system)

    def test_a_stale_delivery_is_refused(self, system: System) -> None:
        event = request(system, json.dumps(SUBMISSION).encode())
        system.later(minutes=6)
        assert ingest(event, None)["statusCode"] == 401

    @pytest.mark.parametrize("name", ["nobody", "../meta", "connectors.hubspot", "", "website\x00", "WEBSITE"])
    def test_a_name_that_the_rules_do_not_enable_is_unknown(self, system: System, name: str) -> None:
        event = request(system, json.dumps(SUBMISSION).encode())
        event["pathParameters"]["source"] = name
        assert ingest(event, None)["statusCode"] == 404

    def test_a_get_that_is_no_handshake_is_not_allowed(self, system: System) -> None:
        assert ingest(request(system, b"", method="GET"), None)["statusCode"] == 405

    def test_a_defect_of_ours_asks_the_sender_to_come_back(
        self, system: System, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken() -> Any:
            raise RuntimeError(CANARY)

        monkeypatch.setattr(wiring, "ingest", broken)
        answer = ingest(request(system, json.dumps(SUBMISSION).encode()), None)
        assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "30")
        assert CANARY not in said(system)

    def test_broken_base64_is_no_body(self, system: System) -> None:
        event = request(system, json.dumps(SUBMISSION).encode())
        event["body"] = "%%%"
        assert ingest(event, None)["statusCode"] == 401


class TestConsumers:
    def test_only_the_message_that_failed_comes_back(self, system: System) -> None:
        ingest(request(system, json.dumps(SUBMISSION).encode()), None)
        system.work(system.queue.popleft())
        good = message(system.queue.popleft())
        answer = score({"Records": [good, {"messageId": "bad", "body": "{}"}]}, None)
        assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
        assert len(system.leads()) == 1

    def test_a_fact_in_the_wrong_queue_is_a_defect(self, system: System) -> None:
        ingest(request(system, json.dumps(SUBMISSION).encode()), None)
        received = message(system.queue.popleft())
        answer = score({"Records": [received]}, None)
        assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}

    def test_cards_are_delivered_together(self, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wiring, "deliver", lambda: system.works["CardChanged"][1])
        for number in range(3):
            fields = {**SUBMISSION["fields"], "email": f"person{number}@example.com"}
            system.post({**SUBMISSION, "submission_id": f"a-submission-{number}", "fields": fields})
        asked = []
        while system.queue:
            fact = system.queue.popleft()
            asked.append(fact) if fact.name == "CardChanged" else system.work(fact)
        bodies = [message(fact, str(number)) for number, fact in enumerate(asked)]
        answer = deliver({"Records": [*bodies, {"messageId": "bad", "body": "?"}]}, None)
        assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
        assert (len(system.crm.people), system.crm.calls) == (3, 4)

    def test_the_lake_keeps_every_fact_flat(self, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
        kept = MemoryLake()
        monkeypatch.setattr(wiring, "lake", lambda: KeepFacts(kept))
        system.post(SUBMISSION)
        system.settle()
        bodies = [message(fact, str(number)) for number, fact in enumerate(system.said)]
        assert lake({"Records": [*bodies, {"messageId": "bad", "body": "?"}]}, None) == {
            "batchItemFailures": [{"itemIdentifier": "bad"}]
        }
        (rows,) = kept.objects
        assert len(rows) == len(system.said)
        assert len({tuple(sorted(row)) for row in rows}) == 1
        assert CANARY not in json.dumps(rows)


class TestPublish:
    def stream(self, system: System) -> dict[str, Any]:
        facts = json.dumps([fact.model_dump(mode="json", by_alias=True) for fact in system.said])
        image = {"pk": {"S": "TOUCH#1"}, "sk": {"S": "TOUCH"}, "facts": {"S": facts}}
        silent = {"pk": {"S": "POOL#1"}, "sk": {"S": "STATE"}}
        return {"Records": [{"dynamodb": {"NewImage": image}}, {"dynamodb": {"NewImage": silent}}]}

    def test_what_was_inserted_is_said(self, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
        bus = MemoryBus()
        monkeypatch.setattr(wiring, "publish", lambda: Publish(bus, system.store, system.clock, system.telemetry))
        system.post(SUBMISSION)
        assert publish(self.stream(system), None) == {"published": 1}
        assert [fact.name for fact in bus.sent] == ["TouchReceived"]

    def test_a_batch_that_the_bus_refuses_comes_back_whole(
        self, system: System, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Deaf:
            def send(self, facts: Any) -> list[int]:
                return list(range(len(facts)))

        monkeypatch.setattr(wiring, "publish", lambda: Publish(Deaf(), system.store, system.clock, system.telemetry))
        system.post(SUBMISSION)
        with pytest.raises(Retry):
            publish(self.stream(system), None)


class TestReport:
    def ask(self, lead_id: str) -> dict[str, Any]:
        parameters = {"lead_id": lead_id}
        return report({"routeKey": "GET /leads/{lead_id}", "pathParameters": parameters, "requestContext": {}}, None)

    def test_one_leads_whole_story(self, system: System) -> None:
        system.post(SUBMISSION)
        system.settle()
        answer = self.ask(system.leads()[0].lead.lead_id)
        story = json.loads(answer["body"])
        assert (answer["statusCode"], answer["headers"]["Cache-Control"]) == (200, "no-store")
        assert story["profile"]["values"]["lead.email"]["value"] == CANARY
        assert {fact["name"] for row in story["log"] for fact in row["facts"]} >= {"LeadCreated", "LeadAssigned"}

    @pytest.mark.parametrize("lead_id", ["0" * 32, "x", "../", "0" * 31 + "g", ""])
    def test_nobody(self, system: System, lead_id: str) -> None:
        assert self.ask(lead_id)["statusCode"] == 404


def test_a_sweep_finds_what_fell_due(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEADRELAY_SWEEP_SECONDS", raising=False)
    invocation = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
    system.post(SUBMISSION)
    system.queue.clear()
    assert sla_check({}, invocation) == {"acted": 1}  # the CRM's turn to be asked
    system.queue.clear()
    assert sla_check({}, invocation) == {"acted": 0}
    system.clock.set(system.clock.now().replace(minute=30))
    assert sla_check({}, invocation) == {"acted": 2}  # the touch, and the CRM again
    system.settle()
    assert len(system.leads()) == 1
