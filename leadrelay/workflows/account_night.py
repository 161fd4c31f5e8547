"""The night of an account: somebody came or fell silent, and that is news to everybody else of the company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from leadrelay.domain.account.counting import home
from leadrelay.domain.decide import judge
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.night import night
from leadrelay.ports.records import PeopleRecord, lead_key, rescore_key
from leadrelay.ports.store import Change, Put, Store, Unchanged
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.night_row import night_cause
from leadrelay.workflows.outcome import Outcome, written
from leadrelay.workflows.spare import spared


@dataclass(frozen=True, slots=True)
class AccountNight:
    """One account in one night, by the rules of the moment (`now`: UTC)."""

    store: Store
    telemetry: Telemetry
    rules: Rules
    now: datetime

    def __call__(self, people: PeopleRecord) -> bool:
        """Tell everybody; False when somebody could not be told: the account stays due, and who was told is not told
        again."""
        leads = [each.lead_id for each in people.crowd.people]
        told = [
            spared("rescore", lead_key(lead_id), partial(self._tell, lead_id, people), self.telemetry)
            for lead_id in leads
        ]
        if all(told):
            self._until_next(people)
        return all(told)

    def _tell(self, lead_id: str, people: PeopleRecord) -> bool:
        """One of them, if the numbers are news to the lead and it is anybody's to see."""
        record, row = self.store.load(lead_key(lead_id)), self.store.load(rescore_key(lead_id))
        if record is None or row is None or row.rules_version is None or home(record.profile) != people.domain:
            return True
        count = people.crowd.counted(self.rules.scoring.account, self.now)
        if (count.people, count.active) == (record.lead.account_people, record.lead.account_active):
            return True
        decision = Decision(record.lead, record.profile, self.rules, self.now)
        decision.say(count)
        judge(decision)
        context = Context(
            correlation_id="" if record.lead.last is None else record.lead.last.touch_id,
            causation_id=f"{night_cause(row)}:account",
            rules_version=self.rules.version,
            at=self.now,
        )
        puts = written([Outcome(decision, record, context, {}, night=row)], self.store)
        unchanged = (Unchanged(people.key(), people.version),)
        self.store.commit(Change(cause=context.causation_id, puts=tuple(puts), unchanged=unchanged))
        return True

    def _until_next(self, people: PeopleRecord) -> None:
        silent_at = people.crowd.falls_silent_at(self.rules.scoring.account, self.now)
        soon = self.now + timedelta(seconds=1)
        due_at = None if silent_at is None else night(people.domain, max(silent_at, soon), self.rules)
        later = people.with_(version=people.version + 1, due_at=due_at)
        self.store.commit(Change(cause=f"account:{later.version}", puts=(Put(later),)))
