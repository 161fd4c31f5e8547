"""What a person may have changed by hand in a CRM about somebody, under our own names; the rest of the field map is
ours."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.kit.drafts import VALUE_BYTES, answer
from connectors.kit.wild import Wild
from leadrelay.domain.touch import Words

SAID = {
    "email": "lead.email",
    "phone": "lead.phone",
    "first_name": "lead.first_name",
    "last_name": "lead.last_name",
    "job_title": "lead.job_title",
    "company": "account.name",
    "country": "account.country",
    "industry": "account.industry",
    "employees": "account.employees",
}
"""The words of the field map, and what the answers of a touch call them."""


REFUSALS = {"refuses_mail": "mail", "refuses_calls": "calls", "refuses_contact": "contact"}
"""The words of the field map that people tick in the CRM, and what is refused by it."""


def refuses(shown: Mapping[str, str]) -> tuple[str, ...]:
    """The purposes that a record refuses; `shown` by the words of the field map."""
    return tuple(sorted(purpose for word, purpose in REFUSALS.items() if shown.get(word, "").casefold() == "true"))


def words(shown: Mapping[str, str]) -> Words:
    """The answers that a record holds; `shown` by the words of the field map, as in `FieldMap.shown`."""
    found = (answer(name, [Wild(shown.get(word)).said(VALUE_BYTES)]) for word, name in SAID.items())
    return Words(answers=tuple(one for one in found if one))
