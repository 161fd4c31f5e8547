"""Answering by the link in a notice: it does what the CRM would do, once, and only for who has the lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from leadrelay.domain.link import Action, Link, signed
from leadrelay.domain.notices.policy import NoticeRule
from leadrelay.domain.rules import Rules
from leadrelay.domain.vocabulary import read
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.notifier import Message
from leadrelay.ports.records import LeadRecord, LogRecord, RepRecord, rep_key
from tests.system import SECRETS, System, noisy_rules
from tests.workflows import lives, promises

LABELS: dict[str, Action] = {
    "Accept": "accept",
    "Pass on to a colleague": "pass_on",
    "Too early: back to nurture": "nurture",
    "Reject": "reject",
}
KEY = str(SECRETS["links"]["key"])
WHY = {"reason": "no_budget"}


def told() -> System:
    """A hot lead was given to somebody, and they were told."""
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    return system


def token(message: Message, action: Action) -> str:
    """What the link leads to."""
    [address] = [address for label, address in message.links if LABELS[label] == action]
    assert address.startswith("https://leadrelay.example.com/act/")
    return address.rpartition("/")[2]


def the_lead(system: System) -> LeadRecord:
    [record] = system.leads()
    return record


def facts(system: System, name: str) -> list[object]:
    return [read(said) for said in system.said if said.name == name]


def rows(system: System) -> list[str]:
    """Everything stored, to be compared."""
    return sorted(record.model_dump_json() for record in system.records())


def open_leads(system: System, rep: str) -> int:
    record: RepRecord | None = system.store.load(rep_key(rep))
    return 0 if record is None else record.state.open


def test_the_owner_hears_with_four_links_and_the_key_is_not_shown() -> None:
    [message] = told().notifier.sent
    assert [LABELS[label] for label, _ in message.links] == ["accept", "pass_on", "nurture", "reject"]
    assert "act/" not in repr(message)
    assert "act/" not in message.body


@pytest.mark.parametrize("action", LABELS.values())
def test_looking_changes_nothing(action: Action) -> None:
    system = told()
    before, said = rows(system), list(system.said)
    seen = system.act(token(system.notifier.sent[0], action))
    assert (seen.state, seen.action) == ("open", action)
    assert (rows(system), system.said) == (before, said)


def test_whoever_looks_sees_the_company_and_no_name() -> None:
    system = told()
    seen = system.act(token(system.notifier.sent[0], "accept"))
    assert seen.who == "Example Ltd, A. E."
    assert seen.due == "Mon 23 Nov 12:05 Belgrade: 5 business minutes"
    assert (seen.reasons, seen.timings) == ((), ())


def test_accepting_is_the_mark_of_sales_and_the_promised_call_stands() -> None:
    system = told()
    rep, clock = the_lead(system).lead.ownership.rep, the_lead(system).lead.clock("first_contact")
    assert system.act(token(system.notifier.sent[0], "accept"), {}).state == "said"
    system.settle()
    lead = the_lead(system).lead
    assert (lead.disposition, lead.stage, lead.status) == ("accepted", "sal", "new")
    assert lead.clock("first_contact") == clock
    [accepted] = facts(system, "LeadAccepted")
    assert accepted.model_dump() == {"rep": rep, "by": "link"}  # type: ignore[attr-defined]
    assert open_leads(system, rep or "") == 1


def test_rejecting_wants_a_reason_ends_every_deadline_and_frees_the_rep() -> None:
    system = told()
    rep, reject = the_lead(system).lead.ownership.rep or "", token(system.notifier.sent[0], "reject")
    before = rows(system)
    for form in ({}, {"reason": ""}, {"reason": "made up"}, {"words": "  "}):
        assert system.act(reject, form).state == "incomplete"
    assert rows(system) == before
    assert open_leads(system, rep) == 1
    assert system.act(reject, WHY).state == "said"
    lead = the_lead(system).lead
    assert (lead.disposition, lead.reason, lead.status) == ("rejected", "no_budget", "unqualified")
    assert (lead.clocks, lead.stage) == ((), "disqualified")
    assert open_leads(system, rep) == 0
    promises.told(system)


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"reason": "other"}, "other"),
        ({"reason": "other", "words": "Ada Example is my cousin"}, "other"),
        ({"reason": "other", "words": "they have no budget at all"}, "no_budget"),
        ({"words": "ada@example.com"}, "other"),
        ({"reason": "too_early", "words": "ada@example.com"}, "too_early"),
    ],
)
def test_of_a_reps_own_words_only_the_code_is_kept(form: dict[str, str], reason: str) -> None:
    system = told()
    assert system.act(token(system.notifier.sent[0], "reject"), form).state == "said"
    assert the_lead(system).lead.reason == reason
    [row] = [
        record for record in system.records() if isinstance(record, LogRecord) and record.cause.startswith("link:")
    ]
    assert "cousin" not in row.model_dump_json()
    assert "ada@" not in row.model_dump_json()


def test_the_way_back_to_another_team_is_offered_to_who_has_it_from_there() -> None:
    """An SDR has nobody to hand back to; the account executive who took over from one has."""
    system = told()
    assert "back_to_sdr" not in system.act(token(system.notifier.sent[0], "reject")).reasons
    record = the_lead(system)
    teams = {"sdr": record.lead.ownership.rep or "", "ae": "tomasz"}
    owner = record.lead.ownership.with_(rep="tomasz", pool="ae", teams=teams)
    system.store.put(record.with_(lead=record.lead.with_(ownership=owner)))
    until = system.clock.now() + timedelta(days=1)
    link = Link(lead_id=record.lead.lead_id, hop=owner.hop, rep="tomasz", action="reject", expires_at=until)
    assert system.act(signed(link, KEY)).reasons[0] == "back_to_sdr"
    assert system.act(signed(link, KEY), {"reason": "back_to_sdr"}).state == "said"
    system.settle()
    lead = the_lead(system).lead
    assert (lead.ownership.rep, lead.ownership.why, lead.disposition) == (teams["sdr"], "hand_back", None)
    assert system.act(signed(link, KEY), {"reason": "back_to_sdr"}).state == "moved"


def test_nurture_agrees_when_to_get_back_in_touch() -> None:
    system = told()
    form = {"reason": "too_early", "timing": "next_month"}
    assert system.act(token(system.notifier.sent[0], "nurture"), form).state == "said"
    lead = the_lead(system).lead
    assert (lead.disposition, lead.status, lead.timing) == ("recycled", "nurturing", "next_month")
    assert lead.wakes_at == system.clock.now() + timedelta(days=30)
    assert lead.next_step is not None
    assert lead.next_step.what == "Get back in touch"


def test_passing_on_finds_somebody_else_at_once_and_they_owe_the_call() -> None:
    system = told()
    first, passes = the_lead(system).lead.ownership, token(system.notifier.sent[0], "pass_on")
    assert system.act(passes, {}).state == "said"
    assert system.act(passes, {}).state == "done"
    system.settle()
    lead = the_lead(system).lead
    assert lead.ownership.rep not in (None, first.rep)
    assert (lead.ownership.why, lead.ownership.hop, lead.ownership.pool) == ("passed", first.hop + 1, first.pool)
    assert lead.clock("first_contact") is not None
    assert (open_leads(system, first.rep or ""), open_leads(system, lead.ownership.rep or "")) == (0, 1)
    assert system.act(passes, {}).state == "moved"


@pytest.mark.parametrize("action", LABELS.values())
def test_a_link_works_once(action: Action) -> None:
    system = told()
    given = token(system.notifier.sent[0], action)
    assert system.act(given, WHY).state == "said"
    after = rows(system)
    for form in (WHY, {"reason": "competitor"}, {}, None):
        assert system.act(given, form).state == "done"
    assert rows(system) == after


def test_who_gets_a_lead_that_somebody_else_had_accepted_may_accept_it_too() -> None:
    """As every account executive does, when the lead comes from an SDR."""
    system = told()
    assert system.act(token(system.notifier.sent[0], "accept"), {}).state == "said"
    system.later(minutes=6)
    assert the_lead(system).lead.ownership.why == "breach"
    [news] = [message for message in system.notifier.sent if ":assigned-2" in message.key]
    assert [label for label, _ in news.links] == list(LABELS)
    assert system.act(token(news, "accept"), {}).state == "said"
    assert system.act(token(news, "accept"), {}).state == "done"


def test_a_used_link_does_nothing_after_the_lead_went_on() -> None:
    """They accepted, and gave it back in the CRM later: the old mail is opened again."""
    system = told()
    accept, reject = (token(system.notifier.sent[0], action) for action in ("accept", "reject"))
    assert system.act(accept, {}).state == "said"
    assert system.act(reject, WHY).state == "said"
    assert system.act(accept, {}).state == "done"
    assert the_lead(system).lead.disposition == "rejected"


def test_who_rejected_may_still_take_it_on() -> None:
    system = told()
    accept, reject = (token(system.notifier.sent[0], action) for action in ("accept", "reject"))
    assert system.act(reject, WHY).state == "said"
    assert system.act(accept, {}).state == "said"
    lead = the_lead(system).lead
    assert (lead.disposition, lead.status, lead.reason) == ("accepted", "new", None)
    assert open_leads(system, lead.ownership.rep or "") == 1


@pytest.mark.parametrize("action", LABELS.values())
def test_the_next_assignment_ends_the_links_of_the_one_before(action: Action) -> None:
    system = told()
    given = token(system.notifier.sent[0], action)
    system.later(minutes=6)  # nobody called: another owner
    after = rows(system)
    assert system.act(given, WHY).state == "moved"
    assert rows(system) == after


def test_while_the_next_owner_is_being_chosen_only_giving_back_still_counts() -> None:
    system = told()
    links = {action: token(system.notifier.sent[0], action) for action in LABELS.values()}
    system.clock.set(system.clock.now() + timedelta(minutes=6))
    system.sweep()  # the breach; the question waits in its queue
    assert the_lead(system).lead.wanted is not None
    assert [system.act(links[action], {}).state for action in ("accept", "pass_on")] == ["late", "late"]
    assert system.act(links["reject"], WHY).state == "said"
    system.settle()
    lead = the_lead(system).lead
    assert (lead.disposition, lead.wanted, lead.ownership.hop) == ("rejected", None, 1)


def test_a_link_ends_in_time() -> None:
    system = told()
    given = token(system.notifier.sent[0], "accept")
    lives.call(system, "call-1")
    system.clock.set(system.clock.now() + timedelta(days=7))
    assert system.act(given).state == "open"
    system.clock.set(system.clock.now() + timedelta(seconds=1))
    assert system.act(given, {}).state == "expired"


def test_a_merged_lead_says_so() -> None:
    system = told()
    given = token(system.notifier.sent[0], "reject")
    record = the_lead(system)
    system.store.put(record.with_(lead=record.lead.with_(merged_into="f" * 32, clocks=())))
    assert system.act(given, WHY).state == "merged"


@pytest.mark.parametrize("standing", ["gone", "imported", "shadow"])
def test_a_lead_that_nobody_works_is_left_alone(standing: str) -> None:
    system = told()
    given = token(system.notifier.sent[0], "accept")
    record = the_lead(system)
    system.store.put(record.with_(lead=record.lead.with_(standing=standing)))
    assert system.act(given, {}).state == "gone"


def test_a_stranger_learns_nothing() -> None:
    system = told()
    lead = the_lead(system).lead
    link = Link(
        lead_id=lead.lead_id, hop=1, rep="anna", action="accept", expires_at=system.clock.now() + timedelta(days=1)
    )
    elsewhere = link.with_(lead_id="f" * 32)
    for given in ("", "a", "x" * 5000, signed(link, "another key"), signed(elsewhere, KEY)):
        seen = system.act(given, {})
        assert (seen.state, seen.who, seen.action) == ("unknown", "", None)


def test_only_who_has_it_may_answer() -> None:
    system = told()
    owner = the_lead(system).lead.ownership
    link = Link(
        lead_id=the_lead(system).lead.lead_id,
        hop=owner.hop,
        rep="marek" if owner.rep != "marek" else "anna",
        action="accept",
        expires_at=system.clock.now() + timedelta(days=1),
    )
    assert system.act(signed(link, KEY), {}).state == "moved"


def test_a_link_of_an_earlier_time_with_the_same_owner_is_over() -> None:
    """The lead went to somebody else and came back."""
    system = told()
    owner = the_lead(system).lead.ownership
    link = Link(
        lead_id=the_lead(system).lead.lead_id,
        hop=owner.hop - 1,
        rep=owner.rep or "",
        action="reject",
        expires_at=system.clock.now() + timedelta(days=1),
    )
    assert system.act(signed(link, KEY), WHY).state == "moved"
    assert the_lead(system).lead.disposition is None


def test_a_notice_that_comes_after_the_next_assignment_has_no_links() -> None:
    system = System(noisy_rules())
    system.notifier.refuse = Retry(60, "away")
    lives.send(system, lives.demo())
    first = the_lead(system).lead.ownership.rep or ""
    system.later(minutes=6)  # nobody called: another owner
    system.notifier.refuse = None
    for _ in range(3):
        system.later(minutes=2)
    name = system.rules_now.team.rep(first).name
    late = [each for each in system.notifier.sent if each.title.startswith("New lead") and f"For: {name}" in each.body]
    assert [each.links for each in late] == [()]
    assert any(each.links for each in system.notifier.sent)


def test_two_keys_count_while_the_key_is_changed_and_then_one() -> None:
    system = told()
    given = token(system.notifier.sent[0], "accept")
    system.secrets.set("links", key=("a newer key of links for tests", KEY))
    assert system.act(given).state == "open"
    system.secrets.set("links", key=("a newer key of links for tests",))
    assert system.act(given, {}).state == "unknown"


def test_two_at_once_are_one() -> None:
    system = told()
    given, commit, once = token(system.notifier.sent[0], "accept"), system.store.commit, []

    def overtaken(change: object) -> None:
        if not once:
            once.append(True)
            assert system.act(given, {}).state == "said"  # the second press of the button is faster
        commit(change)

    system.store.commit = overtaken
    assert system.act(given, {}).state in ("said", "done")
    assert len(facts(system, "LeadAccepted")) == len(facts(system, "LinkUsed")) == 1


def test_a_lead_that_keeps_changing_is_tried_again_later() -> None:
    system = told()

    def refuse(_: object) -> None:
        raise Conflict("LEAD#x")

    system.store.commit = refuse
    with pytest.raises(Retry):
        system.act(token(system.notifier.sent[0], "accept"), {})


def test_a_notice_without_links_is_better_than_none() -> None:
    system = System(noisy_rules())
    del system.secrets._secrets["links"]
    lives.send(system, lives.demo())
    [message] = system.notifier.sent
    assert message.links == ()
    assert "links_left_out" in repr(vars(system.telemetry))


def test_who_is_not_asked_gets_no_links() -> None:
    """The manager hears of the breach; the owner before has nothing to say any more."""
    rules = noisy_rules()
    only_manager = [rule.with_(to=("manager",)) for rule in rules.notices.rules]
    system = System(Rules.of(rules.with_(notices=rules.notices.with_(rules=tuple(only_manager)))))
    lives.send(system, lives.demo())
    assert [message.links for message in system.notifier.sent] == [()]
    none = System(Rules.of(rules.with_(notices=rules.notices.with_(link_days=0))))
    lives.send(none, lives.demo())
    assert [message.links for message in none.notifier.sent] == [()]


def test_what_was_said_already_is_not_offered_again() -> None:
    system = told()
    assert system.act(token(system.notifier.sent[0], "accept"), {}).state == "said"
    system.later(minutes=4)  # the warning
    labels: Sequence[str] = [label for label, _ in system.notifier.sent[-1].links]
    assert "Accept" not in labels
    assert "Reject" in labels


# ---- a lead that is open to its pool


def offered() -> System:
    """A lead is open to whoever of the pool accepts first, and they were told."""
    rules = noisy_rules()
    pools = tuple(pool.with_(strategy="claim") for pool in rules.team.pools)
    told_too = (*rules.notices.rules, NoticeRule(notice="offered", to=("pool",), channel="sales"))
    team, notices = rules.team.with_(pools=pools), rules.notices.with_(rules=told_too)
    system = System(Rules.of(rules.with_(team=team, notices=notices)))
    lives.send(system, lives.demo())
    assert the_lead(system).lead.ownership.waits == "claim"
    return system


def claims(system: System) -> dict[str, str]:
    """Rep id → their own token."""
    [message] = [each for each in system.notifier.sent if each.title.startswith("Who takes it first?")]
    names = {f"Claim as {rep.name}": rep.id for rep in system.rules_now.team.reps}
    return {names[label]: address.rpartition("/")[2] for label, address in message.links}


def test_everybody_in_the_pool_has_a_link_of_their_own() -> None:
    system = offered()
    members = system.rules_now.team.pool(the_lead(system).lead.ownership.pool or "").members
    assert set(claims(system)) == {member.rep for member in members}


def test_the_first_who_claims_it_has_it_and_the_others_hear_so() -> None:
    system = offered()
    (first, theirs), (_, another), *_ = claims(system).items()
    assert system.act(theirs).state == "open"
    assert system.act(theirs, {}).state == "said"
    system.settle()
    lead = the_lead(system).lead
    assert (lead.ownership.rep, lead.ownership.why, lead.ownership.waits) == (first, "claimed", None)
    assert lead.clock("first_contact") is not None
    assert open_leads(system, first) == 1
    after = rows(system)
    assert (system.act(another, {}).state, system.act(theirs, {}).state) == ("moved", "done")
    assert rows(system) == after


def test_two_who_claim_at_once_are_one_owner() -> None:
    system = offered()
    (first, theirs), (second, another), *_ = claims(system).items()
    commit, once = system.store.commit, []

    def overtaken(change: object) -> None:
        if not once:
            once.append(True)
            assert system.act(another, {}).state == "said"
        commit(change)

    system.store.commit = overtaken
    assert system.act(theirs, {}).state == "moved"
    assert the_lead(system).lead.ownership.rep == second
    assert (open_leads(system, first), open_leads(system, second)) == (0, 1)
    assert len(facts(system, "LeadAssigned")) == 1


def test_nobody_of_another_pool_claims_it() -> None:
    system = offered()
    lead = the_lead(system).lead
    outsiders = [rep.id for rep in system.rules_now.team.reps if rep.id not in claims(system)]
    until = system.clock.now() + timedelta(days=1)
    for rep in (*outsiders, "nobody"):
        link = Link(lead_id=lead.lead_id, hop=lead.ownership.hop, rep=rep, action="claim", expires_at=until)
        assert system.act(signed(link, KEY), {}).state == "moved"
    assert the_lead(system).lead == lead
