"""Selling: handed over to who sells, a deal or two."""

from __future__ import annotations

from tests.reports.year import draws
from tests.reports.year.draws import weighted
from tests.reports.year.giving import Giving
from tests.reports.year.mould import Id

HOUR, DAY = 3600.0, 86400.0


class Selling(Giving):
    """From ready to buy until won or lost."""

    def _sold(self, skill: float) -> None:
        """SQL, handed over, a deal or two."""
        life, dice = self.life, self.dice
        life.go(dice.uniform(HOUR, 12 * DAY))
        if self.happens(0.06):
            self._deals(skill, ("sql",))
            return
        if life.row["sql_ms"] is None:
            life.move("sql", ())
            life.qualify("SQL")
        if life.row["pool"] == "sdr" and self.happens(0.8):
            self.needed("hand_off")
            life.go(4)
            self.assigned("hand_off", "sql", str(weighted(dice, draws.POOLS["ae"])[0]), "ae", None)
        life.go(dice.uniform(HOUR, 20 * DAY))
        if self.happens(0.7):
            self._deals(skill, ())

    def _deals(self, skill: float, skipped: tuple[str, ...]) -> None:
        currency = str(weighted(self.dice, draws.CURRENCIES)[0])
        for number in range(2 if self.happens(0.06) else 1):
            self._deal(number, currency, skill, skipped)

    def _deal(self, number: int, currency: str, skill: float, skipped: tuple[str, ...]) -> None:
        life, dice, row = self.life, self.dice, self.life.row
        amount = dice.randrange(50_000, 5_000_000) if self.happens(0.95) else None
        told = {"amount": amount, "currency": currency if amount is not None else None}
        deal_id = Id(f"d{life.lead_id}{number}")
        life.say("DealOpened", deal_id=deal_id, **told)
        deal = life.add("deal_rows", deal_id=str(deal_id), opened_ms=life.now, rep=row["rep"], pool=row["pool"], **told)
        row["deals"] += 1
        life.first("deal_opened_ms", life.now)
        if row["opportunity_ms"] is None:
            life.move("opportunity", skipped, "deal")
        life.go(dice.uniform(2 * DAY, 70 * DAY))
        fate = dice.random()
        if fate < 0.4 * skill:
            if amount is not None:
                told["amount"] = deal["amount"] = amount + dice.choice((0, 0, -1000, 5000))
            life.say("DealWon", deal_id=deal_id, **told)
            deal["won_ms"] = life.now
            life.first("won_ms", life.now)
            if row["customer_ms"] is None:
                life.move("customer", (), "deal")
        elif fate < 0.75:
            reason = dice.choice(draws.LOST)
            life.say("DealLost", deal_id=deal_id, reason=reason)
            deal |= {"lost_ms": life.now, "reason": reason}
            row |= {"lost_ms": life.now, "lost_reason": reason}
