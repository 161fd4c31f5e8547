"""What a person can do about what the CRM refuses."""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.ports.crm import Rejected
from leadrelay.ports.records import Refusal

_HINTS: Mapping[str, str] = {
    "VALIDATION": "Correct the value in the CRM or its list of values, or set the field to `never` in crm.yaml.",
    "DUPLICATE": "Another record has this address. Merge the two in the CRM, then redrive.",
    "PERMISSION": "Give the integration the right to write this field, or set it to `never` in crm.yaml.",
    "OWNER_INACTIVE": "Reactivate the owner in the CRM, or correct team.yaml (`leadrelay crm owners` lists them).",
    "STAGE_REFUSED": "The CRM's stage order or its values differ: compare `leadrelay crm doctor`.",
    "NOT_FOUND": "The record was deleted in the CRM. LeadRelay does not make it again by itself.",
    "DEFECT": "The connector broke on this lead: report the log line `deliver_defect`; once mended, redrive.",
    "AUTH": "Renew the CRM's credentials, then redrive.",
}
_MESSAGE = 500


def refusal(what: str, rejected: Rejected, value: str | None) -> Refusal:
    """To be kept until the value changes or a person redrives."""
    hint = _HINTS.get(rejected.code, "Mend what the CRM's message names, then redrive.")
    return Refusal(what=what, code=rejected.code, message=rejected.message[:_MESSAGE], hint=hint, value=value)
