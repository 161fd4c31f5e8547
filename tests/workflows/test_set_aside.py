"""What cannot be worked waits where a person sees it, and is taken up again when the cause is mended."""

from __future__ import annotations

from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Origin, Touch, TouchDraft
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry
from leadrelay.ports.fetch import Completed
from tests.system import System, noisy_rules
from tests.workflows import lives, promises


def parked(system: System, why: str) -> int:
    return len(system.store.listed(f"PARKED#{why}", 10))


def taught(rules: Rules, name: str) -> Rules:
    """The rules after somebody added a sender's name for the e-mail address."""
    email = rules.fields.fields["lead.email"]
    fields = {**rules.fields.fields, "lead.email": email.with_(says=(*email.says, name))}
    return Rules.of(rules.with_(fields=rules.fields.with_(fields=fields)))


def test_an_unmappable_touch_is_healed_by_a_mapping_fix() -> None:
    system = System(noisy_rules())
    body = {
        "form": "demo",
        "submission_id": "submission-0001",
        "fields": {"kontaktadresse-elektronisch": "ada@example.com"},
    }
    assert system.post(body).status == 200
    system.settle()
    assert (system.leads(), parked(system, "unmappable")) == ([], 1)
    assert system.redrive("unmappable") == 1
    system.settle()
    assert parked(system, "unmappable") == 1  # nothing was mended yet
    system.rules.deploy(taught(system.rules.current(), "Kontaktadresse elektronisch"))
    assert system.redrive("unmappable") == 1
    system.settle()
    promises.kept(system)
    [record] = system.leads()
    assert record.profile.text("lead.email") == "ada@example.com"
    assert parked(system, "unmappable") == 0
    scored = next(said for said in system.said if said.name == "LeadScored")
    assert scored.metadata.rules_version == system.rules.current().version


def test_probable_spam_never_reaches_sales_until_a_person_says_it_is_none() -> None:
    system = System(noisy_rules())
    suspect = lives.draft("spam-1", form="demo", email="ada@example.com").with_(suspicion="honeypot_filled")
    assert system.tell(suspect, trust="unverified").status == 200
    system.settle()
    system.later(hours=1)
    assert (system.leads(), system.crm.people, parked(system, "honeypot_filled")) == ([], {}, 1)
    assert system.redrive("honeypot_filled") == 1
    system.settle()
    assert len(system.leads()) == 1
    promises.kept(system)


def test_the_senders_own_test_is_accepted_and_refused() -> None:
    system = System()
    assert system.tell(lives.draft("test-1", email="test@example.com").with_(test=True)).status == 200
    system.settle()
    [touch] = system.touches()
    assert (touch.state, touch.reason, touch.due_at, touch.listing()) == ("refused", "test", None, None)
    assert system.leads() == []


def test_nobody_is_asked_for_the_lead_of_a_test_button() -> None:
    vendor = Vendor(Reject("unresolvable"))
    system = System(fetchers=lambda _: vendor)
    system.tell(lives.draft("444444444444").with_(test=True, fetch_id="444444444444"))
    system.settle()
    [touch] = system.touches()
    assert (vendor.asked, touch.state, touch.reason) == (0, "refused", "test")


class Vendor:
    """A vendor's read API with a plan of answers; the last one stays."""

    def __init__(self, *answers: PortError | Completed) -> None:
        self.answers = list(answers)
        self.asked = 0

    def complete(self, touch: Touch) -> Completed:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, PortError):
            raise answer
        return answer

    def since(self, cursor: str | None) -> tuple[tuple[TouchDraft, ...], str]:
        return (), cursor or ""


FOUND = Completed(lives.draft("found", email="ada@example.com").words, Origin(form="demo", campaign="spring"))


def fetching(vendor: Vendor) -> System:
    system = System(noisy_rules(), fetchers=lambda _: vendor)
    assert (
        system.tell(lives.draft("id-only").with_(fetch_id="4711", origin=Origin(campaign="webhook", ad="ad-1"))).status
        == 200
    )
    system.settle()
    return system


def test_a_touch_with_only_an_id_is_completed() -> None:
    system = fetching(Vendor(FOUND))
    promises.kept(system)
    [record] = system.leads()
    assert record.lead.last is not None
    origin = record.lead.last.origin
    assert (origin.campaign, origin.ad, origin.form) == ("spring", "ad-1", "demo")


def test_a_vendor_that_is_away_for_a_day_delays_and_loses_nothing() -> None:
    system = fetching(Vendor(*[Retry(900, "away")] * 90, FOUND))
    for _ in range(120):
        system.later(minutes=15)
    promises.kept(system)
    assert len(system.leads()) == 1
    assert parked(system, "unanswered") == 0


def test_a_missing_right_waits_for_whoever_grants_it() -> None:
    vendor = Vendor(Misconfigured("grant leads_retrieval"), FOUND)
    system = fetching(vendor)
    assert system.telemetry.total("Misconfigured", source="website") == 1
    system.later(minutes=4)
    assert vendor.asked == 1
    system.later(minutes=1)
    assert len(system.leads()) == 1


def test_what_a_vendor_refuses_is_parked_with_its_reason_and_can_be_asked_again() -> None:
    vendor = Vendor(Reject("unresolvable"), FOUND)
    system = fetching(vendor)
    assert parked(system, "unresolvable") == 1
    assert system.redrive("unresolvable") == 1
    system.settle()
    assert len(system.leads()) == 1


def test_what_the_vendor_knows_to_be_a_test_is_no_lead() -> None:
    system = fetching(Vendor(Completed(FOUND.words, FOUND.origin, test=True)))
    assert [touch.state for touch in system.touches()] == ["refused"]
    assert system.leads() == []


def test_a_touch_that_nobody_ever_answers_is_parked_for_a_person() -> None:
    class Defect(Vendor):
        def complete(self, touch: Touch) -> Completed:
            raise KeyError("a defect of ours")

    system = fetching(Defect(FOUND))
    for _ in range(14):
        system.later(hours=1)
    assert parked(system, "unanswered") == 1
    assert len(system.failed) == 9


def test_words_that_were_removed_are_not_guessed() -> None:
    system = System()
    assert system.tell(lives.draft("lead-1", email="ada@example.com")).status == 200
    [touch] = system.touches()
    del system.store._rows[f"TOUCH#{touch.touch.touch_id}", "WORDS"]
    system.settle()
    assert parked(system, "words_removed") == 1
