"""Arriving: the touches that make somebody a lead, and what they are worth."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import NamedTuple

from tests.reports.year import draws
from tests.reports.year.draws import Place, weighted
from tests.reports.year.life import BEGIN, END, YEAR, ZONE, Life, Over
from tests.reports.year.mould import Codes, Id, Ms

DAY = 86400.0
_ODD = (
    datetime(YEAR, 3, 29, 1, 59, 59, 999000, ZONE), datetime(YEAR, 3, 29, 3, 0, 0, 0, ZONE),  # summer time begins
    datetime(YEAR, 10, 25, 2, 30, 0, 0, ZONE), datetime(YEAR, 10, 25, 2, 30, 0, 0, ZONE, fold=1),  # and ends
    datetime(YEAR, 6, 30, 23, 59, 59, 999000, ZONE), datetime(YEAR, 7, 1, 0, 0, 0, 0, ZONE),  # two months
    datetime(YEAR, 1, 1, 0, 0, 0, 0, ZONE),
)  # fmt: skip


def captured(dice: Random) -> int:
    """Working days and hours more often than nights; now and then an odd instant."""
    if dice.random() < 0.004:
        return int(dice.choice(_ODD).timestamp() * 1000)
    while True:
        at = dice.randrange(BEGIN, END)
        there = datetime.fromtimestamp(at / 1000, ZONE)
        busy = (1.0 if there.weekday() < 5 else 0.3) * (1.0 if 8 <= there.hour < 18 else 0.25)
        if dice.random() < busy:
            return at


class Ask(NamedTuple):
    """A touch of theirs: when (UTC ms), from where, and what for where it `asks` for something."""

    at: int
    touch_id: str
    place: Place
    partner: str | None
    asks: bool = False
    campaign: str | None = None
    form: str | None = None
    intent: str | None = None
    product: object = None
    heat: object = None


class Arriving:
    """How somebody comes, comes again, and is scored."""

    def __init__(self, life: Life, dice: Random, place: Place, kind: str) -> None:
        self.life, self.dice, self.place, self.kind = life, dice, place, kind
        self.score = 0
        self.intent: str | None = None
        self.asks: list[Ask] = []
        self.scored_ms = 0

    def happens(self, chance: float) -> bool:
        """Once in a while."""
        return self.dice.random() < chance

    # ---- arriving

    def arrive(self) -> None:
        """Their first touch, understood."""
        life, kind = self.life, self.kind
        received = life.now
        touch_kind = {"visitor": "behaviour", "behaved": "behaviour", "imported": "crm_change"}.get(kind, "submission")
        source = "hubspot" if kind == "imported" else self.place.source
        ready = received + self.dice.randrange(200, 4000)
        wrongly = self.dice.choice(draws.PARKED[:3]) if kind == "submitted" and self.happens(0.01) else None
        if wrongly is not None:  # a person looked, and let it through
            ready = received + round(self.dice.uniform(3, 30) * 3_600_000)
            if ready > END - 10_000:
                raise Over
        touch_id = life.touch(source, touch_kind, received, ready, wrongly)
        life.row["standing"] = "visitor" if kind == "visitor" else "live" if kind in ("submitted", "behaved") else kind
        life.go((ready - received + self.dice.randrange(100, 2500)) / 1000)
        life.say("LeadCreated", touch_id=touch_id, captured_at=Ms(received))
        self._identified(touch_id, touch_kind, received, self.place)
        if kind == "imported":
            return
        self._scored(first=True)
        if kind != "visitor":
            known = self.intent not in (None, "newsletter")
            life.move("lead" if known else "subscriber", ("subscriber",) if known else ())

    def _identified(self, touch_id: Id, kind: str, received: int, place: Place) -> None:
        life, dice = self.life, self.dice
        told = {
            "touch_id": touch_id, "kind": kind, "occurred_at": Ms(received), "received_at": Ms(received),
            "signals": (), "standing": life.row["standing"] if self.kind != "visitor" else "live",
        }  # fmt: skip
        touch = life.ledger.rows["touch_rows"][-1]
        touch |= {"identified_ms": life.now}
        life.row["touches"] += kind != "crm_change"
        if kind == "crm_change":
            life.tell("TouchIdentified", told)
            return
        partner = dice.choice(place.partners)
        told |= {"source_channel": place.channel, "channel_class": place.klass, "partner": partner}
        touch |= {"channel": place.channel, "class": place.klass}
        ask = Ask(received, str(touch_id), place, partner)
        if kind == "submission":
            ask, more = self._asked(touch_id, ask)
            told |= more
        self.asks.append(ask)
        self.came()
        life.tell("TouchIdentified", told)

    def _asked(self, touch_id: Id, ask: Ask) -> tuple[Ask, dict[str, object]]:
        """What a submission says, kept and told."""
        dice, place = self.dice, ask.place
        intent, heat, product, _ = weighted(dice, draws.INTENTS)
        campaign, form = dice.choice(place.campaigns), dice.choice(place.forms)
        self.intent = str(intent)
        said = ask._replace(asks=True, campaign=campaign, form=form, intent=self.intent, product=product, heat=heat)
        return said, {
            "temperature": heat,
            "attribution.touch_id": touch_id, "attribution.source": place.source, "attribution.vendor": place.vendor,
            "attribution.channel": place.channel, "attribution.channel_class": place.klass,
            "attribution.origin.campaign": campaign, "attribution.origin.form": form,
            "attribution.origin.partner": ask.partner, "attribution.intent": intent, "attribution.product": product,
            "attribution.at": Ms(ask.at),
        }  # fmt: skip

    def came(self) -> None:
        """By the first and the last time they asked, or did anything; by the hottest; and by who sent them."""
        row, heard = self.life.row, sorted(self.asks, key=lambda ask: (ask.at, ask.touch_id))
        asks = [ask for ask in heard if ask.asks] or heard
        for which, ask in (("first", asks[0]), ("last", asks[-1])):
            row |= {f"{which}_source": ask.place.source, f"{which}_channel": ask.place.channel}
            row |= {f"{which}_class": ask.place.klass, f"{which}_campaign": ask.campaign}
            row[f"{which}_form"] = ask.form
        sent = [ask.partner for ask in heard if ask.partner is not None]
        row |= {"first_partner": sent[0] if sent else None, "last_partner": sent[-1] if sent else None}
        row |= {"intent": asks[-1].intent, "product": asks[-1].product}
        heats = {ask.heat for ask in asks}
        row["temperature"] = "hot" if "hot" in heats else "warm" if "warm" in heats else None

    def _scored(self, first: bool = False) -> None:
        life, dice, row = self.life, self.dice, self.life.row
        if first:
            segment, icp, _ = weighted(dice, draws.SEGMENTS)
            row |= {"segment": segment, "persona": dice.choice(draws.PERSONAS), "icp": icp}
            codes = {"lead.country": dice.choice(draws.COUNTRIES), "account.industry": dice.choice(draws.INDUSTRIES)}
            row["fields"] = {name: value for name, value in codes.items() if value is not None}
            self.score = dice.choice((dice.randrange(0, 45), dice.randrange(25, 101)))
            if self.kind == "visitor":
                self.score = dice.randrange(0, 20)
        else:
            self.score = max(0, min(100, self.score + dice.randrange(-10, 35)))
        fit = min(self.score, 50)
        life.tell("LeadScored", {
            "score.total": self.score, "score.fit": fit, "score.engagement": self.score - fit,
            "segment": row["segment"], "persona": row["persona"], "icp": row["icp"],
            "fields": Codes(sorted(row["fields"].items())),
        })  # fmt: skip
        if life.row["first_score"] is None:
            life.row["first_score"], self.scored_ms = self.score, life.now
        row |= {"score": self.score, "fit": fit, "engagement": self.score - fit}
        row["top_score"] = max(self.score, row["top_score"] or 0)

    # ---- growing

    def _grow(self) -> None:
        """More touches and scores; who is good enough becomes an MQL, some at once."""
        life = self.life
        self._qualify()
        for _ in range(self.dice.choice((0, 0, 0, 1, 1, 2, 3)) if life.row["mql_ms"] is None else 0):
            life.go(self.dice.expovariate(1 / (9 * DAY)))
            if self.happens(0.4):
                self._again()
            self._scored()
            self._promote()
            self._qualify()
        if life.row["mql_ms"] is not None and self.happens(0.12):
            life.go(self.dice.uniform(1, 20))
            self._again()
            self._scored()

    def _again(self) -> None:
        """Another touch, often from elsewhere."""
        place = self.dice.choices(draws.PLACES, [each.weight for each in draws.PLACES])[0]
        kind = self.dice.choice(("submission", "behaviour"))
        received = self.life.now - 1500
        touch_id = self.life.touch(place.source, kind, received, received + 700)
        self._identified(touch_id, kind, received, place)

    def _promote(self) -> None:
        if self.life.row["stage"] == "subscriber" and self.intent not in (None, "newsletter"):
            self.life.move("lead")

    def _qualify(self) -> None:
        life = self.life
        if life.row["mql_ms"] is None and life.row["icp"] and self.score >= 40 and self.happens(0.8):
            life.move("mql", () if life.row["lead_ms"] else ("lead",))
            life.row["mql_score"] = self.score
            life.qualify("MQL")
