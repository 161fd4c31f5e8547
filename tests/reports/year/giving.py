"""Given out: to a rep, to a pool where it waits, to a programme."""

from __future__ import annotations

from tests.reports.year import draws
from tests.reports.year.arriving import Arriving
from tests.reports.year.draws import weighted
from tests.reports.year.life import END
from tests.reports.year.mould import Id, Ms


class Giving(Arriving):
    """Whose it becomes, and what they owe."""

    def _given_out(self) -> bool:
        """To a rep, or to the programme, where nobody calls."""
        life, dice = self.life, self.dice
        hot = life.row["temperature"] == "hot"
        mql = life.row["mql_ms"] is not None
        rule = "hot" if hot else "mql" if mql else "nurture"
        if rule == "nurture" and self.happens(0.5):
            rule = "everything_else"
        self.needed("new")
        life.go(dice.choice((2.5, 4.1, 9.0, 40.0)))
        if rule in ("nurture", "everything_else"):
            self.assigned("new", rule, None, None, "nurture")
            life.say(
                "NextStepPlanned", what="Send the newsletter", due_at=Ms(life.now + 14 * 86_400_000), who="nurture"
            )
            life.row |= {"next_step": "Send the newsletter", "next_step_due_ms": life.now + 14 * 86_400_000}
            self._enrol("educational" if self.score >= 40 else "newsletter")
            return False
        pool = "enterprise" if life.row["segment"] == "enterprise" else "sdr"
        if self.happens(0.03):
            self._wait(rule, pool)
        self.assigned("new", rule, str(weighted(dice, draws.POOLS[pool])[0]), pool, None)
        if mql and self.score % 7 == 0:
            life.say("HandoverLacks", missing=("named", "company"))
            life.row["lacks"] = "named,company"
        self._shown()
        return True

    def needed(self, why: str) -> None:
        """An owner is chosen soon."""
        life = self.life
        life.say("OwnerNeeded", why=why, hop=life.row["hops"])
        life.first("needed_ms", life.now)
        life.start("assignment", "assignment", life.row["hops"], life.now + 60_000)
        self.asked_ms = life.now

    def assigned(self, why: str, rule: str, rep: str | None, pool: str | None, queue: str | None) -> None:
        """Into these hands; what the former owed ends."""
        life = self.life
        life.stop("assignment", why)
        life.stop("first_contact", why)
        self._handed(why, rule, rep, pool, queue, None)
        hop, turn = life.row["hops"], self._turn(rep, pool)
        life.say("LeadAssigned", hop=hop, why=why, rule=rule, rep=rep, pool=pool, queue=queue, counted=turn)
        life.first("assigned_ms", life.now)
        if rep is not None:
            life.first("rep_ms", life.now)
            if life.row["contacted_ms"] is None and life.row["standing"] == "live":
                self._promised()

    def _promised(self) -> None:
        """The owner's clock, and the lead's own, which nothing starts again."""
        life, row = self.life, self.life.row
        policy, minutes = ("hot", 5) if row["temperature"] == "hot" else ("warm", 15)
        life.start("first_contact", policy, row["hops"], life.now + minutes * 60_000)
        if "lead" not in life.clocks:
            life.start("lead", "waiting", row["hops"], row["captured_ms"] + 72 * 3_600_000, row["captured_ms"])

    def _turn(self, rep: str | None, pool: str | None) -> str | None:
        """Hot leads have turns of their own; what no pool gave was nobody's turn."""
        if rep is None or pool is None:
            return None
        return "hot" if self.life.row["temperature"] == "hot" else "other"

    def _handed(
        self, why: str, rule: str | None, rep: str | None, pool: str | None, queue: str | None, waits: str | None
    ) -> None:
        life = self.life
        life.row["hops"] += 1
        if life.hand is not None:
            life.hand["ended_ms"] = life.now
        life.hand = life.add(
            "assignment_rows", hop=life.row["hops"], at_ms=life.now, why=why, rule=rule, pool=pool, rep=rep,
            queue=queue, waits=waits, score=self.score, needed_ms=self.asked_ms, attempts=0, meetings=0,
            log=life.lead_id, counted=self._turn(rep, pool),
        )  # fmt: skip
        life.row |= {"rep": rep, "pool": pool, "queue": queue, "rule": rule}

    def _wait(self, rule: str, pool: str) -> None:
        """Nobody is free."""
        life = self.life
        life.stop("assignment", "new")
        self._handed("new", rule, None, pool, None, "backlog")
        life.say("LeadWaits", hop=life.row["hops"], why="new", rule=rule, pool=pool, waits="backlog")
        life.go(self.dice.uniform(60, 9000))
        self.needed("waiting")
        life.go(3)

    def _shown(self) -> None:
        life = self.life
        if life.row["standing"] == "live":
            at = min(life.now + self.dice.randrange(900, 9000), END - 1)
            life.beside(
                "sync-hubspot", "CrmSynced", at, crm="hubspot", crm_id=Id(f"7{life.lead_id[-6:]}"), written=2, fields=()
            )
            life.first("synced_ms", at)

    def _enrol(self, sequence: str) -> None:
        self.life.say("NurtureEnrolled", sequence=sequence, why="rules")
        self.life.row["enrolled"] = sequence
