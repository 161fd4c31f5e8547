"""Every decision again, from its recorded inputs and the version of the rules in its log row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from leadrelay.domain.account.counting import home
from leadrelay.domain.account.crowd import Crowd
from leadrelay.domain.answering import Answer, answer
from leadrelay.domain.clocks.starting import asked_again
from leadrelay.domain.crm.adopt import NOTHING, Shown
from leadrelay.domain.crm.choice import inherit
from leadrelay.domain.decide import hear, judge, settle, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.handing.on import handed_on
from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.lead import Lead
from leadrelay.domain.link import Link
from leadrelay.domain.merging import absorbed, owed
from leadrelay.domain.person.facts import LeadCreated, LeadMerged, TouchIdentified
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.choose import choose
from leadrelay.domain.routing.facts import BreachConfirmed
from leadrelay.domain.routing.record import DecisionRecord, read_record
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.advance import moved
from leadrelay.domain.touch import Touch
from leadrelay.domain.vocabulary import read
from leadrelay.ports.records import (
    LeadRecord,
    LogRecord,
    MapRecord,
    NamesRecord,
    PeopleRecord,
    SyncRecord,
    TouchRecord,
    WordsRecord,
    map_key,
    people_key,
    sync_key,
)
from leadrelay.ports.store import Record
from leadrelay.workflows.accounts import called, concerned, placed
from leadrelay.workflows.backlog import TAKEN_UP
from leadrelay.workflows.in_crm import may_show, shown_of
from leadrelay.workflows.night_row import is_night
from leadrelay.workflows.work_in import OWNER

if TYPE_CHECKING:
    from tests.simulation.world import World

Lookup = Callable[[tuple[str, str]], Record | None]


def recomputed(
    before: LeadRecord | None,
    after: LeadRecord,
    log: LogRecord,
    written: Sequence[Record],
    lookup: Lookup,
    world: World,
) -> list[Fact] | None:
    """The facts of the decision, decided again; None where nothing was decided (a lead that became an alias).

    Raises Misconfigured for a version of the rules that was never deployed.
    """
    rules = world.rules.version(log.rules_version)
    touch = next((record for record in written if isinstance(record, TouchRecord)), None)
    names = {said.name for said in log.facts}
    if after.lead.merged_into is not None:
        return None
    if touch is not None:
        current = world.hub.current
        return _heard(before, touch, log, lookup, rules, {} if current is None else current.crowds)
    return None if before is None else _decided(before, log, names, lookup, rules)


def _decided(before: LeadRecord, log: LogRecord, names: set[str], lookup: Lookup, rules: Rules) -> list[Fact] | None:
    """What no touch brought."""
    decision = Decision(before.lead, before.profile, rules, log.at)
    if "LinkUsed" in names:
        answer(Link.model_validate(log.decision["link"]), Answer.model_validate(log.decision["said"]), decision)
    elif names & {"LeadAssigned", "LeadWaits", "OwnerKept"}:
        return _assigned(before, log, rules)
    elif log.cause.startswith("handover:"):
        handed_on(decision, "handover")
    elif log.cause.startswith("sweep:"):
        _swept(decision, before, log, lookup)
    elif "BreachConfirmed" in names:
        stood = next(fact for said in log.facts if isinstance(fact := read(said), BreachConfirmed))
        settle(stood.looked, decision)
    else:
        return None
    return decision.facts


def _swept(decision: Decision, before: LeadRecord, log: LogRecord, lookup: Lookup) -> None:
    if log.cause.endswith(":account"):
        decision.say(_counted(before, log, lookup, decision.rules))
    if log.cause.endswith(TAKEN_UP):
        decision.say(*asked_again(before.lead, decision.rules, log.at))
    elif is_night(log.cause):
        judge(decision)
    else:
        tick(decision, timedelta(seconds=float(str(log.decision.get("ahead", 0)))))


def _counted(before: LeadRecord, log: LogRecord, lookup: Lookup, rules: Rules) -> Fact | None:
    """How many people of its account the lead is told of."""
    key = people_key(home(before.profile) or "")
    people = lookup((key.pk, key.sk))
    return people.crowd.counted(rules.scoring.account, log.at) if isinstance(people, PeopleRecord) else None


def _assigned(before: LeadRecord, log: LogRecord, rules: Rules) -> list[Fact]:
    """Chosen again from what the log row keeps; a choice that comes out otherwise says other facts."""
    kept = read_record(log.decision)
    assert kept is not None, f"{log.sk} of {before.lead.lead_id} keeps no record of its choice"
    choice = choose(before.lead, before.profile, kept.staffing(), rules, log.at)
    again = DecisionRecord.of(choice, before.lead, kept.staffing(), rules, log.at)
    if kept.differs(again):
        return []
    decision = Decision(before.lead, before.profile, rules, log.at)
    assign(choice, decision)
    return decision.facts


def _heard(
    before: LeadRecord | None,
    touch: TouchRecord,
    log: LogRecord,
    lookup: Lookup,
    rules: Rules,
    crowds: Mapping[str, Crowd],
) -> list[Fact] | None:
    """`crowds` are the people of accounts as they were read: a touch that tells nothing new of them is not decided
    about again when somebody comes meanwhile, because then the night tells everybody who is there."""
    words = lookup((touch.key().pk, "WORDS"))
    if not isinstance(words, WordsRecord):
        return None
    heard = understood(touch.touch, words.words, rules, log.at)
    heard = placed(heard, _names(heard, lookup))
    if before is None:
        decision = Decision(Lead(lead_id=log.pk.removeprefix("LEAD#")), Profile(), rules, log.at)
        decision.say(LeadCreated(touch_id=touch.touch.touch_id, captured_at=touch.touch.received_at))
    else:
        decision = Decision(before.lead, before.profile, rules, log.at)
    waits, losers = False, list[LeadRecord]()
    told = [fact for said in log.facts if isinstance(fact := read(said), TouchIdentified)]
    heard = heard.with_(matched_by=told[0].matched_by if told else ())
    for said in log.facts:
        fact = read(said) if said.name == "LeadMerged" else None
        if isinstance(fact, LeadMerged) and fact.absorbed is not None:
            loser = lookup((f"LEAD#{fact.absorbed.lead_id}", "LEAD"))
            if isinstance(loser, LeadRecord):
                losers.append(loser)
                decision.profile = decision.profile.absorb(loser.profile)
                decision.say(absorbed(loser.lead, fact.by))
                decision.say(moved(decision.lead, loser.lead.stage, rules, "merged"))
                inherit(loser.lead, decision)
                waits = waits or owed(loser.lead)
    profiles = [loser.profile for loser in losers] + ([] if before is None else [before.profile])
    heard = heard.with_(accounts={domain: crowds.get(domain, Crowd()) for domain in concerned(heard, profiles)})
    owner = RepState.model_validate(log.decision.get(OWNER, {}))
    hear(heard, decision, _shown(decision.lead, touch.touch, lookup), waits, owner)
    return decision.facts


def _names(heard: Heard, lookup: Lookup) -> NamesRecord | None:
    key = called(heard.values)
    record = None if key is None else lookup((key.pk, key.sk))
    return record if isinstance(record, NamesRecord) else None


def _shown(lead: Lead, touch: Touch, lookup: Lookup) -> Shown:
    """What we had written into the record, when a touch came from the CRM."""
    if touch.record is None:
        return NOTHING
    record, crm = touch.record, touch.record.crm
    place = lookup((map_key(crm, record.person).pk, "MAP"))
    mapped = place if isinstance(place, MapRecord) else None
    erased = () if mapped is None or mapped.erased_lead is None else (mapped.erased_lead,)
    mine, *theirs = (_row(lead_id, crm, lookup) for lead_id in (lead.lead_id, *lead.absorbed, *erased))
    return shown_of(mine, [row for row in theirs if row is not None and may_show(row, record, mapped)])


def _row(lead_id: str, crm: str, lookup: Lookup) -> SyncRecord | None:
    row = lookup((f"LEAD#{lead_id}", sync_key(lead_id, crm).sk))
    return row if isinstance(row, SyncRecord) else None
