"""What is known of a company, kept apart from the people who work there."""

from __future__ import annotations

from typing import ClassVar

from leadrelay.domain.model import Instant, Model
from leadrelay.ports.store import Key, Record


def company_key(domain: str) -> Key[CompanyRecord]:
    """Where a company is; `domain` is its own, never one of free mail."""
    return Key(f"ACCOUNT#{domain}", "ACCOUNT", CompanyRecord)


class Company(Model):
    """A company as it was looked up; None where nobody can tell. `owner` is the CRM's owner id."""

    name: str | None = None
    industry: str | None = None
    employees: int | None = None
    country: str | None = None
    owner: str | None = None
    customer: bool | None = None
    open_deal: bool | None = None


class CompanyRecord(Record):
    """A company and when it was looked up (UTC), by which vendor; `company` is None where there was none."""

    kind: ClassVar[str] = "company"
    domain: str
    vendor: str
    at: Instant
    company: Company | None

    def key(self) -> Key[CompanyRecord]:
        """By its domain."""
        return company_key(self.domain)
