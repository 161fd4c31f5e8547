"""Who it is: the identities a touch gives, and which known leads it may be joined with.

An identity is stored only as a keyed hash, so the table's keys say nothing about a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from leadrelay.domain.model import Model
from leadrelay.domain.person import normal
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.profile import Plain, Profile
from leadrelay.domain.touch import Touch, Trust, Words

IdentityKind = Literal["email", "phone", "chat", "anonymous"]

Matched = Literal["crm", "email", "phone", "chat", "anonymous"]
"""What told who it is: a record of the CRM, or an identity of this kind."""

_FIELDS: Mapping[IdentityKind, str] = {"email": "lead.email", "phone": "lead.phone"}
"""The profile field that an identity is read from."""


_PERSONS: frozenset[IdentityKind] = frozenset({"email", "chat"})
"""Identities that are one person's own: they join whatever else was said."""


class Identity(Model):
    """Something that names one person. `value` is personal: hash it before it is stored."""

    kind: IdentityKind
    value: str


def identities(values: Mapping[str, Plain], touch: Touch, words: Words, policy: FieldsPolicy) -> tuple[Identity, ...]:
    """The identities a touch gives, strongest first."""
    found: list[Identity] = []
    if address := values.get("lead.email"):
        found.append(Identity(kind="email", value=_mailbox(str(address), values, policy)))
    chat = _is_chat(touch, words)
    if chat:
        found.append(Identity(kind="chat", value=words.anonymous_id or ""))
    if number := values.get("lead.phone"):
        found.append(_phone(str(number), values, policy))
    if words.anonymous_id and not chat:
        found.append(Identity(kind="anonymous", value=words.anonymous_id))
    return tuple(found)


def of_switchboard(number: Identity, values: Mapping[str, Plain]) -> Identity:
    """A number that several people gave: it names somebody only together with the name they gave."""
    return number.with_(value=f"{number.value} {_name(values)}")


def is_switchboard(number: str, policy: FieldsPolicy) -> bool:
    """Whether an E.164 number is known to be many people's: by the rules, or by its kind (toll-free)."""
    listed = (number.startswith(one[:-1]) if one.endswith("*") else number == one for one in policy.shared_phones)
    return any(listed) or normal.is_for_everybody(number)


def is_role_address(address: str, policy: FieldsPolicy) -> bool:
    """Whether many people read this mailbox (info@, office@); `info+web@` is the same one."""
    return address.partition("@")[0].partition("+")[0] in policy.role_addresses


def _is_chat(touch: Touch, words: Words) -> bool:
    """A chat's connector names its people `{vendor}:…`; nobody can say so through another door."""
    return bool(words.anonymous_id) and str(words.anonymous_id).startswith(f"{touch.vendor}:")


def _phone(number: str, values: Mapping[str, Plain], policy: FieldsPolicy) -> Identity:
    said = Identity(kind="phone", value=number)
    return of_switchboard(said, values) if is_switchboard(number, policy) else said


def may_join(kind: IdentityKind, values: Mapping[str, Plain], known: Profile, policy: FieldsPolicy) -> bool:
    """Whether a touch with these values may be the person it was matched with by an identity of this kind.

    An e-mail address and a chat name one person. A phone number may be a switchboard, a browser may be shared: they
    never join two people who gave different addresses, nor two who share a role address under different names.
    """
    if kind in _PERSONS:
        return True
    theirs, ours = known.text("lead.email"), values.get("lead.email")
    if theirs is None or ours is None:
        return True
    return _mailbox(theirs, known.plain(), policy) == _mailbox(str(ours), values, policy)


def may_name(identity: Identity, trust: Trust, known: Profile) -> bool:
    """Whether a touch may give a known lead this new identity: nobody unproven adds to a proven address or number."""
    field = _FIELDS.get(identity.kind)
    value = None if field is None else known.values.get(field)
    return trust == "verified" or value is None or value.basis != "verified"


def is_repeated(identity: Identity, values: Mapping[str, Plain], known: Profile) -> bool:
    """Whether a touch only repeats what nobody has proven about a lead: a CRM shows what we wrote there."""
    field = _FIELDS.get(identity.kind, "")
    value = known.values.get(field)
    return value is not None and value.basis != "verified" and str(value.value) == str(values.get(field))


def _mailbox(address: str, values: Mapping[str, Plain], policy: FieldsPolicy) -> str:
    """A role address names a person only together with the name they gave."""
    if not is_role_address(address, policy):
        return address
    return f"{address} {_name(values)}"


def _name(values: Mapping[str, Plain]) -> str:
    return f"{values.get('lead.first_name', '')} {values.get('lead.last_name', '')}".strip().casefold()
