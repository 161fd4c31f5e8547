"""What a contact or a deal shows, in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from connectors.hubspot.fields import MERGED_PROPERTY, OWNER_PROPERTY
from connectors.hubspot.lookup import Contact
from connectors.hubspot.reading import Reading
from connectors.hubspot.transport import is_id
from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_words import refuses, words
from connectors.kit.money import minor_units
from leadrelay.domain.model import code
from leadrelay.domain.touch import CrmRecord, Deal, Words

CRM = "hubspot"
DEAL_PROPERTIES = ("dealstage", "pipeline", "amount", "deal_currency_code", "closed_lost_reason")
State = Literal["open", "won", "lost"]


def said(contact: Contact, fields: FieldMap) -> Words:
    """What the contact says about the person, under our own field names."""
    return words(fields.shown(dict(contact.properties)))


def person(contact: Contact, fields: FieldMap) -> CrmRecord:
    """The contact's record: ids and codes only."""
    shown = fields.shown(dict(contact.properties))
    owner = contact.properties.get(OWNER_PROPERTY)
    return CrmRecord(
        crm=CRM,
        kind="person",
        person=contact.crm_id,
        record_id=contact.crm_id,
        owner=owner if is_id(owner) else None,
        status=code(shown.get("lead_status")),
        stage=code(shown.get("lifecycle_stage")),
        reason=code(shown.get("reason")),
        refuses=refuses(shown),
        decision_maker=code(shown.get("decision_maker")),
        timing=code(shown.get("timing")),
        was=tuple(one for one in contact.listed(MERGED_PROPERTY) if is_id(one)),
    )


@dataclass(slots=True)
class Deals:
    """Deals of one account. Its stages and currency hardly change: they are asked once, and again for a stage that was
    not known then."""

    reading: Reading
    _stages: dict[str, State] = field(default_factory=dict)
    _currency: str = ""

    def shown(self, properties: Mapping[str, str]) -> Deal:
        """State, and amount in minor units. A deal without a currency of its own is in the account's."""
        amount = properties.get("amount") or ""
        currency = (properties.get("deal_currency_code") or (self._company_currency() if amount else "")).upper()
        known = currency if len(currency) == 3 and currency.isascii() and currency.isalpha() else None
        return Deal(state=self.state(properties), amount=minor_units(amount, known) if known else None, currency=known)

    def state(self, properties: Mapping[str, str]) -> State:
        """By the stage's own word in its pipeline; a stage that no pipeline has any more leaves the deal open."""
        stage = f"{properties.get('pipeline') or ''}/{properties.get('dealstage') or ''}"
        if stage not in self._stages:
            self._stages = dict(_stages(self.reading))
        return self._stages.get(stage, "open")

    def _company_currency(self) -> str:
        self._currency = self._currency or str(self.reading.details().get("companyCurrency") or "")
        return self._currency


def _stages(reading: Reading) -> Iterator[tuple[str, State]]:
    for pipeline in reading.pipelines("deals"):
        for stage in pipeline.get("stages") or []:
            yield f"{pipeline.get('id')}/{stage.get('id')}", _ended(stage.get("metadata") or {})


def _ended(metadata: Mapping[str, object]) -> State:
    if str(metadata.get("isClosed", "")).lower() != "true":
        return "open"
    try:
        won = float(str(metadata.get("probability"))) > 0
    except ValueError:
        won = False
    return "won" if won else "lost"
