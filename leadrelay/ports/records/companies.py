"""What is known of a company, kept apart from the people who work there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, model_validator

from leadrelay.domain.account.crowd import Crowd
from leadrelay.domain.account.match import Known
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.person.profile import Plain
from leadrelay.ports.store import Due, Key, Record


def company_key(domain: str) -> Key[CompanyRecord]:
    """Where a company is; `domain` is its own, never one of free mail."""
    return Key(f"ACCOUNT#{domain}", "ACCOUNT", CompanyRecord)


def people_key(domain: str) -> Key[PeopleRecord]:
    """Where the people of an account are."""
    return Key(f"ACCOUNT#{domain}", "PEOPLE", PeopleRecord)


def names_key(beginning: str) -> Key[NamesRecord]:
    """Where the accounts are whose names begin like this."""
    return Key(f"ACCOUNTNAME#{beginning}", "NAMES", NamesRecord)


OWNERS = ("owner", "deal_owner")
"""What a company says of people, by their ids in the CRM."""


class Company(Model):
    """A company as it was looked up; None where nobody can tell. `owner` and `deal_owner` are owner ids of the CRM,
    `more` are fields that only the rules know (`account.revenue`)."""

    name: str | None = None
    industry: str | None = None
    employees: int | None = None
    country: str | None = None
    owner: str | None = None
    customer: bool | None = None
    open_deal: bool | None = None
    deal_owner: str | None = None
    more: dict[str, Plain] = Field(default_factory=dict)

    def said(self) -> dict[str, Plain | None]:
        """Every field under our name, but for the owners: a rep goes by another name in each CRM."""
        own = self.model_dump(exclude={*OWNERS, "more"})
        return {**self.more, **{f"account.{name}": value for name, value in own.items() if value is not None}}


class Answered(Model):
    """What one provider said of a company and when it was asked (UTC); `company` is None where it knew none."""

    vendor: str
    at: Instant
    company: Company | None


class CompanyRecord(Record):
    """A company and what is known of it, by the name of the provider that said so."""

    kind: ClassVar[str] = "company"
    domain: str
    answers: dict[str, Answered] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _of_one(cls, said: Any) -> Any:
        """Records were once of one provider alone."""
        if not isinstance(said, Mapping) or "vendor" not in said:
            return said
        alone = {name: said[name] for name in ("vendor", "at", "company")}
        return {**{name: said[name] for name in said if name not in alone}, "answers": {said["vendor"]: alone}}

    def key(self) -> Key[CompanyRecord]:
        """By its domain."""
        return company_key(self.domain)


class PeopleRecord(Record):
    """The people of an account, by lead id, written in the commits of their leads. `due_at` is the night (UTC) in which
    all of them are told how many they are by then; None when nobody has to be."""

    kind: ClassVar[str] = "people"
    domain: str
    crowd: Crowd = Crowd()
    due_at: Instant | None = None

    def key(self) -> Key[PeopleRecord]:
        """By the account's domain."""
        return people_key(self.domain)

    def due(self) -> Due | None:
        """In its night."""
        return None if self.due_at is None else Due("rescore", self.due_at)


class NamesRecord(Record):
    """Accounts by the names that people of theirs gave, those of one `beginning` together."""

    kind: ClassVar[str] = "names"
    beginning: str
    accounts: tuple[Known, ...] = ()

    def key(self) -> Key[NamesRecord]:
        """By three letters of the name."""
        return names_key(self.beginning)
