"""What deals are worth, in the currency that was asked for: the pipeline they opened, the revenue they brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from leadrelay.reports.asked import Asked
from leadrelay.reports.money import Rates, day_of
from leadrelay.reports.result import Remark
from leadrelay.reports.when import When


class OfDeal(Protocol):
    """A report's row with a deal, or with none, and with the times of it that are asked for."""

    @property
    def amount(self) -> int | None:
        """Minor units of `currency`; None where nobody told it."""

    @property
    def currency(self) -> str | None:
        """ISO 4217."""


class Worth(NamedTuple):
    """The sum (minor units), of how many deals; `unrated` are those left out, for no rate leads to the currency."""

    sum: int
    deals: int
    unrated: int


class Earned:
    """Adds up deals by the rate of the day on which they were opened or won. A deal without an amount is worth
    nothing."""

    def __init__(self, rates: Rates, asked: Asked, when: When) -> None:
        """`when` says which of them count: those opened, or won, then."""
        self._rates, self._asked, self._when = rates, asked, when

    def pipeline(self, rows: Sequence[OfDeal]) -> Worth:
        """Of the deals that were opened, whatever became of them."""
        return self.worth(rows, "opened_ms")

    def revenue(self, rows: Sequence[OfDeal]) -> Worth:
        """Of the deals that were won."""
        return self.worth(rows, "won_ms")

    def worth(self, rows: Sequence[OfDeal], column: str) -> Worth:
        """Of the deals that have a time in this column of the rows, by the rate of that day."""
        found = list(self._amounts(rows, column))
        rated = [amount for amount in found if amount is not None]
        return Worth(sum(rated), len(rated), len(found) - len(rated))

    def _amounts(self, rows: Sequence[OfDeal], column: str) -> Iterator[int | None]:
        for row in rows:
            ms = getattr(row, column)
            if row.amount is not None and self._when.counts(ms):
                day = day_of(ms, self._asked.zone)
                yield self._rates.convert(row.amount, row.currency, self._asked.currency, day)


def unrated(currency: str, *worths: Worth) -> tuple[Remark, ...]:
    """That some deals are left out, where some are."""
    deals = max((worth.unrated for worth in worths), default=0)
    return (Remark(id="no_rate", values={"deals": deals, "currency": currency}, weight="warning"),) if deals else ()
