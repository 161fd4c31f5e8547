"""People who were two leads: found to be one, and sometimes parted again."""

from __future__ import annotations

from random import Random

from tests.reports.year.life import BEGIN, Life, Over
from tests.reports.year.lives import Drawn
from tests.reports.year.mould import Codes, Ms
from tests.reports.year.selling import DAY

_NOTHING = Codes(())


def joined(drawn: Drawn, dice: Random) -> Life | None:
    """Another lead arrived while this one lived, and is found to be the same person. The other life where a person
    said later that they are two after all; None where they stay one."""
    life = drawn.life
    life.go(dice.uniform(2 * DAY, 9 * DAY))
    other = Life(
        life.ledger,
        f"twin{life.lead_id}",
        dice.randrange(max(BEGIN, life.row["captured_ms"] - 9 * 86_400_000), life.now - 8_640_000),
    )
    twin = Drawn(other, dice, drawn.place, "submitted")
    twin.arrive()
    _merge(life, other)
    before = list(drawn.asks), dict(life.row)
    drawn.asks += twin.asks
    _gain(drawn, twin)
    try:
        if dice.random() > 0.15:
            return None
        life.go(dice.uniform(60, 5 * DAY))
    except Over:
        return None
    _part(life, other, before[1])
    drawn.asks, life.row = before
    return other


def _merge(life: Life, other: Life) -> None:
    other.now = life.now - 1
    other.go(0.001)
    other.say("LeadMerged", into=life.lead_id, by=("email",))
    life.tell("LeadMerged", {
        "absorbed.lead_id": other.lead_id, "absorbed.captured_at": Ms(other.row["captured_ms"]),
        "absorbed.touches": other.row["touches"], "absorbed.signals": _NOTHING, "absorbed.pages": (),
        "absorbed.first": None, "absorbed.last": None, "absorbed.temperature": other.row["temperature"],
        "by": ("email",),
    })  # fmt: skip


def _gain(drawn: Drawn, twin: Drawn) -> None:
    row, other = drawn.life.row, twin.life
    _belongs(other, drawn.life.lead_id)
    if twin.scored_ms < drawn.scored_ms:
        row["first_score"] = other.row["first_score"]
    row["touches"] += other.row["touches"]
    for column in ("captured_ms", "subscriber_ms", "lead_ms"):
        row[column] = min(filter(None, (row[column], other.row[column])), default=None)
    row["top_score"] = max(row["top_score"], other.row["top_score"])
    drawn.came()


def _belongs(other: Life, lead_id: str) -> None:
    """The touches of the other life are this lead's."""
    for touch in other.ledger.rows["touch_rows"][-2:]:
        touch["lead_id"] = lead_id if f".{other.lead_id}" in touch["touch_id"] else touch["lead_id"]


def _part(life: Life, other: Life, before: dict[str, object]) -> None:
    _belongs(other, other.lead_id)
    life.tell("LeadUnmerged", {
        "other": other.lead_id, "apart": ((life.lead_id, other.lead_id),),
        "left.captured_at": Ms(int(str(before["captured_ms"]))), "left.touches": before["touches"],
        "left.signals": _NOTHING, "left.pages": (), "left.first": None, "left.last": None, "left.temperature": None,
        "left.contacted_at": None, "left.attempts": before["attempts"], "left.deals": _NOTHING,
        "left.qualifications": _NOTHING, "left.stage": before["stage"], "left.stage_since": None,
        "left.reached": _NOTHING, "left.skipped": (), "left.permission": _NOTHING, "left.callback": None,
        "left.last_touch": None,
    })  # fmt: skip
    other.now = life.now - 1
    other.go(0.001)
    other.say("LeadUnmerged", other=life.lead_id, apart=((other.lead_id, life.lead_id),))
