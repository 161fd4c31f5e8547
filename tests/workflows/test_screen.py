"""Limits at the door: the same answer for everybody, and nobody's request lost for a counter."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.spam import Limit
from leadrelay.domain.touch import TouchDraft
from leadrelay.memory.secrets import MemorySecrets
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.records import TouchRecord
from leadrelay.ports.source import Delivery, Reply
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.screen import Screen, suspected
from tests.system import Faults, System, default_rules, noisy_rules
from tests.workflows import lives, promises

ORIGIN = "https://www.example.com"
FORM_SECRET = "a secret for the forms of a page"


def _rules(**spam: Any) -> Rules:
    """A page in browser mode, with small limits."""
    rules = noisy_rules()
    options = {"mode": "browser", "origins": [ORIGIN]}
    landing = rules.sources.sources["website"].with_(options=options)
    small = rules.sources.spam.with_(**{"per_address": Limit(touches=3, minutes=60), "per_identity": None, **spam})
    sources = {**rules.sources.sources, "landing": landing}
    return Rules.of(rules.with_(sources=rules.sources.with_(sources=sources, spam=small)))


def _system(rules: Rules | None = None, **faults: Any) -> System:
    system = System(rules or _rules(), **faults)
    system.secrets.set("source/landing", form_secret=FORM_SECRET)
    return system


def _post(system: System, number: int, address: str = "192.0.2.7", **fields: str) -> Reply:
    said = {"email": f"person{number}@example.com", **fields}
    body = {"form": "demo", "submission_id": f"submission-{number:04d}", "company_fax": "", "fields": said}
    headers = {"content-type": "text/plain;charset=UTF-8", "origin": ORIGIN}
    return system.ingest("landing", Delivery("POST", headers, (), json.dumps(body).encode(), address=address))


def _touch(system: System, number: int) -> TouchRecord:
    said = f"person{number}@example.com"
    words = {record.touch_id: record.words for record in system.records() if record.kind == "words"}
    [found] = [each for each in system.touches() if words[each.touch.touch_id].value("email") == said]
    return found


def test_beyond_the_limit_the_answer_is_the_same_and_sales_hears_nothing() -> None:
    system = _system()
    answers = {(reply.status, reply.body, tuple(reply.headers)) for reply in (_post(system, n) for n in range(5))}
    assert len(answers) == 1
    system.settle()
    promises.kept(system)
    assert [_touch(system, number).touch.suspicion for number in range(5)] == [None] * 3 + ["address_limit"] * 2
    assert len(system.leads()) == 3
    assert len(system.store.listed("PARKED#address_limit", 10)) == 2


def test_others_and_the_next_hour_are_not_concerned() -> None:
    system = _system()
    for number in range(4):
        _post(system, number)
    _post(system, 4, address="192.0.2.8")
    system.clock.set(system.clock.now() + timedelta(hours=1))
    _post(system, 5)
    system.settle()
    suspects = [_touch(system, number).touch.suspicion for number in range(6)]
    assert suspects == [None, None, None, "address_limit", None, None]


def test_one_line_of_ipv6_is_one_address() -> None:
    system = _system()
    for number in range(4):
        _post(system, number, address=f"2001:db8::{number}")
    assert _touch(system, 3).touch.suspicion == "address_limit"
    _post(system, 4, address="2001:db8:0:1::1")
    assert _touch(system, 4).touch.suspicion is None


def test_one_number_typed_again_and_again_is_suspected_whatever_the_address() -> None:
    system = _system(_rules(per_address=None, per_identity=Limit(touches=2, minutes=60)))
    for number, phone in enumerate(("+48 221234567", "22 123 45 67", "022-123-45-67")):
        _post(system, number, address=f"192.0.2.{number}", phone=phone)
    assert [_touch(system, number).touch.suspicion for number in range(3)] == [None, None, "identity_limit"]


def test_two_workers_count_together() -> None:
    system = _system(_rules(per_address=Limit(touches=20, minutes=60)))
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda number: _post(system, number), range(50)))
    assert sum(each.touch.suspicion is None for each in system.touches()) == 20


@pytest.mark.parametrize("trouble", [lambda: Retry(1, "throttled"), lambda: Misconfigured("no right to count")])
def test_trouble_with_counting_lets_it_pass(trouble: Any) -> None:
    system = _system(faults=Faults(0, "before", trouble))
    assert _post(system, 0).status == 200
    assert system.faults.calls[0] == "counters.add"
    system.settle()
    assert _touch(system, 0).touch.suspicion is None
    assert len(system.leads()) == 1
    assert system.telemetry.total("Uncounted", kind="submission_address") == 1


def test_without_the_key_that_hides_addresses_nothing_is_counted_in_clear() -> None:
    system = _system()
    screen = Screen(system.counters, Pseudonyms(MemorySecrets({})), system.telemetry)
    object.__setattr__(system.ingest, "screen", screen)
    assert _post(system, 0).status == 200
    assert system.counters.until == {}


def test_counters_say_nothing_about_anybody_and_are_forgotten() -> None:
    system = _system(_rules(per_identity=Limit(touches=5, minutes=60)))
    _post(system, 0, phone="+48 221234567")
    names = " ".join(system.counters.until)
    assert len(system.counters.until) == 3
    for canary in ("192.0.2", "person0", "221234567", "example.com"):
        assert canary not in names
    assert set(system.counters.until.values()) == {system.clock.now().replace(minute=0) + timedelta(hours=1)}


def test_a_signed_senders_own_address_counts_for_nobody() -> None:
    system = _system()
    for number in range(9):
        assert system.post(lives.demo(submission=f"submission-{number:04d}")).status == 200
    assert system.counters.until == {}
    assert not [each for each in system.touches() if each.touch.suspicion]


def test_what_is_suspected_already_is_not_counted() -> None:
    system = _system()
    body = json.dumps({"form": "demo", "fields": {"email": "bot@example.com"}}).encode()
    headers = {"content-type": "application/json", "origin": ORIGIN}
    system.ingest("landing", Delivery("POST", headers, (), body, address="192.0.2.7"))
    assert [each.touch.suspicion for each in system.touches()] == ["honeypot_missing"]
    assert system.counters.until == {}


def test_a_robot_over_the_limit_does_not_take_the_place_of_a_person() -> None:
    system = _system(_rules(per_address=Limit(touches=1, minutes=60)))
    _post(system, 0)
    _post(system, 1)
    _post(system, 1, address="192.0.2.99")
    system.settle()
    suspicions = sorted(str(each.touch.suspicion) for each in system.touches())
    assert suspicions == ["None", "None", "address_limit"]
    assert len(system.leads()) == 2


def test_throw_away_mail_waits_for_a_person_who_may_let_it_through_for_good() -> None:
    system = _system()
    _post(system, 0, email="zoe@mailinator.com")
    system.settle()
    [touch] = system.touches()
    assert (touch.state, touch.reason, touch.touch.suspicion) == ("parked", "disposable_mail", "disposable_mail")
    assert system.leads() == []
    assert system.redrive("disposable_mail") == 1
    system.settle()
    promises.kept(system)
    [touch] = system.touches()
    assert (touch.state, touch.touch.suspicion, touch.touch.cleared) == ("done", None, "disposable_mail")
    assert len(system.leads()) == 1


def test_a_test_lead_is_flagged_refused_and_counted_nowhere() -> None:
    system = System(default_rules())
    fields = {"email": "test@fb.example", "full_name": "<test lead: dummy data for full_name>"}
    system.tell(lives.draft("lead-1", **fields))
    system.settle()
    [touch] = system.touches()
    assert (touch.state, touch.reason, touch.touch.test) == ("refused", "test", True)
    assert (system.leads(), system.crm.people) == ([], {})


def _token(system: System, secret: str, age: timedelta) -> str:
    from connectors.kit import signing

    stamp = str(int((system.clock.now() - age).timestamp()))
    return f"t={stamp},v1={signing.sign(secret, f'{stamp}.demo'.encode()).decode()}"


def _with_token(rules: Rules) -> Rules:
    landing = rules.sources.sources["landing"]
    asking = landing.with_(options={**landing.options, "min_fill_seconds": 5})
    sources = rules.sources.with_(sources={**rules.sources.sources, "landing": asking})
    return Rules.of(rules.with_(sources=sources))


@pytest.mark.parametrize(
    ("secret", "age", "suspicion"),
    [
        (FORM_SECRET, timedelta(seconds=30), None),
        (FORM_SECRET, timedelta(seconds=2), "filled_too_fast"),
        (FORM_SECRET, timedelta(hours=25), "form_token_old"),
        ("a secret that nobody here has", timedelta(seconds=30), "form_token_wrong"),
        (None, timedelta(0), "form_token_missing"),
    ],
)
def test_a_token_marks_and_never_refuses(secret: str | None, age: timedelta, suspicion: str | None) -> None:
    system = _system(_with_token(_rules()))
    said = {} if secret is None else {"form_token": _token(system, secret, age)}
    body = {"form": "demo", "submission_id": "submission-0001", "company_fax": "", "email": "zoe@example.com", **said}
    headers = {"content-type": "application/json", "origin": ORIGIN}
    reply = system.ingest("landing", Delivery("POST", headers, (), json.dumps(body).encode()))
    assert reply == system.ingest("landing", Delivery("POST", headers, (), json.dumps(body).encode()))
    assert reply.status == 200
    [touch] = system.touches()
    assert touch.touch.suspicion == suspicion


def test_a_secret_that_was_just_rotated_makes_nobody_a_suspect() -> None:
    system = _system(_with_token(_rules()))
    system.secrets.set("source/landing", form_secret="a secret that is no longer used")

    class Late:
        """Knows the new secret only when asked anew."""

        def get(self, path: str) -> Any:
            return system.secrets.get(path)

        def refresh(self, path: str) -> Any:
            system.secrets.set("source/landing", form_secret=FORM_SECRET)
            return system.secrets.get(path)

    object.__setattr__(system.ingest, "secrets", Late())
    token = _token(system, FORM_SECRET, timedelta(seconds=30))
    body = {"form": "demo", "company_fax": "", "email": "zoe@example.com", "form_token": token}
    headers = {"content-type": "application/json", "origin": ORIGIN}
    assert system.ingest("landing", Delivery("POST", headers, (), json.dumps(body).encode())).status == 200
    assert [each.touch.suspicion for each in system.touches()] == [None]


def test_a_secret_that_is_not_there_refuses() -> None:
    system = _system(_with_token(_rules()))
    system.secrets.set("source/landing", other="of no use here at all")
    headers = {"content-type": "application/json", "origin": ORIGIN}
    body = json.dumps({"form": "demo", "company_fax": "", "email": "zoe@example.com"}).encode()
    assert system.ingest("landing", Delivery("POST", headers, (), body)).status == 503
    assert system.touches() == []


def _offered(system: System, origin: str = ORIGIN, form: str = "demo", method: str = "GET") -> Reply:
    return system.ingest("landing", Delivery(method, {"origin": origin}, (("form", form),), b""))


def test_a_page_without_a_server_is_given_a_token_that_counts_from_now() -> None:
    system = _system(_with_token(_rules()))
    reply = _offered(system)
    assert (reply.status, reply.content_type, reply.headers["Cache-Control"]) == (200, "application/json", "no-store")
    token = json.loads(reply.body)["form_token"]
    assert token == _token(system, FORM_SECRET, timedelta(0))
    found = []
    for seconds, form in ((4, "demo"), (3, "demo"), (30, "other")):
        system.clock.set(system.clock.now() + timedelta(seconds=seconds))
        body = {"form": form, "company_fax": "", "email": f"zoe{seconds}@example.com", "form_token": token}
        headers = {"content-type": "text/plain", "origin": ORIGIN}
        assert system.ingest("landing", Delivery("POST", headers, (), json.dumps(body).encode())).status == 200
        found.append({str(each.touch.suspicion) for each in system.touches()})
    assert found[0] == {"filled_too_fast"}
    assert found[1] == {"filled_too_fast", "None"}
    assert found[2] == {"filled_too_fast", "None", "form_token_wrong"}


def test_nobody_else_is_given_one() -> None:
    system = _system(_with_token(_rules()))
    assert _offered(system, origin="https://www.example.net").status == 405
    assert _offered(system, method="HEAD").status == 405
    assert _offered(_system()).status == 405  # where none is asked for
    system.secrets.set("source/landing", other="of no use here at all")
    assert _offered(system).status == 503
    assert system.records() == []


def test_whose_line_it_was_is_kept_and_told_nowhere() -> None:
    system = _system()
    for number in range(5):
        _post(system, number, address="203.0.113.77")
    system.settle()
    for record in system.records():
        assert "203.0.113" not in record.model_dump_json(), record.key()
    for told in (*system.said, *system.telemetry.lines, system.telemetry._counts, system.counters.until):
        assert "203.0.113" not in str(told)


@pytest.mark.parametrize(("number", "counted"), [(1, 1), (10, 10), (11, 0)])
def test_what_a_server_collected_is_not_counted_one_by_one(number: int, counted: int) -> None:
    rules = noisy_rules()
    website = rules.sources.sources["website"].with_(screen=True)
    sources = rules.sources.with_(sources={**rules.sources.sources, "website": website})
    system = System(Rules.of(rules.with_(sources=sources)))
    system.tell(*(lives.draft(f"row-{n}", email=f"person{n}@example.com") for n in range(number)))
    assert len(system.counters.until) == counted
    assert len(system.touches()) == number


def test_a_senders_own_id_stays_what_it_is_and_what_anybody_sends_gets_another() -> None:
    """Else the sender's list would bring the suspect a second time, under the id that nothing speaks against."""
    draft = TouchDraft(kind="submission", key="response-1")
    assert suspected(draft, "identity_limit", "verified").key == "response-1"
    assert suspected(draft, "identity_limit", "unverified").key == "response-1:identity_limit"
