"""Salesforce: an outbound message says that somebody changed a record."""

from __future__ import annotations

from datetime import datetime

from connectors.kit import sample
from connectors.salesforce import soap
from connectors.salesforce.ids import long_id
from connectors.salesforce.source import OUTBOUND
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

_MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="{envelope}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
<notifications xmlns="{outbound}"><OrganizationId>{organization}</OrganizationId><ActionId>04k000000000001AAA</ActionId>
<SessionId xsi:nil="true"/><EnterpriseUrl>https://vendor.example/c</EnterpriseUrl>
<PartnerUrl>https://vendor.example/u</PartnerUrl>
<Notification><Id>{notification}</Id><sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
<sf:Id>{record}</sf:Id><sf:LastModifiedDate>{at}</sf:LastModifiedDate></sObject></Notification>
</notifications></soapenv:Body></soapenv:Envelope>"""


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """A change of the Lead `form` in the organisation of the option. Raises ValueError when `form` is no such id."""
    body = _MESSAGE.format(
        envelope=soap.ENVELOPE,
        outbound=OUTBOUND,
        organization=settings.options.get("organization_id", ""),
        notification=f"04l{sample.digits(visit, 12)}",
        record=_record(visit.form),
        at=sample.iso(now),
    )
    headers = {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}
    return Sent(headers, body.encode(), query=(("token", newest(secrets, "token")),))


def _record(form: str) -> str:
    """A Lead's id, 15 or 18 characters; up to twelve digits are the end of one."""
    found = long_id(form if form.startswith("00Q") else f"00Q{int(form):012}", "Lead")
    if found is None:
        raise ValueError("the id of a Lead: 15 or 18 letters and digits")
    return found
