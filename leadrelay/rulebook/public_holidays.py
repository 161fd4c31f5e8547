"""Public holidays by country, written out when rules are compiled: a deadline must not depend on a library's update."""

from __future__ import annotations

from datetime import date

from leadrelay.domain.clocks.business_time import CalendarSpec
from leadrelay.rulebook.files import WrittenCalendar
from leadrelay.rulebook.problems import closest

YEARS_AHEAD = 3


class UnknownPlace(ValueError):
    """No such country or region: `key` says which of the two, `meant` is the closest that exists."""

    def __init__(self, key: str, message: str, meant: str | None) -> None:
        super().__init__(message)
        self.key = key
        self.meant = meant


def plain(written: WrittenCalendar, first: date, last: date | None = None) -> CalendarSpec:
    """The calendar with its country's public holidays among its own, those of the years around `first` to `last` (as
    `first` without). Raises UnknownPlace."""
    closed = public_holidays(written.country, written.region, first, last or first) if written.country else ()
    days = sorted({*written.holidays, *closed})
    return CalendarSpec.model_validate({**written.model_dump(exclude={"country", "region"}), "holidays": days})


def public_holidays(country: str, region: str | None, first: date, last: date) -> tuple[date, ...]:
    """Closed local dates of these years and the next three, in order. Raises UnknownPlace.

    The year before is included too: clocks that started in December are still computed in January.
    """
    import holidays  # slow to import, and only a calendar with a country needs it

    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        message = f"'{country}' is no country we know the holidays of; write its two capital letters (ISO 3166)"
        raise UnknownPlace("country", message, closest(country.upper(), known))
    if region is not None and region not in known[country]:
        raise UnknownPlace("region", f"'{region}' is no region of {country}", closest(region.upper(), known[country]))
    years = range(first.year - 1, last.year + YEARS_AHEAD + 1)
    return tuple(sorted(holidays.country_holidays(country, subdiv=region, years=years)))
