"""`fields.yaml`: the fields of a lead and its account, and what senders call them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Model

Kind = Literal["text", "number", "flag", "email", "phone", "country", "time"]


class FieldPolicy(Model):
    """One profile field, named `lead.x` or `account.x`.

    `says` are the names senders use for it, in any case and spelling of separators. `values` translates what people
    write into our codes ("oprogramowanie" -> software); an unknown value is kept as it was written. `report` makes it
    a filter in reports; a personal field is never one. A `time` is kept in UTC (ISO 8601). A text is cut after
    `longest` bytes of UTF-8: all fields of a lead together fit one record, whoever fills them.
    """

    kind: Kind = "text"
    says: tuple[str, ...] = ()
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    personal: bool = False
    report: bool = False
    longest: int = Field(default=2000, ge=16, le=20_000)
    about: str = ""


class ConsentPolicy(Model):
    """One purpose for which people are asked: mails, calls. `says` are the names of boxes whose yes allows it,
    `refuses` of those whose yes refuses it, in any spelling; `given_by` and `refused_by` are events and
    intents that say the same. With `double_opt_in` a yes waits until an event of `given_by` confirms it."""

    says: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    given_by: tuple[str, ...] = ()
    refused_by: tuple[str, ...] = ()
    double_opt_in: bool = False
    about: str = ""


class FieldsPolicy(Model):
    """`role_addresses` (info@) reach a mailbox of many people and never merge two persons; `free_mail` and
    `disposable_mail` domains are nobody's company, `shared_sites` nobody's website; beside `disposable_mail` a list of
    thousands is known, from which `lasting_mail` takes away. `shared_phones` are switchboards (E.164, or the beginning
    of a range followed by "*"). `account_aliases` say which account another domain belongs to."""

    fields: dict[str, FieldPolicy]
    role_addresses: tuple[str, ...]
    free_mail: tuple[str, ...]
    home_country: str
    disposable_mail: tuple[str, ...] = ()
    lasting_mail: tuple[str, ...] = ()
    shared_phones: tuple[str, ...] = ()
    shared_sites: tuple[str, ...] = ()
    account_aliases: dict[str, str] = Field(default_factory=dict)
    consents: dict[str, ConsentPolicy] = Field(default_factory=dict)
    """What people may allow and refuse. `calls` and `contact` (any contact at all) decide who is called and who goes to
    nobody; `mail` who is written to by a programme."""
