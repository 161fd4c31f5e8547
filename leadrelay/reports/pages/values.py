"""A value as a person reads it: grouped, rounded, with its unit, in their language and on their clocks."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.kit.money import digits
from leadrelay.reports.pages.catalogue import Catalogue

NOTHING = "–"
"""There is no such value."""

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "PLN": "zł"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SMALL = 10
_FINE = 100
"""Amounts below so many units are told with their cents."""


def count(value: float, words: Catalogue) -> str:
    """`1,234`: whole."""
    return _grouped(round(value), words)


def number(value: float, words: Catalogue, digits: int | None = None) -> str:
    """`1,234.5`, or `0.12`: small ones more exactly; a rounded zero has no sign."""
    digits = (1 if abs(value) >= _SMALL else 2) if digits is None else digits
    text = f"{abs(value):.{digits}f}"
    whole, _, rest = text.partition(".")
    sign = "−" if value < 0 and float(text) else ""
    return sign + _grouped(int(whole), words) + (words.decimal + rest if rest else "")


def share(value: float, words: Catalogue, digits: int = 1) -> str:
    """`12.3%`; all and nothing without decimals."""
    digits = 0 if value in (0, 1) else digits
    return words.percent.format(number=number(value * 100, words, digits))


def money(minor: float, currency: str, words: Catalogue) -> str:
    """`€1,234`, from minor units, of which as many are one as the currency says."""
    places = digits(currency)
    units = minor / 10**places
    text = number(abs(units), words, places if abs(units) < _FINE and units % 1 else 0)
    gap = "" if currency in _SYMBOLS or words.money.endswith("{symbol}") else "\u00a0"
    symbol = _SYMBOLS.get(currency, currency) + gap
    return ("−" if units < 0 else "") + words.money.format(number=text, symbol=symbol)


def seconds(value: float, words: Catalogue) -> str:
    """`3 h 20 min`: the two largest units that say something."""
    rest = round(abs(value))
    sign = "−" if value < 0 and rest else ""
    if rest < _MINUTE:
        return sign + words.units["s"].format(n=rest)
    steps = (("d", _DAY), ("h", _HOUR), ("min", _MINUTE), ("s", 1))
    at = next(place for place, (_, size) in enumerate(steps) if rest >= size)
    parts = []
    for unit, size in steps[at : at + 2]:
        many, rest = divmod(rest, size)
        parts.append(words.units[unit].format(n=_grouped(many, words)) if many else "")
    return sign + "\u00a0".join(filter(None, parts))


def days(value: float, words: Catalogue) -> str:
    """`3.4 d`."""
    return words.units["d"].format(n=number(value, words, 1 if value % 1 else 0))


def day(value: date, words: Catalogue) -> str:
    """`22 Nov 2026`."""
    return words.day.format(day=value.day, month=words.months[value.month - 1], year=value.year)


def short_day(value: date, words: Catalogue) -> str:
    """`22 Nov`."""
    return words.day.format(day=value.day, month=words.months[value.month - 1], year="").strip(" .")


def month(value: str, words: Catalogue) -> str:
    """`Nov 2026`, from 2026-11."""
    year, _, number_ = value.partition("-")
    return words.month.format(month=words.months[int(number_) - 1], year=year)


def moment(at: datetime, zone: ZoneInfo, words: Catalogue) -> str:
    """`22 Nov 2026, 09:05`, on the clocks of the zone."""
    local = at.astimezone(zone)
    return words.moment.format(
        day=local.day, month=words.months[local.month - 1], year=local.year, time=f"{local:%H:%M}"
    )


def _grouped(value: int, words: Catalogue) -> str:
    digits = str(abs(value))
    text = f"{abs(value):,}".replace(",", words.group) if len(digits) >= words.group_from else digits
    return ("−" if value < 0 else "") + text
