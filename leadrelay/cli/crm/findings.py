"""What `leadrelay crm doctor` finds besides the account itself: the people in the rules, and what waits for a person.

Each finding is a `Check`. One that is in order and still has something to do is an advice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from leadrelay.cli.crm.telling import many, masked
from leadrelay.domain.card.circuit import state
from leadrelay.domain.card.policy import CrmPolicy
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.domain.sources.policy import SourcesPolicy
from leadrelay.ports.crm_setup import Check, CrmOwner
from leadrelay.ports.records import AccountRecord, CursorRecord, Refusal, SyncRecord

_NAMED = 10
"""So many are named; the rest is counted."""

HEARD = "what people do there"
"""The name of the finding, for who cannot even look."""

_OWNERS = "correct `crm:` in team.yaml (`leadrelay crm owners` lists the ids), then deploy the rules"


def team(policy: TeamPolicy, owners: Sequence[CrmOwner], crm: str) -> Iterator[Check]:
    """Whether everybody whom the rules make an owner can be one there, and nobody is forgotten."""
    known = {owner.owner_id: owner for owner in owners}
    reps = [(rep.id, rep.crm[crm]) for rep in policy.reps if rep.active and crm in rep.crm]
    queues = [(queue.id, queue.crm[crm]) for queue in policy.queues if crm in queue.crm]
    named = reps + queues
    gone = [seat for seat in named if seat[1] not in known]
    left = [seat for seat in named if seat[1] in known and not known[seat[1]].active]
    nobody = [seat for seat in reps if seat[1] in known and known[seat[1]].kind == "queue"]
    without = [rep.id for rep in policy.reps if rep.active and crm not in rep.crm]
    yield _none_of("owners that do not exist", _seats(gone), _OWNERS)
    yield _none_of("owners who are inactive", _seats(left), f"reactivate them in {crm}, or {_OWNERS}")
    yield _none_of("people who are a queue there", _seats(nobody), _OWNERS)
    yield _none_of("people without an owner id", without, "`leadrelay crm owners --yaml` prints their lines")
    yield _queues_seen(policy, crm)


def _queues_seen(policy: TeamPolicy, crm: str) -> Check:
    """Who waits in a queue that is neither an owner nor a list there is seen by its field alone."""
    unseen = [queue.id for queue in policy.queues if crm not in queue.crm and crm not in queue.list]
    if not unseen:
        return Check("queues", True, f"each is an owner or a list in {crm}")
    told = f"{', '.join(unseen)}: neither an owner nor a list in {crm}; only the field `queue` says who waits there"
    return Check("queues", True, told, "give it `crm:` or `list:` in team.yaml, if people are to work it there")


def outsiders(policy: TeamPolicy, load: Mapping[str, int], crm: str, at: datetime) -> Check:
    """Who owns open records and is nobody to us: LeadRelay leaves their leads alone, and counts them to nobody."""
    ours = {ids[crm] for ids in (*(rep.crm for rep in policy.reps), *(q.crm for q in policy.queues)) if crm in ids}
    open_there = {owner_id: count for owner_id, count in load.items() if count and owner_id not in ours}
    when = f"as of {at:%H:%M:%S} UTC"
    if not open_there:
        return Check("owners we do not know", True, f"every open record belongs to somebody in team.yaml, {when}")
    records = many(sum(open_there.values()), "open record", "open records")
    told = f"{records} of {many(len(open_there), 'owner', 'owners')} not in team.yaml, {when}"
    return Check(
        "owners we do not know", True, told, "`leadrelay crm owners` shows them; who takes leads belongs there"
    )


def deliveries(policy: CrmPolicy, account: AccountRecord | None, crm: str, now: datetime) -> Check:
    """Whether the workers write to the account at all."""
    shut = None if account is None else account.circuit
    if policy.vendor != crm:
        return Check("deliveries", True, f"the rules write to {policy.vendor}", f"`vendor: {crm}` in crm.yaml")
    if policy.mode == "plan":
        return Check(
            "deliveries", True, "only computed", "`mode: live` in crm.yaml, once `crm plan` shows what you want"
        )
    if shut is None or shut.until is None or state(shut, now) == "open":
        return Check("deliveries", True, "the account is being written to")
    told = f"held back until {shut.until:%Y-%m-%d %H:%M:%S} UTC: the CRM asked for it, or did not answer"
    return Check("deliveries", False, told, "nothing is lost: it is tried again by itself; else see the lines above")


def shadows(sources: SourcesPolicy) -> Check:
    """Sources that are decided and shown to nobody."""
    found = [name for name, source in sources.sources.items() if source.shadow and source.enabled]
    if not found:
        return Check("sources in shadow", True, "none")
    return Check("sources in shadow", True, ", ".join(found), "take `shadow` from them in sources.yaml to go live")


def heard(sources: SourcesPolicy, crm: str) -> Check:
    """Whether anybody listens to what people do in the CRM."""
    found = [name for name, source in sources.sources.items() if source.vendor == crm and source.enabled]
    if found:
        return Check(HEARD, True, f"heard by the source {', '.join(found)}")
    fix = f"a source with `vendor: {crm}` in sources.yaml: else a call that a rep logs there stops no clock"
    return Check(HEARD, False, "nobody listens", fix)


def half_imported(cursor: CursorRecord | None) -> Check:
    """Whether an import waits to be gone on with."""
    if cursor is None:
        return Check("import", True, "never begun", "`leadrelay crm import` brings in who is there already")
    if cursor.cursor is not None:
        return Check("import", True, "stopped half-way", "`leadrelay crm import` goes on")
    return Check("import", True, "done")


def parked(rows: Sequence[SyncRecord], crm: str) -> Iterator[Check]:
    """What the CRM would not take: one line for each code and field, with the CRM's own words once."""
    if not rows:
        yield Check("parked", True, f"nothing that {crm} refused")
    refusals = [(row, refusal) for row in rows for refusal in row.refused]
    counted = Counter((refusal.code, refusal.what) for _, refusal in refusals)
    for (code, what), count in counted.most_common():
        same = [(row, refusal) for row, refusal in refusals if (refusal.code, refusal.what) == (code, what)]
        told = f'{_leads(count)}, such as {same[0][0].lead_id}. {crm} says: "{masked(same[0][1].message)}"'
        yield Check(f"parked {code} ({what})", False, told, _redrive(same[0][1], crm))
    bare = [row.lead_id for row in rows if not row.refused]
    if bare:
        yield _none_of("parked", bare, f"`leadrelay parked redrive crm_{crm}`")


def duplicates(rows: Sequence[SyncRecord], crm: str) -> Check:
    """Two records of one person, as long as nobody has merged them: LeadRelay never does."""
    pairs = [f"record {row.crm_id} (lead {row.lead_id}, now {row.duplicate_of})" for row in rows]
    fix = f"merge each in {crm} into the record of the lead that it names as its duplicate"
    return _none_of("second records of one person", pairs, fix)


def planned(rows: Sequence[SyncRecord]) -> Check:
    """What was computed and not sent."""
    if not rows:
        return Check("planned", True, "nothing waits to be written")
    return Check("planned", True, f"{_leads(len(rows))} computed and not written", "`leadrelay crm plan` shows what")


def _redrive(refusal: Refusal, crm: str) -> str:
    return f"{refusal.hint} Then: `leadrelay parked redrive crm_{crm}`"


def _none_of(name: str, found: Sequence[str], fix: str) -> Check:
    if not found:
        return Check(name, True, "none")
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return Check(name, False, f"{len(found)}: {', '.join(found[:_NAMED])}{more}", fix)


def _seats(named: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name} ({owner_id})" for name, owner_id in named]


def _leads(count: int) -> str:
    return many(count, "lead", "leads")
