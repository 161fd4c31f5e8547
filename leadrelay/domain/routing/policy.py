"""`routing.yaml`: the ordered rules that say whose a lead is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from leadrelay.domain.model import Model
from leadrelay.domain.routing.tables import DESTINATIONS, Row, Table


class RouteRule(Model):
    """If the condition holds, the lead goes there; the first rule that holds wins.

    Exactly one of `pool`, `rep`, `queue`, `table` (a decision table of `routing.yaml`). With a pool, `owner` names
    whose it is before anybody else's turn: the owner of the company in the CRM (`account`), who has its open deal
    (`deal`), who had this person last (`person`), or whom they talk to already (`conversation`, `lead.rep`); the pool,
    or the table's, is the fallback. `needs` are skills that a rep must have, `prefers` skills that decide between those
    who may take it, as does the lead's `language`, unless it is required or does not matter. A rule with `hand_off`
    also takes a lead that already has an owner elsewhere: SDR to AE when it becomes SQL.
    """

    id: str
    if_: str = Field(alias="if")
    pool: str | None = None
    rep: str | None = None
    queue: str | None = None
    table: str | None = None
    owner: Literal["account", "deal", "person", "conversation"] | None = None
    needs: tuple[str, ...] = ()
    prefers: tuple[str, ...] = ()
    language: Literal["require", "prefer", "ignore"] = "prefer"
    hand_off: bool = False
    next_step: str = "Call"
    says: str

    @model_validator(mode="after")
    def _one_destination(self) -> RouteRule:
        if sum(place is not None for place in (self.pool, self.rep, self.queue, self.table)) != 1:
            raise ValueError("give exactly one of pool, rep, queue, table")
        if self.owner is not None and self.pool is None and self.table is None:
            raise ValueError("owner needs a pool to fall back on")
        return self

    def by_row(self, name: str, row: Row) -> RouteRule:
        """The rule as a row of its table has it."""
        places = {place: getattr(row, place) for place in DESTINATIONS}
        return self.with_(**places, id=f"{self.id}/{name}", table=None, says=_says(self, row))


def _says(rule: RouteRule, row: Row) -> str:
    return rule.says if row.says is None else f"{rule.says}: {row.says}"


class RoutingPolicy(Model):
    """`max_hops` ends reassignment for sure: after so many owners of a pool who did not call, or passed it on, the
    pool's manager takes the lead; the last `exclude_last` owners are not asked again. After a breach `best_previous`
    gives it once more to one who had it before, when nobody else may take it or those owners were enough. For
    `override_hours` (elapsed) after a person chose the owner in the CRM, nobody takes the lead away from them. Who may
    not be contacted goes to the queue `do_not_contact`, whatever the rules say. `tables` are decision tables by name,
    for rules that lead to one. `key_accounts` are domains of companies that matter most (`account.key`)."""

    rules: tuple[RouteRule, ...]
    tables: dict[str, Table] = Field(default_factory=dict)
    key_accounts: tuple[str, ...] = ()
    max_hops: int = Field(default=3, ge=1, le=20)
    exclude_last: int = Field(default=2, ge=1, le=20)
    best_previous: bool = False
    override_hours: int = Field(default=24, ge=0, le=24 * 365)
    do_not_contact: str = "do_not_contact"

    @property
    def override(self) -> timedelta:
        """How long a person's choice is not touched."""
        return timedelta(hours=self.override_hours)

    @property
    def refused(self) -> RouteRule:
        """Stands before all rules: who may not be contacted is nobody's to contact."""
        says = "Nobody may contact them"
        return RouteRule.model_validate(
            {"id": "do_not_contact", "if": "lead.do_not_contact", "queue": self.do_not_contact, "says": says}
            | {"hand_off": True}
        )

    def landed(self, rule: RouteRule, seen: Mapping[str, object]) -> RouteRule | None:
        """Where a rule that holds leads to: for one with a table, by the row that decides; None where no row does."""
        if rule.table is None:
            return rule
        found = self.tables.get(rule.table, Table()).row(seen)
        return None if found is None else rule.by_row(*found)

    def says(self, rule_id: str) -> str | None:
        """What a rule, or a row of its table ("territory/12"), says to the rep; None for a rule that is no more. A row
        that is no more speaks in the words of its rule."""
        own, _, name = rule_id.partition("/")
        rule = next((rule for rule in (*self.rules, self.refused) if rule.id == own), None)
        if rule is None or not name or rule.table is None:
            return None if rule is None else rule.says
        row = dict(self.tables.get(rule.table, Table()).named()).get(name)
        return rule.says if row is None else _says(rule, row)
