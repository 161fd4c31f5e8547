"""Credit: a manager's word about what counts in a pool's turns, such as leads that were none.

The ledger keeps it apart from what it counts by itself, and the log says what was told and when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.facts import Context
from leadrelay.domain.routing.credits import Grant, granted
from leadrelay.domain.routing.ledger import Ledger
from leadrelay.domain.routing.rep_facts import RepCredited
from leadrelay.domain.routing.team import Pool, TeamPolicy
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Reject, Retry
from leadrelay.ports.records import PoolRecord, pool_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.workflows.log import pool_log
from leadrelay.workflows.outcome import ATTEMPTS


@dataclass(frozen=True, slots=True)
class RepCredit:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    clock: Clock

    def __call__(self, rep: str, pool_id: str, grant: Grant) -> Ledger:
        """The pool's ledger of that class afterwards. Raises Reject for a pool that there is not, for who is no member
        and for a grant of nothing, Retry while others change the same pool."""
        rules = self.rules.current()
        pool = _pool(rules.team, pool_id)
        if all(member.rep != rep for member in pool.members):
            members = ", ".join(member.rep for member in pool.members)
            raise Reject("no_member", f"pool {pool_id} has no member '{rep}'; it has {members}")
        if not grant.leads:
            raise Reject("nothing", "a credit of no leads changes nothing")
        for _ in range(ATTEMPTS):
            try:
                return self._work(rep, pool, grant, rules)
            except Conflict:
                continue
        raise Retry(1, f"the turns of {pool_id} are being changed by others")

    def _work(self, rep: str, pool: Pool, grant: Grant, rules: RuleSet) -> Ledger:
        record, now = self.store.load(pool_key(pool.id)) or PoolRecord(pool_id=pool.id), self.clock.now()
        ledger = granted(record.turns.of(grant.kind), pool, rep, grant, now)
        turns = record.turns.after(grant.kind, ledger)
        changed = record.with_(version=record.version + 1, turns=turns)
        fact = RepCredited(rep=rep, pool=pool.id, kind=grant.kind, leads=grant.leads, why=grant.why)
        context = _context(changed, fact, rules, now)
        puts = (Put(changed), Put(pool_log(changed, [fact], context)))
        self.store.commit(Change(cause=context.causation_id, puts=puts))
        return ledger


def _pool(team: TeamPolicy, pool_id: str) -> Pool:
    found = next((pool for pool in team.pools if pool.id == pool_id), None)
    if found is None:
        known = ", ".join(pool.id for pool in team.pools)
        raise Reject("unknown_pool", f"team.yaml has no pool '{pool_id}'; it has {known}")
    return found


def _context(record: PoolRecord, fact: RepCredited, rules: RuleSet, now: datetime) -> Context:
    """A person's word answers no fact: what was said of which version is its cause."""
    return Context(
        correlation_id=f"pool:{record.pool_id}",
        causation_id=f"{fact.name()}:{fact.pool}:{fact.rep}:{fact.leads}:{record.version}:{now:%Y%m%dT%H%M%S.%fZ}",
        rules_version=rules.version,
        at=now,
    )
