"""Marketing mail through the whole of it: who is known is marked, who is not makes no lead of a machine or a bounce."""

from __future__ import annotations

from leadrelay.domain.touch import MACHINE, Origin, TouchDraft
from tests.system import System, noisy_rules
from tests.workflows import lives, promises

ADDRESS = "ada@firma.example"


def mail(key: str, event: str | None, **origin: str) -> TouchDraft:
    said = lives.draft(key, email=ADDRESS).words
    if event is None:
        found = lives.draft(key, email=ADDRESS, email_bounced=ADDRESS).words
        return TouchDraft(kind="enrichment", key=key, words=found, origin=Origin(**origin))
    return TouchDraft(kind="behaviour", key=key, event=event, words=said, origin=Origin(**origin))


def known() -> System:
    system = System(noisy_rules())
    system.tell(lives.draft("s-1", form="newsletter", email=ADDRESS))
    system.settle()
    return system


def hears(system: System, draft: TouchDraft) -> None:
    assert system.tell(draft).status == 200
    system.settle()


def test_a_machine_in_a_strangers_mailbox_makes_no_lead() -> None:
    system = System(noisy_rules())
    hears(system, mail("open-1", "email_opened", medium=MACHINE))
    [touch] = system.touches()
    assert (system.leads(), touch.state, touch.reason) == ([], "refused", "not_ours")
    hears(system, mail("open-2", "email_opened"))
    assert system.leads() == [], "a campaign makes no leads of those who only open it"
    hears(system, mail("click-1", "email_clicked"))
    assert len(system.leads()) == 1


def test_a_strangers_bounce_makes_no_lead() -> None:
    system = System(noisy_rules())
    hears(system, mail("bounce-1", None))
    system.later(minutes=10)
    assert (system.leads(), [one.reason for one in system.touches()]) == ([], ["not_ours"])


def test_a_bounce_that_comes_just_before_the_lead_is_not_lost() -> None:
    system = System(noisy_rules())
    hears(system, mail("bounce-1", None))
    assert system.leads() == []
    system.later(minutes=1)
    system.tell(lives.draft("s-1", form="newsletter", email=ADDRESS).with_(occurred_at=system.clock.now()))
    system.settle()
    system.later(minutes=6)
    [record] = system.leads()
    assert record.profile.text("lead.email_bounced") == ADDRESS


def test_a_bounce_takes_a_known_lead_out_of_its_sequence_once() -> None:
    system = known()
    [before] = system.leads()
    assert before.lead.enrolment is not None
    hears(system, mail("bounce-1", None))
    hears(system, mail("bounce-1", None))
    [after] = system.leads()
    assert after.lead.enrolment is None
    assert after.profile.text("lead.email_state") == "bounced"
    assert [said.data["why"] for said in system.said if said.name == "NurtureEnded"] == ["bounced"]
    assert all(ADDRESS not in str(said.data) for said in system.said)
    promises.kept(system)


def test_the_card_tells_the_class_and_the_partner() -> None:
    system = System(noisy_rules())
    said = lives.draft("s-1", form="demo", email=ADDRESS)
    system.tell(said.with_(origin=said.origin.with_(partner="acme", click_id="gclid:1")))
    system.settle()
    [person] = system.crm.people.values()
    assert (person.fields["channel"], person.fields["channel_class"]) == ("partner", "partner")
    assert (person.fields["partner"], person.fields["first_partner"]) == ("acme", "acme")
