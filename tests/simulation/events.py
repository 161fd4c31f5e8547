"""What happens to a world: senders send, people work in the CRM, sweeps sweep, operators mend, releases arrive."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from leadrelay.domain.rules import Rules
from leadrelay.ports.records import cursor_key, lead_key, sync_key, touch_key
from tests.simulation.history import SOURCE
from tests.simulation.hub import Invocation
from tests.simulation.queues import older
from tests.simulation.senders import PEOPLE, Saying
from tests.simulation.small_rules import LISTED, versions

if TYPE_CHECKING:
    from tests.simulation.world import World

PARKED = ("unanswered", "crm_hubspot", "notice")
"""Why work is parked that is worked once the cause was mended."""

_CORPUS = Path(__file__).parents[1] / "corpus" / "facts"


class Events:
    """Everything that comes from outside in one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rules_before: tuple[Rules, float] = (world.versions[0], -1.0)
        self._last_sweep = -60.0
        self._sweep_at: float | None = None
        self._seen_writes = -1
        self._rng = Random(f"last minute {world.seed}")

    # ---- senders

    def attempt(self, saying: Saying, tries: int, repeat: bool = False) -> None:
        delivery = saying.delivery(self._world.moment())
        self._world.tell(f"{'':8} {saying.key} is sent")

        def ended(run: Invocation) -> None:
            status = run.result.status if run.fate == "done" else 500
            if status == 200:
                self._accepted(saying)
            elif saying.refusable and status in (400, 401, 413):
                self._world.unaccepted.discard(saying.key)
                self._world.seen.add("a malformed delivery was refused")
            elif not repeat:
                wait = 20.0 if self._world.calm else min(600.0, 5.0 * 2**tries)
                self._world.hub.after(wait, lambda: self.attempt(saying, tries + 1))

        self._world.begin("ingest", lambda: self._world.ingest(saying.source, delivery), ended, 10)

    def _accepted(self, saying: Saying) -> None:
        self._world.unaccepted.discard(saying.key)
        expected = self._world.cast.expected(saying, versions()[0], self._world.moment())
        for touch_id in expected:
            self._world.accepted[touch_id] = saying
            if self._world.store.load(touch_key(touch_id)) is None:
                self._world.broken.append((2, f"{saying.key} was answered 200, but {touch_id} is not stored"))
        if self._world.dice.strikes(self._world.mix.repeats):
            self._world.hub.after(
                self._world.dice.rng.choice((0.0, 3.0, 400.0)), lambda: self.attempt(saying, 0, repeat=True)
            )

    # ---- people at the CRM

    def people(self) -> None:
        """Somebody works in the CRM meanwhile: types a name, takes a lead over, logs a call, merges a copy."""
        for moment, what in self._world.acting:
            if self._world.mix.trouble and self._world.dice.strike():
                self._world.hub.at(30 + moment * self._world.mix.trouble, partial(self._in_the_crm, what))

    def _in_the_crm(self, what: str) -> None:
        ours = sorted(crm_id for crm_id, person in self._world.crm.people.items() if person.lead_key)
        if ours:
            self._world.tell(f"{'person':8} {what} {ours[0]}")
            self._world.acts += 1
            _ACTS[what](self, ours[0])

    def _edit(self, crm_id: str) -> None:
        self._world.crm.edit(crm_id, first_name="Corrected", lifecycle_stage="customer")
        self._world.edits[crm_id] = "Corrected"
        self._world.typed.add(("stage", "customer"))
        self._world.history.add("edited", crm_id)
        self._world.seen.add("a person edited the CRM")

    def _merge(self, crm_id: str) -> None:
        if len([person for person in self._world.crm.people.values() if person.lead_key]) > 1:
            return
        copy = self._world.crm.enter(last_name="Copy")
        self._world.crm.merge(crm_id, copy)
        self._world.edits.pop(crm_id, None)
        if crm_id in self._world.given:
            self._world.given[copy] = self._world.given.pop(crm_id)
        self._world.history.add("edited", copy, (crm_id,))
        self._world.seen.add("a person merged CRM records")

    def _give(self, crm_id: str) -> None:
        """To somebody of the team, or to somebody whom LeadRelay does not know; not back to whom it was before a write
        without an answer, which looks as if nothing had happened."""
        person = self._world.crm.people[crm_id]
        record = self._world.store.load(lead_key(person.lead_key or ""))
        mine = "" if record is None else record.lead.ownership.rep or ""
        known = self._world.store.load(sync_key(person.lead_key or "", SOURCE))
        offered = () if known is None else (known.owner, *known.offered)
        ours = {person.owner_id, versions()[0].team.rep(mine).crm.get(SOURCE) if mine else None, *offered}
        owner = self._world.hub.rng.choice([each for each in (*_OWNERS, "99999999") if each not in ours])
        self._world.crm.give(crm_id, owner)
        self._world.given[crm_id] = (owner, self._world.moment())
        self._world.typed.add(("owner", owner))
        self._world.history.add("edited", crm_id)
        self._world.seen.add("a person changed the owner in the CRM")

    def _call(self, crm_id: str) -> None:
        self._world.history.add("call", crm_id)
        self._world.seen.add("a person logged a call in the CRM")

    def _win(self, crm_id: str) -> None:
        """And somebody writes something else into the deal afterwards."""
        self._world.history.add("deal", crm_id)
        self._world.hub.after(100, partial(self._world.history.add, "deal", crm_id))
        self._world.seen.add("a deal was won in the CRM")

    def _give_back(self, crm_id: str) -> None:
        """For good, or more often as too early."""
        status = self._world.hub.rng.choice(["unqualified", "nurturing", "nurturing", "nurturing"])
        self._world.crm.edit(crm_id, lead_status=status)
        self._world.typed.add(("status", status))
        self._world.history.add("edited", crm_id)
        self._world.seen.add("a person gave a lead back")

    def _put_off(self, crm_id: str) -> None:
        """Nothing can be done for now, says the rep, and goes on some time later."""
        self._set_status(crm_id, "no_decision")
        self._world.hub.after(self._world.hub.rng.uniform(60, 600), partial(self._set_status, crm_id, "attempting"))
        self._world.seen.add("a person put a lead off")

    def _set_status(self, crm_id: str, status: str) -> None:
        if crm_id in self._world.crm.people:
            self._world.crm.edit(crm_id, lead_status=status)
            self._world.typed.add(("status", status))
            self._world.history.add("edited", crm_id)

    def _delete(self, crm_id: str) -> None:
        """Not one into which they merged ours, before LeadRelay has heard of that: nothing tells it whose it was."""
        lead_id = self._world.crm.people[crm_id].lead_key or ""
        known = self._world.store.load(sync_key(lead_id, SOURCE))
        ours = None if known is None else known.crm_id
        if ours not in (None, crm_id) and self._world.crm._final(ours) == crm_id:
            return
        if ours == crm_id:
            self._world.gone[lead_id] = self._world.moment()
        self._world.crm.delete(crm_id)
        self._world.edits.pop(crm_id, None)
        self._world.given.pop(crm_id, None)
        self._world.history.add("deleted", crm_id)
        self._world.seen.add("a person deleted a record")

    def _enter(self, crm_id: str) -> None:
        """Somebody new, by hand."""
        if self._type_in("created"):
            self._world.seen.add("a person entered somebody into the CRM")

    def _bring(self, crm_id: str) -> None:
        """Somebody who was in the CRM before LeadRelay was."""
        if self._type_in("edited"):
            self._world.seen.add("a contact that was always in the CRM was edited")

    def _type_in(self, event: str) -> bool:
        """Nobody who is there already."""
        there = {person.mail for person in self._world.crm.people.values()}
        who = next((each for each in _KNOWN_BEFORE if each.email not in there), None)
        if who is not None:
            crm_id = self._world.crm.enter(first_name=who.first_name, email=who.email)
            self._world.history.add(event, crm_id)
        return who is not None

    def in_the_last_minute(self, lead_id: str, due: datetime) -> None:
        """In some worlds a rep calls just when the time is up, a little before or a little after."""
        world = self._world
        if world.acting and not world.calm and self._rng.random() < _LAST_MINUTE and world.dice.strike():
            at = (due - world.start).total_seconds() - self._rng.uniform(-30, 90)
            world.hub.at(at, partial(self._calls, lead_id))

    def _calls(self, lead_id: str) -> None:
        found = sorted(crm_id for crm_id, person in self._world.crm.people.items() if person.lead_key == lead_id)
        if found:
            self._world.tell(f"{'person':8} call {found[0]}")
            self._world.acts += 1
            self._call(found[0])
            self._world.seen.add("a person called in the last minute")

    # ---- people of the team

    def absences(self) -> None:
        """Now and then somebody of the team falls ill, or all of them go out, and each is back some day."""
        rng = Random(f"absences {self._world.seed}")
        rep, moment = rng.choice(_SELLERS), rng.random() ** 2 * self._world.mix.trouble
        if rng.random() < _OUT and self._world.mix.trouble and self._world.dice.strike():
            for each in sorted({*_SELLERS}):
                self._world.hub.at(moment, partial(self._tell_of, each, "away"))
                back = moment + rng.choice((120.0, 600.0, 40_000.0))
                self._world.hub.at(back, partial(self._tell_of, each, "back"))
        elif rng.random() < _ILL and self._world.mix.trouble and self._world.dice.strike():
            self._world.hub.at(moment, partial(self._tell_of, rep, "away"))
            self._world.hub.at(moment + rng.choice((60.0, 600.0, 40_000.0)), partial(self._tell_of, rep, "back"))
            if rng.random() < _HANDED_OVER:
                after = rng.choice((45.0, 240.0))
                self._world.hub.at(moment + after, partial(self._tell_of, rep, "handed over"))

    def _tell_of(self, rep: str, what: str) -> None:
        """Until it was heard."""
        world = self._world
        world.tell(f"{'person':8} {rep} is {what}")
        work: Callable[[], object] = {
            "away": partial(world.reps.away, rep, None),
            "back": partial(world.reps.back, rep),
            "handed over": partial(world.handover, rep),
        }[what]

        def ended(run: Invocation) -> None:
            if run.fate != "done" or (what == "handed over" and run.result["changed"]):
                world.hub.after(30, partial(self._tell_of, rep, what))

        world.begin("reps", work, ended, 60)

    def operate(self) -> None:
        """A person puts dead letters back and takes up parked work; again while something is left."""
        if sum(queue.redrive() for queue in self._world.queues.values()):
            self._world.seen.add("dead letters redriven")
        self._world.witness.forget_waits()
        for why in PARKED:
            if self._world.store.listed(f"PARKED#{why}", 1):
                self._world.seen.add("parked work redriven")
                self._world.begin("redrive", partial(self._world.redrive, why), lambda _: None, 60)
        if self._world.calm:
            self._world.hub.after(300, self.operate)

    def plan_sweep(self) -> None:
        """A sweep each minute; those that would find nothing due are left out."""
        waits = self._world.store.anybody_waits()
        if not self._world.store.dues_changed and not (waits and self._sweep_at is None):
            return
        self._world.store.dues_changed = False
        unread = {SOURCE: self._world.history.unread(), LISTED: self._world.list.unread()}
        due = self._world.store.next_due(without="" if any(unread.values()) else "poll")
        if any(lacks and self._world.store.load(cursor_key(name)) is None for name, lacks in unread.items()):
            due = self._world.moment()
        if waits:
            due = self._world.moment()  # nothing says when somebody is free: each sweep looks
        if due is None:
            return
        ahead = self._world.mix.ahead if self._world.mix.skew and not self._world.calm else 0.0
        ahead += self._world.ahead.total_seconds()
        wanted = max((due - self._world.start).total_seconds() - ahead, self._last_sweep + 1, self._world.hub.now)
        minute = -(-wanted // 60) * 60
        if self._sweep_at is None or minute < self._sweep_at:
            self._sweep_at = minute
            self._world.hub.at(minute, lambda: self._sweep(minute))

    def _sweep(self, planned: float) -> None:
        if planned != self._sweep_at:
            return  # an earlier one was planned meanwhile
        self._sweep_at, self._last_sweep, self._world.store.dues_changed = None, self._world.hub.now, True
        luck = self._world.dice.one_of(self._world.mix.sweeps, ("late", "doubled", "skipped"))
        if luck == "skipped":
            self._world.seen.add("a sweep was skipped")
            return
        if self._is_unswept():
            self._world.seen.add("nobody swept for a long time")
            return
        self._begin_sweep(self._looked)
        if luck == "doubled":
            self._begin_sweep(lambda _: None)
            self._world.seen.add("a sweep was doubled")
        if luck == "late":
            late = partial(self._begin_sweep, lambda _: None)
            self._world.hub.after(self._world.dice.rng.uniform(5, 400), late)

    def _is_unswept(self) -> bool:
        window = self._world.mix.unswept
        return window is not None and not self._world.calm and window.covers(self._world.hub.now)

    def _begin_sweep(self, looked: Callable[[Invocation], None]) -> None:
        clocks, due = self._world.watch.clocks, dict[str, int]()

        def work() -> None:
            due.update(clocks.due(self._world.clock.now()))
            self._world.sweep()

        def ended(run: Invocation) -> None:
            clocks.swept(run, due)
            looked(run)

        self._world.begin("sweep", work, ended, 60)

    def _looked(self, run: Invocation) -> None:
        """By the rules of now, and nothing was written since: another sweep would find nothing else."""
        if run.fate == "done" and self._world.hub.now >= self._rules_before[1]:
            self._seen_writes = self._world.store.writes

    def has_looked(self) -> bool:
        """Whether the last sweep saw the world as it is."""
        return self._seen_writes == self._world.store.writes

    # ---- deployments

    def rules_seen(self) -> Rules:
        """The current rules as a worker has them: for a minute after a deployment some still have the last."""
        before, until = self._rules_before
        if self._world.hub.now < until and self._world.hub.rng.random() < 0.5:
            return before
        return self._world.rules.current()

    def deploy(self, number: int) -> None:
        if not self._world.dice.strike():
            return
        self._rules_before = (self._world.rules.current(), self._world.hub.now + 60)
        self._world.rules.deploy(self._world.versions[number])
        busy = any(queue.waiting for queue in self._world.queues.values())
        if busy:
            self._world.seen.add("rules rolled back in flight" if number == 0 else "rules changed in flight")
        self._world.tell(f"{'rules':8} version {number}")

    def upgrade(self) -> None:
        """New code: every worker dies, and what is queued was written by the release before."""
        if not self._world.dice.strike():
            return
        self._world.hub.kill_all()
        self._replay()
        waiting = [(queue, message) for queue in self._world.queues.values() for message in queue.waiting.values()]
        for queue, message in waiting:
            message.body = message.body if message.poison else older(message.body, queue.kind)
        if waiting:
            self._world.seen.add("an upgrade with messages in flight")
        self._world.tell(f"{'upgrade':8} {len(waiting)} messages of the older release")

    def _replay(self) -> None:
        """What released versions once queued comes again."""
        rules = self._world.versions[0].version
        for fact in _released():
            queue = self._world.queues.get(fact["name"])
            if queue is not None:
                detail = {"metadata": {**fact["metadata"], "rules_version": rules}, "data": fact["data"]}
                queue.put(
                    json.dumps({"detail-type": fact["name"], "detail": detail}), self._world.hub.rng.uniform(0, 5)
                )


_ILL, _OUT, _HANDED_OVER = 0.25, 0.1, 0.9
"""In which share of the histories somebody does, and all of them; how often somebody's leads are given to others."""

_LAST_MINUTE = 0.15
"""How often a rep calls just when the time is up."""

_SELLERS = ("anna", "anna", "marek", "ivana", "tomasz")
_KNOWN_BEFORE = (PEOPLE[1], PEOPLE[3], PEOPLE[2])
_OWNERS = tuple(rep.crm["hubspot"] for rep in versions()[0].team.reps)
_ACTS: dict[str, Callable[[Events, str], None]] = {
    "edit": Events._edit,
    "merge": Events._merge,
    "give": Events._give,
    "call": Events._call,
    "win": Events._win,
    "give back": Events._give_back,
    "put off": Events._put_off,
    "delete": Events._delete,
    "enter": Events._enter,
    "bring": Events._bring,
}
"""What people do in the CRM."""


def acts_of(seed: int) -> list[tuple[float, str]]:
    """What people do in the CRM of this seed's world, each with when, as a share of the time of trouble."""
    rng = Random(f"people {seed}")
    return [(rng.random(), rng.choice(tuple(_ACTS))) for _ in range(rng.choice((0, 0, 0, 1, 2, 3)))]


@cache
def _released() -> tuple[dict[str, Any], ...]:
    """Every fact of every release, as it was written then."""
    return tuple(fact for path in sorted(_CORPUS.glob("*.json")) for fact in json.loads(path.read_text("utf-8")))
