"""LinkedIn: somebody answers a lead gen form. The notification names the response, the API knows the person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings

OWNER = {"sponsoredAccount": "urn:li:sponsoredAccount:500000001"}
CREATIVE = {"associatedCreative": "urn:li:sponsoredCreative:600000001"}
_QUESTIONS = {
    "first_name": "FIRST_NAME",
    "last_name": "LAST_NAME",
    "email": "WORK_EMAIL",
    "phone": "PHONE_NUMBER",
    "job_title": "JOB_TITLE",
    "company": "COMPANY_NAME",
    "employees": "COMPANY_SIZE",
    "industry": "INDUSTRY",
    "country": "COUNTRY",
}


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """One response of a sponsored form. Raises ValueError when `form` is no number, as LinkedIn's are."""
    response, millis = f"{sample.digits(visit, 12)}-1", round(now.timestamp() * 1000)
    form = f"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:{int(visit.form)},1)"
    body = sample.compact(
        {
            "type": "LEAD_ACTION",
            "leadGenFormResponse": f"urn:li:leadGenFormResponse:{response}",
            "leadGenForm": form,
            "owner": OWNER,
            "associatedEntity": CREATIVE,
            "leadType": "SPONSORED",
            "leadAction": "CREATED",
            "occurredAt": millis,
        }
    )
    proof = signing.sign(newest(secrets, "client_secret"), b"hmacsha256=" + body).decode()
    later = {"id": response, "versionedLeadGenFormUrn": form, "submittedAt": millis, **_response(visit)}
    return Sent({"content-type": "application/json", "x-li-signature": proof}, body, later=later)


def _response(visit: Visit) -> dict[str, Any]:
    said = list(sample.renamed(visit, _QUESTIONS).items())
    return {
        "owner": OWNER,
        "leadType": "SPONSORED",
        "testLead": False,
        "associatedEntity": CREATIVE,
        "leadMetadata": {"sponsoredLeadMetadata": {"campaign": "urn:li:sponsoredCampaign:700000001"}},
        "formResponse": {
            "answers": [
                {"questionId": number, "answerDetails": {"textQuestionAnswer": {"answer": value}}}
                for number, (_, value) in enumerate(said, 1)
            ]
        },
        "form": {
            "name": "Book a demo",
            "hiddenFields": [{"name": f"utm_{name}", "value": value} for name, value in visit.utm.items()],
            "content": {"questions": [_question(number, name) for number, (name, _) in enumerate(said, 1)]},
        },
    }


def _question(number: int, name: str) -> dict[str, Any]:
    words = {"localized": {"en_US": name.replace("_", " ").capitalize()}}
    return {"questionId": number, "predefinedField": name, "question": words, "questionDetails": {}}
