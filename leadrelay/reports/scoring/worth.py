"""What leads brought in, and what they cost: an equal part each of what was spent to bring them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadrelay.reports.asked import Asked
from leadrelay.reports.channels import spend
from leadrelay.reports.definition import Inputs
from leadrelay.reports.earned import Earned, unrated
from leadrelay.reports.money import Rates
from leadrelay.reports.result import Remark, Value
from leadrelay.reports.scoring.row import Row
from leadrelay.reports.when import When


class Worth:
    """Of these leads, in minor units of the currency that was asked for."""

    def __init__(self, rows: Sequence[Row], asked: Asked, inputs: Inputs) -> None:
        rates = Rates(inputs.rates)
        self._asked, self._rows = asked, rows
        self._earned = Earned(rates, asked, When())
        self._costs, self._left_out = spend.costs(inputs.spend, asked, rates)
        self._told = bool(inputs.spend)
        self._narrow = not asked.where.keys() <= spend.TOLD_BY
        known = self._told and not self._narrow
        self._cost = spend.by_lead(self._costs, rows, asked.attribution) if known else None

    def revenue(self, rows: Sequence[Row]) -> int:
        """What the deals that they won are worth."""
        return self._earned.revenue([deal for row in rows for deal in row.won()]).sum

    def spent(self, rows: Sequence[Row]) -> int | None:
        """What they cost: nothing, where nothing was spent on their source; None where nobody told what was spent, or
        the filters leave a part of a source that spend is not told of."""
        if self._cost is None:
            return None
        return round(sum(self._cost.get(row.lead_id, 0) for row in rows))

    def gain(self, rows: Sequence[Row]) -> float | None:
        """Return on investment: what is left of the revenue after the cost, in parts of the cost."""
        spent = self.spent(rows)
        return (self.revenue(rows) - spent) / spent if spent else None

    def left_out(self) -> Iterator[Remark]:
        """What the amounts lack."""
        yield from unrated(self._asked.currency, self._earned.revenue([won for row in self._rows for won in row.won()]))
        if self._cost is None:
            yield Remark(id="spend_by_source" if self._told else "no_spend")
        elif self._left_out:
            values: dict[str, Value] = {"lines": self._left_out, "currency": self._asked.currency}
            yield Remark(id="no_spend_rate", values=values, weight="warning")
        unspread = self._unspread()
        if unspread:
            yield Remark(id="spend_unspread", values={"amount": unspread})

    def _unspread(self) -> int:
        """What was spent where no lead came, and so is in no band."""
        return 0 if self._cost is None else round(sum(cost.amount for cost in self._costs) - sum(self._cost.values()))
