"""Worked: the rep calls, sooner or later or never, and says what became of it."""

from __future__ import annotations

from tests.reports.year import draws
from tests.reports.year.draws import weighted
from tests.reports.year.mould import Ms
from tests.reports.year.selling import DAY, HOUR, Selling


class Working(Selling):
    """What a rep does, in the order in which it is heard."""

    def _worked(self) -> None:
        """The rep calls, sooner or later or never, and says what became of it."""
        life, dice = self.life, self.dice
        skill = draws.SKILL[str(life.row["rep"])]
        if self.happens(0.18 if self.place.klass != "partner" else 0.85):
            self._ignored()
            return
        life.go(dice.expovariate(1 / 300) if self.happens(0.6 * skill) else dice.uniform(400, 3 * DAY))
        self._reached()
        for _ in range(dice.choice((0, 0, 1, 1, 2, 3, 5))):
            life.go(dice.uniform(HOUR, 2 * DAY))
            self._tried()
        life.go(dice.uniform(60, 2 * DAY))
        self._answered(skill)

    def _ignored(self) -> None:
        """Until it is taken away, or for good."""
        life = self.life
        if "first_contact" in life.clocks:
            life.go(max(1.0, (life.clocks["first_contact"]["due_ms"] - life.now) / 1000 + 4))
            life.breach("first_contact")
            if self.happens(0.5):
                life.go(5)
                self.needed("breach")
                life.go(3)
                old = str(life.row["rep"])
                rest = tuple(each for each in draws.POOLS["sdr"] if each[0] != old)
                self.assigned("breach", str(life.row["rule"]), str(weighted(self.dice, rest)[0]), "sdr", None)
                life.go(self.dice.uniform(30, 5 * HOUR))
                self._reached()
            elif self.happens(0.1):
                life.go(20)
                self._contact("call", life.now - 200_000, corrects=True)

    def _reached(self) -> None:
        """The first contact; the clock said so before, where it was over."""
        life = self.life
        clock = life.clocks.get("first_contact")
        if clock is not None and clock["breached_ms"] is None and life.now > clock["due_ms"]:
            called = life.now
            life.now = max(clock["due_ms"] + 3000, life.hand["at_ms"] + 1)  # type: ignore[index]
            life.go(0.001)
            life.breach("first_contact")
            life.go(max(1.0, (called - life.now) / 1000))
        self._contact(self.dice.choice(draws.CHANNELS), life.now)

    def _contact(self, channel: str, made: int, corrects: bool = False) -> None:
        life = self.life
        life.say("ContactAttempted", channel=channel, made_at=Ms(made))
        self._count(channel, made)
        life.row["contacted_ms"] = min(made, life.row["contacted_ms"] or made)
        life.hand["contacted_ms"] = min(made, life.hand["contacted_ms"] or made)  # type: ignore[index]
        business = self.dice.randrange(10, 7200)
        life.meet("first_contact", business, corrects)
        if "lead" in life.clocks and life.now > life.clocks["lead"]["due_ms"]:
            life.breach("lead")
        life.meet("lead", business)
        if life.row["status"] == "new":
            self._status("attempting")

    def _tried(self) -> None:
        self._contact(self.dice.choice(draws.CHANNELS), self.life.now - 30_000)

    def _count(self, channel: str, made: int) -> None:
        life, hand = self.life, self.life.hand
        assert hand is not None
        life.row["attempts"] += 1
        hand["attempts"] += 1
        life.add("activity_rows", at_ms=made, kind="attempt", channel=channel, rep=hand["rep"], pool=hand["pool"])

    def _answered(self, skill: float) -> None:
        """Taken on, given back for good, given back as too early, or nothing is said."""
        good = draws.WINS[draws.band(self.score)] * self.place.good * skill
        fate = self.dice.random()
        if fate < 0.15:
            return
        if fate < 0.32:
            self._rejected()
        elif fate < 0.45:
            self._recycled()
        else:
            self._accepted()
            if self.happens(0.5):
                self._meeting()
            if self.happens(min(0.9, good * 1.4)):
                self._sold(skill)

    def _status(self, after: str) -> None:
        life = self.life
        life.say("StatusChanged", before=life.row["status"], after=after, why="crm")
        life.row["status"] = after

    def _said(self, what: str, reason: str | None) -> None:
        life = self.life
        life.row |= {"disposition": what, "reason": reason}
        if reason is not None:
            life.row[f"{what}_reason"] = reason
        if what == "recycled":
            life.row["recycled_ms"] = life.now
        else:
            life.first(f"{what}_ms", life.now)
        if life.hand is not None and life.hand[f"{what}_ms"] is None:
            life.hand[f"{what}_ms"] = life.now

    def _accepted(self) -> None:
        life = self.life
        self._status("connected")
        life.say("LeadAccepted", rep=life.row["rep"])
        self._said("accepted", None)
        if life.row["stage"] in ("subscriber", "lead", "mql"):
            order = ("lead", "mql")
            life.move("sal", tuple(each for each in order if life.row[f"{each}_ms"] is None), "accepted")
            life.qualify("SAL")

    def _rejected(self) -> None:
        life, reason = self.life, self.dice.choice(draws.REJECTED)
        self._status("unqualified")
        life.say("LeadRejected", rep=life.row["rep"], reason=reason)
        self._said("rejected", reason)
        life.move("disqualified", (), "rejected")

    def _recycled(self) -> None:
        life, reason = self.life, self.dice.choice(draws.RECYCLED)
        self._status("nurturing")
        life.say("LeadRecycled", reason=reason, timing="next_quarter")
        self._said("recycled", reason)
        back = life.row["stage"]
        life.move("recycled", (), "recycled")
        self._enrol(reason if reason in ("too_early", "no_budget", "competitor") else "returned")
        if not self.happens(0.35):
            return
        life.go(self.dice.uniform(10 * DAY, 120 * DAY))
        life.say("LeadReactivated", why=self.dice.choice(("asked", "timing", "behaviour")))
        life.row |= {"disposition": None, "reason": None}
        life.first("reactivated_ms", life.now)
        life.say("NurtureEnded", sequence=life.row["enrolled"], why="routed")
        life.row["enrolled"] = None
        life.move(back, (), "rules")
        if self.happens(0.6):
            life.go(self.dice.uniform(HOUR, 3 * DAY))
            self._tried()
            self._accepted()
            if self.happens(0.3):
                self._sold(1.0)

    def _meeting(self) -> None:
        life, hand = self.life, self.life.hand
        assert hand is not None
        life.go(self.dice.uniform(60, 3 * DAY))
        life.say("ContactAttempted", channel="meeting_booked", made_at=Ms(life.now))
        self._count("meeting_booked", life.now)
        life.say("MeetingBooked", meets_at=Ms(life.now + 172_800_000))
        life.first("meeting_ms", life.now)
        hand["meetings"] += 1
        life.add("activity_rows", at_ms=life.now, kind="meeting", rep=hand["rep"], pool=hand["pool"])
        self._status("meeting_booked")
