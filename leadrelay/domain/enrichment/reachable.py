"""What an e-mail address and a phone number say by themselves: whose they are, and where."""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.domain.person import normal
from leadrelay.domain.person.identity import is_role_address
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.throwaway import is_disposable

EMAIL_KINDS = ("company", "role", "free", "disposable")
"""What an address can be."""

BOUNCED = "bounced"
"""The state of an address that takes no mail."""

PHONE_KINDS: Mapping[str, str] = {
    "FIXED_LINE": "fixed",
    "MOBILE": "mobile",
    "FIXED_LINE_OR_MOBILE": "fixed_or_mobile",
    "TOLL_FREE": "toll_free",
    "PREMIUM_RATE": "premium",
    "SHARED_COST": "shared_cost",
    "VOIP": "voip",
    "PERSONAL_NUMBER": "personal",
    "PAGER": "pager",
    "UAN": "company",
    "VOICEMAIL": "voicemail",
    "UNKNOWN": "invalid",
}
"""The numbering plan's name of a kind of number -> ours. `company` reaches a whole company under one number; `invalid`
has the length of a number and is none that anybody was given."""


def email_kind(address: str, policy: FieldsPolicy) -> str:
    """disposable (gone within the hour), role (a mailbox of many), free (nobody's company), else company."""
    host = address.rpartition("@")[2]
    if is_disposable(host, policy):
        return "disposable"
    if is_role_address(address, policy):
        return "role"
    return "free" if {host, normal.company_domain(address, ())} & set(policy.free_mail) else "company"


def phone_facts(number: str) -> tuple[str, str | None] | None:
    """The kind of an E.164 number and its country (ISO 3166 alpha-2; None for international ones), or None where it is
    no number."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    kind = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(parsed))
    country = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(
        parsed.country_code or 0
    )
    return PHONE_KINDS.get(kind, "invalid"), normal.country(country)
