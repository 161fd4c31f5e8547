"""Campaigns: who is a member. Adding somebody twice and removing somebody who is not there are both done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_trouble import Refusal, Refused
from connectors.salesforce.answers import GONE
from connectors.salesforce.fields import Kind
from connectors.salesforce.ids import long_id
from connectors.salesforce.lookup import Lookup, kind_of
from connectors.salesforce.rows import Row, Rows, Saved
from connectors.salesforce.session import Org
from leadrelay.ports.crm import Moved, Ok, Rejected, SetMembership, WriteResult

MEMBER = "CampaignMember"
PERSON: Mapping[Kind, str] = {"Lead": "LeadId", "Contact": "ContactId"}


class Members:
    """The campaign members of one account."""

    def __init__(self, org: Org, fields: FieldMap, lookup: Lookup) -> None:
        self._rows = Rows(org, fields)
        self._lookup = lookup

    def put(self, ops: Sequence[SetMembership]) -> list[WriteResult]:
        """Add and remove; results in the same order. Those who are added travel in one call."""
        wrong = [op for op in ops if not (kind_of(op.crm_id) and long_id(op.list_id, "Campaign"))]
        results: dict[str, WriteResult] = {
            op.op_id: Rejected(op.op_id, "VALIDATION", "not the id of a campaign, a lead or a contact") for op in wrong
        }
        joining = [op for op in ops if op.member and op not in wrong]
        results |= self._add(joining) if joining else {}
        results |= {op.op_id: self._remove(op) for op in ops if not op.member and op not in wrong}
        return [results[op.op_id] for op in ops]

    def _add(self, ops: Sequence[SetMembership]) -> dict[str, WriteResult]:
        rows = [Row(op.op_id, MEMBER, {"CampaignId": op.list_id, _person(op): op.crm_id}) for op in ops]
        outcomes = self._rows.save(rows)
        results: dict[str, WriteResult] = {}
        for op in ops:
            told = outcomes[op.op_id]
            if isinstance(told, Saved) or (isinstance(told, Refusal) and told.code == "DUPLICATE"):
                results[op.op_id] = Ok(
                    op.op_id, told.crm_id if isinstance(told, Saved) else "", isinstance(told, Saved)
                )
            elif isinstance(told, Refusal) and told.code in GONE:
                results[op.op_id] = self._moved(op, told)
            else:
                results[op.op_id] = told.result(op.op_id)
        return results

    def _moved(self, op: SetMembership, told: Refusal) -> WriteResult:
        try:
            new = self._lookup.successors([op.crm_id])
        except Refused as refused:
            return refused.trouble.result(op.op_id)
        return Moved(op.op_id, next(iter(new.values()))) if new else told.result(op.op_id)

    def _remove(self, op: SetMembership) -> WriteResult:
        from simple_salesforce.format import format_soql

        query = "SELECT Id FROM {:literal} WHERE CampaignId = {} AND {:literal} = {}"
        try:
            found = list(self._lookup.pages(format_soql(query, MEMBER, op.list_id, _person(op), op.crm_id)))
        except Refused as refused:
            return refused.trouble.result(op.op_id)
        for row in found:
            trouble = self._rows.delete(MEMBER, str(row["Id"]))
            if trouble:
                return trouble.result(op.op_id)
        return Ok(op.op_id, str(found[0]["Id"]) if found else "")


def _person(op: SetMembership) -> str:
    return PERSON[kind_of(op.crm_id) or "Lead"]
