"""What an opportunity shows, in our words, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.kit.money import minor_units
from connectors.kit.wild import Wild
from connectors.salesforce.reading import Reading
from connectors.salesforce.shown import CRM, SYSTEM, Told
from connectors.salesforce.source import Options
from connectors.salesforce.values import at_path, moment, record_id
from leadrelay.domain.model import code
from leadrelay.domain.touch import CrmRecord, Deal

DEAL = ("IsClosed", "IsWon", "Amount")


class Deals:
    """Opportunities of one account. They belong to the person of their primary contact role, else of the first."""

    def __init__(self, reading: Reading, options: Options) -> None:
        self._reading = reading
        self._reason = options.reason_fields.get("Opportunity")
        self._currency = options.default_currency
        self._own_currency = ("CurrencyIsoCode",) if options.multi_currency else ()

    def asked(self) -> list[str]:
        """Every field to ask for."""
        return [*SYSTEM, *DEAL, *self._own_currency, *filter(None, [self._reason])]

    def told(self, rows: Sequence[Wild]) -> list[Told]:
        """What each row says. A deal that was deleted is nobody's any more, nor is one without people."""
        ids = {record_id(row, "Opportunity"): row for row in rows}
        whose = self._whose([one for one, row in ids.items() if not row.get("IsDeleted").flag()])
        return [self._told(own, row, whose.get(own, "")) for own, row in ids.items()]

    def _told(self, own: str, row: Wild, person: str) -> Told:
        gone = row.get("IsDeleted").flag()
        record = CrmRecord(
            crm=CRM,
            kind="deal",
            person=person,
            record_id=own,
            reason=code(at_path(row, self._reason)) if self._reason else None,
            deal=None if gone else self._deal(row),
        )
        return Told("deleted" if gone else "deal", record, moment(row, "SystemModstamp"), moment(row, "CreatedDate"))

    def _whose(self, ids: Sequence[str]) -> dict[str, str]:
        if not ids:
            return {}
        names = ("OpportunityId", "ContactId", "IsPrimary", "IsDeleted")
        rest = "WHERE OpportunityId IN {ids} ORDER BY CreatedDate DESC, Id DESC LIMIT 2000"
        roles = self._reading.select(names, "OpportunityContactRole", rest, ids=list(ids)).rows
        roles = [role for role in roles if not role.get("IsDeleted").flag()]
        # The last one written wins: the oldest, and before all others the primary one.
        ranked = sorted(roles, key=lambda role: role.get("IsPrimary").flag())
        return {
            record_id(role, "Opportunity", "OpportunityId"): record_id(role, "Contact", "ContactId") for role in ranked
        }

    def _deal(self, row: Wild) -> Deal:
        state = "won" if row.get("IsWon").flag() else "lost" if row.get("IsClosed").flag() else "open"
        said = at_path(row, "CurrencyIsoCode") if self._own_currency else ""
        currency = said or self._currency
        amount = minor_units(_decimal(row.get("Amount")), currency) if currency else None
        return Deal.model_validate({"state": state, "amount": amount, "currency": currency})


def _decimal(value: Wild) -> str:
    """JSON's number as its digits: what was read as a binary fraction shows the shortest decimal that it stands for."""
    return "" if value.missing else repr(value.number())
