"""Who it is: the identities a touch gives, and which known leads it may be joined with.

An identity is stored only as a keyed hash, so the table's keys say nothing about a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from leadrelay.domain.model import Model
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.profile import Plain, Profile
from leadrelay.domain.touch import Trust, Words

IdentityKind = Literal["email", "phone", "anonymous"]

_FIELDS: Mapping[IdentityKind, str] = {"email": "lead.email", "phone": "lead.phone"}
"""The profile field that an identity is read from."""


class Identity(Model):
    """Something that names one person. `value` is personal: hash it before it is stored."""

    kind: IdentityKind
    value: str


def identities(values: Mapping[str, Plain], words: Words, policy: FieldsPolicy) -> tuple[Identity, ...]:
    """The identities a touch gives, strongest first."""
    found: list[Identity] = []
    if address := values.get("lead.email"):
        found.append(Identity(kind="email", value=_mailbox(str(address), values, policy)))
    if number := values.get("lead.phone"):
        found.append(Identity(kind="phone", value=str(number)))
    if words.anonymous_id:
        found.append(Identity(kind="anonymous", value=words.anonymous_id))
    return tuple(found)


def is_role_address(address: str, policy: FieldsPolicy) -> bool:
    """Whether many people read this mailbox (info@, office@)."""
    return address.partition("@")[0] in policy.role_addresses


def may_join(kind: IdentityKind, values: Mapping[str, Plain], known: Profile, policy: FieldsPolicy) -> bool:
    """Whether a touch with these values may be the person it was matched with by an identity of this kind.

    An e-mail address names one person. A phone number may be a switchboard, a browser may be shared: they never
    join two people who gave different addresses, nor two who share a role address under different names.
    """
    if kind == "email":
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
    name = f"{values.get('lead.first_name', '')} {values.get('lead.last_name', '')}".strip()
    return f"{address} {name.casefold()}"
