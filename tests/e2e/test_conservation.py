"""Nothing lost, nothing doubled, nobody forgotten: workers killed, the CRM gone, the stream unread, rules changed."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import pytest

from leadrelay.aws.table.store import TableStore
from leadrelay.domain.facts import Said
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules
from leadrelay.local.cloud import Cloud
from leadrelay.local.courier import Courier
from leadrelay.local.traffic import Act
from leadrelay.local.watch import KINDS, Picture, waiting
from leadrelay.ports.records import PoolRecord, pool_key
from tests.e2e import trouble
from tests.e2e.settling import Settle
from tests.e2e.storm import Storm, Weather, unfinished

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

POOL = "sdr"
OLD_RULE, NEW_RULE = "hot", "hot_by_the_new_rules"


QUALIFIED = ("mql", "sql")


@pytest.fixture(scope="session")
def until_end(cloud: Cloud) -> Iterator[contextlib.ExitStack]:
    """What was started in place of something that the whole session needs."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def storm(cloud: Cloud, courier: Courier, until_end: contextlib.ExitStack) -> Iterator[Storm]:
    weather = Weather(cloud, courier)
    with trouble.bringing_back_soon(cloud), trouble.old_rules_afterwards(cloud):
        weather.workers_die(10)
        weather.crm_is_away(8, until_end)
        weather.stream_is_unread(6)
        weather.rules_change(12, _renamed(cloud.rules))
        yield weather.storm


@pytest.fixture(scope="module")
def picture(cloud: Cloud, storm: Storm, settle: Settle) -> Picture:
    """When everything has quietened down."""
    return settle(lambda seen: unfinished(cloud, storm.all(), seen))


def _renamed(rules: Rules) -> Rules:
    """Rules that decide the same, and say so under another name."""
    renamed = [rule.with_(id=NEW_RULE) if rule.id == OLD_RULE else rule for rule in rules.routing.rules]
    return Rules.of(rules.with_(routing=rules.routing.with_(rules=tuple(renamed))))


def lead_of(picture: Picture, act: Act) -> Lead:
    lead = picture.lead_of(act)
    assert lead is not None
    return lead


def test_every_accepted_touch_is_done_and_every_person_is_one_lead(storm: Storm, picture: Picture) -> None:
    acts = storm.all()
    assert {receipt.status for act in acts for receipt in act.receipts} == {200}
    fates = Counter(picture.touches[touch].state for act in acts for touch in act.touch_ids)
    assert fates == {"done": len(acts)}
    assert len({lead_of(picture, act).lead_id for act in acts}) == len(acts)


def test_every_lead_was_given_to_one_rep_once(storm: Storm, picture: Picture) -> None:
    for act in storm.all():
        lead = lead_of(picture, act)
        [assigned] = picture.said(lead.lead_id, "LeadAssigned")
        assert (assigned.data["hop"], assigned.data["rep"]) == (1, lead.ownership.rep)


def test_everything_was_delivered_exactly_once(cloud: Cloud, storm: Storm, picture: Picture) -> None:
    world = cloud.outside.crm.world
    for act in storm.all():
        [contact] = picture.contacts_of(act.scene.visit.person.email)
        linked = {kind: len(world.linked(("contacts", contact.crm_id), kind)) for kind in ("tasks", "notes")}
        lead = picture.lead_of(act)
        assert lead is not None
        qualified = lead.stage in QUALIFIED  # the note of the assignment, and one that says why it is qualified
        assert linked == {"tasks": 1, "notes": 1 + qualified}, contact.email
    assert waiting(cloud) == {}


def test_the_pool_gives_each_rep_their_share_and_skips_no_turn(cloud: Cloud, storm: Storm, picture: Picture) -> None:
    """Within one lead of the exact share, of hot leads and of others, by a memory that knows of every assignment
    and of no other."""
    pool = TableStore(cloud.deployed.table_name, KINDS | {PoolRecord.kind: PoolRecord}).load(pool_key(POOL))
    assert pool is not None
    facts = [fact for told in picture.facts.values() for fact in told if fact.name == "LeadAssigned"]
    ledgers = list(pool.turns.ledgers.values())
    weights = ledgers[0].weights
    given = Counter(rep for fact in facts if (rep := str(fact.data["rep"])) in weights and fact.data["pool"] == POOL)
    assert pool.turns.given == given
    for ledger in ledgers:
        for rep, weight in weights.items():
            assert abs(ledger.given[rep] - Fraction(ledger.total * weight, sum(weights.values()))) < 1, ledger
    mine = [lead_of(picture, act).ownership for act in storm.all()]
    assert {owner.pool for owner in mine} == {POOL}


def test_workers_really_died(storm: Storm) -> None:
    assert len([number for number in storm.died if number]) >= 4


def test_without_a_crm_leads_are_owned_all_the_same(storm: Storm) -> None:
    seen = storm.without_crm
    assert seen is not None
    for act in storm.acts["the CRM is away"]:
        lead = lead_of(seen, act)
        assert lead.ownership.rep is not None
        assert seen.contacts_of(act.scene.visit.person.email) == []


def test_what_the_stream_did_not_say_was_stored_and_heard_later(storm: Storm, picture: Picture) -> None:
    seen = storm.unread
    assert seen is not None
    for act in storm.acts["the stream is unread"]:
        assert seen.touches[act.touch_ids[0]].state == "received"
        assert seen.lead_of(act) is None
        assert lead_of(picture, act).ownership.placed


def test_a_chain_of_decisions_is_of_one_version_of_the_rules(cloud: Cloud, storm: Storm, picture: Picture) -> None:
    """What answers a fact names the rules of that fact, and decided by them."""
    assert storm.new_rules is not None
    names = {cloud.rules.version: OLD_RULE, storm.new_rules.version: NEW_RULE}
    used = Counter[str]()
    for act in storm.acts["the rules change"]:
        facts = picture.facts[lead_of(picture, act).lead_id]
        assert _broken_chains(facts) == []
        [assigned] = [fact for fact in facts if fact.name == "LeadAssigned"]
        assert assigned.data["rule"] == names[assigned.metadata.rules_version]
        used[assigned.metadata.rules_version] += 1
    assert set(used) == set(names)


def _broken_chains(facts: tuple[Said, ...]) -> list[tuple[str, str]]:
    known = {fact.metadata.fact_id: fact for fact in facts}
    return [
        (cause.name, fact.name)
        for fact in facts
        if (cause := known.get(fact.metadata.causation_id)) is not None
        and cause.metadata.rules_version != fact.metadata.rules_version
    ]
