"""`enrichment.yaml`: who is asked about a company, in which order and for how long, and how places become regions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from leadrelay.domain.model import Model
from leadrelay.domain.person.profile import Plain

CRM = "crm"
"""The provider that is whichever CRM `crm.yaml` names."""

_PART = re.compile(r"([A-Z0-9]{1,8})(?:-([A-Z0-9]{1,8}))?")


def _postcodes(written: str) -> str:
    found = _PART.fullmatch(written)
    if found is None or (found[2] is not None and (len(found[1]) != len(found[2]) or found[2] < found[1])):
        raise ValueError('write how postcodes begin, such as "80", or from and to, such as "80-87", in capitals')
    return written


Postcodes = Annotated[str, AfterValidator(_postcodes)]
"""How postcodes begin: one beginning or, as long as each other, the first and the last of a row."""


class RegionRule(Model):
    """Where a company is, coarser than a city: the postcodes of a `country` (ISO 3166 alpha-2) that begin so, or all of
    it where none are given. The first that fits counts."""

    region: str
    country: str = Field(pattern="^[A-Z]{2}$")
    postcodes: tuple[Postcodes, ...] = ()

    def holds(self, country: str, postcode: str | None) -> bool:
        """Whether a place is in this region; `postcode` as people write it."""
        if country != self.country:
            return False
        bare = re.sub(r"[^A-Z0-9]", "", (postcode or "").upper())
        return not self.postcodes or any(_begins(bare, *part.split("-")) for part in self.postcodes)


class ProviderPolicy(Model):
    """Somebody who knows companies. `vendor` is the connector folder, or `crm`: whichever CRM crm.yaml names. `name`
    tells two providers of one vendor apart. `file` is a CSV beside this file that compiling copies into `rows` (domain
    -> our fields). An answer is good for `fresh_hours`; left out, the common ones count."""

    vendor: str
    name: str | None = Field(default=None, pattern="^[a-z][a-z0-9_]{0,39}$")
    file: str | None = Field(default=None, pattern=r"^[a-z0-9_]+\.csv$")
    fresh_hours: int | None = Field(default=None, ge=0, le=8760)
    options: dict[str, JsonValue] = Field(default_factory=dict)
    rows: dict[str, dict[str, Plain]] = Field(default_factory=dict)


class EnrichmentPolicy(Model):
    """Providers are asked in this order while the budget (milliseconds in all, for one touch) lasts; for each field the
    first who knows it counts. An answer is good for `fresh_hours`, then it is asked again."""

    budget_ms: int = Field(default=2000, ge=100, le=5000)
    fresh_hours: int = Field(default=24, ge=1, le=8760)
    providers: tuple[ProviderPolicy, ...] = (ProviderPolicy(vendor=CRM),)
    regions: tuple[RegionRule, ...] = ()

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        names = [provider.name or provider.vendor for provider in self.providers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two providers are called '{twice[0]}'; give each its own `name`")
        return self

    def asked(self, crm: str) -> tuple[Provider, ...]:
        """The providers in their order; `crm` is the CRM's vendor."""
        return tuple(
            Provider(
                name=one.name or (crm if one.vendor == CRM else one.vendor),
                vendor=crm if one.vendor == CRM else one.vendor,
                fresh=timedelta(hours=self._fresh_hours(one)),
                options={**one.options, "rows": one.rows} if one.file is not None else one.options,
            )
            for one in self.providers
        )

    def _fresh_hours(self, one: ProviderPolicy) -> int:
        """What stands in a file of ours costs nothing to ask, and whoever changed it wants to see that at once."""
        own = 0 if one.file is not None else self.fresh_hours
        return own if one.fresh_hours is None else one.fresh_hours

    def region(self, country: str, postcode: str | None) -> str | None:
        """The region of a place, or None."""
        return next((rule.region for rule in self.regions if rule.holds(country, postcode)), None)


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider ready to be asked: by its `name` its answers are kept and it is left alone; an answer is good for
    `fresh`."""

    name: str
    vendor: str
    fresh: timedelta
    options: Mapping[str, object]


def _begins(postcode: str, first: str, last: str | None = None) -> bool:
    return first <= postcode[: len(first)] <= (last or first) and len(postcode) >= len(first)
