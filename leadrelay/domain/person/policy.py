"""`fields.yaml`: the fields of a lead and its account, and what senders call them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Model

Kind = Literal["text", "number", "flag", "email", "phone", "country"]


class FieldPolicy(Model):
    """One profile field, named `lead.x` or `account.x`.

    `says` are the names senders use for it, in any case and spelling of separators. `values` translates what people
    write into our codes ("oprogramowanie" -> software); an unknown value is kept as it was written. `report` makes it
    a filter in reports; a personal field is never one.
    """

    kind: Kind = "text"
    says: tuple[str, ...] = ()
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    personal: bool = False
    report: bool = False
    about: str = ""


class FieldsPolicy(Model):
    """`role_addresses` (info@) reach a mailbox of many people and never merge two persons; `free_mail` and
    `disposable_mail` domains are nobody's company, `shared_sites` nobody's website. `shared_phones` are switchboards
    (E.164, or the beginning of a range followed by "*"). `account_aliases` say which account another domain belongs
    to."""

    fields: dict[str, FieldPolicy]
    role_addresses: tuple[str, ...]
    free_mail: tuple[str, ...]
    home_country: str
    disposable_mail: tuple[str, ...] = ()
    shared_phones: tuple[str, ...] = ()
    shared_sites: tuple[str, ...] = ()
    account_aliases: dict[str, str] = Field(default_factory=dict)
