"""A year of leads with known answers: `year(50_000)` is the same on every machine.

    python -m tests.reports.year.generate --leads 50000 /tmp/facts

writes its facts as lines of JSON, as the lake keeps them, for the scale run and for reading reports by hand.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from tests.reports.year import draws
from tests.reports.year.arriving import captured
from tests.reports.year.draws import PLACES, weighted
from tests.reports.year.life import BEGIN, END, Ledger, Life, Over, blank
from tests.reports.year.lives import Drawn
from tests.reports.year.mould import Id
from tests.reports.year.twins import joined

_DAY_MS = 86_400_000
_FILE = 200_000


def year(leads: int, seed: int = 7) -> Ledger:
    """So many people, their clocks, assignments and deals; beside them what was parked and what senders lost."""
    ledger, dice = Ledger(), Random(seed)
    for number in range(leads):
        _lived(Life(ledger, f"{seed}l{number:07}", captured(dice)), dice)
    for _ in range(leads // 20):
        _parked(ledger, dice)
    for _ in range(max(1, leads // 250)):
        _gap(ledger, dice)
    _amounts(ledger)
    return ledger


def _amounts(ledger: Ledger) -> None:
    """What a lead is worth: its deals in the currency of the latest."""
    leads = {row["lead_id"]: row for row in ledger.rows["lead_rows"]}
    for deal in ledger.rows["deal_rows"]:
        if deal["currency"] is None:
            continue
        lead = leads[deal["lead_id"]]
        lead["currency"] = deal["currency"]
        state = "won" if deal["won_ms"] else "lost" if deal["lost_ms"] else "open"
        if state != "lost":
            lead[f"{state}_amount"] = deal["amount"] + (lead[f"{state}_amount"] or 0)


def _lived(life: Life, dice: Random) -> None:
    kind = weighted(dice, draws.COMMON)[0]
    place = dice.choices(PLACES, [each.weight for each in PLACES])[0]
    drawn, lived = Drawn(life, dice, place, str(kind)), life.ledger.rows["lead_rows"]
    more = drawn.live()
    try:
        other = joined(drawn, dice) if more and dice.random() < 0.015 else None
    except Over:
        other = None
    lived.extend(each.row for each in (life, other) if each is not None and each.known)


def _parked(ledger: Ledger, dice: Random) -> None:
    """A touch that nobody's lead came from: spam, tests, what nobody understood."""
    place, at = dice.choice(PLACES), dice.randrange(BEGIN, END - 5000)
    touch_id, reason = Id(f"{place.source}.p{len(ledger.lines)}"), dice.choice(draws.PARKED)
    told = {"touch_id": touch_id, "source": place.source}
    ledger.say("TouchReceived", {**told, "kind": "submission"}, (touch_id, 1), None, 0, at)
    ledger.say("TouchParked", {**told, "reason": reason}, (touch_id, 2), None, 0, at + 900)
    ledger.rows["touch_rows"].append(
        blank(
            "touch_rows",
            touch_id=str(touch_id),
            source=place.source,
            kind="submission",
            received_ms=at,
            parked_ms=at + 900,
            parked_why=reason,
        )
    )


def _gap(ledger: Ledger, dice: Random) -> None:
    """What a sender lists and did not deliver, told twice: the newest holds."""
    source, form = dice.choice((("meta", "6501"), ("meta", "6502"), ("google_ads", "4001"), ("linkedin", "")))
    day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=dice.randrange(0, 363))
    log = f"{source}:{day:%Y-%m-%d}"
    known = [row for row in ledger.rows["gap_rows"] if (row["source"], row["day"]) == (source, f"{day:%Y-%m-%d}")]
    if known:
        return
    theirs = dice.randrange(10, 60)
    found, gone = dice.randrange(0, 5), dice.choice((0, 0, 1))
    at = int(day.timestamp() * 1000) + _DAY_MS
    told = {"source": source, "form": form, "day": f"{day:%Y-%m-%d}"}
    ledger.say("SourceGap", {**told, "theirs": theirs - 1, "ours": theirs - 1, "found": 0}, (log, 1), None, 0, at)
    newest = {"theirs": theirs, "ours": theirs - found, "found": found, "gone": gone}
    ledger.say("SourceGap", {**told, **newest}, (log, 2), None, 0, at + 600_000)
    ledger.rows["gap_rows"].append(blank("gap_rows", **told, **newest, day_ms=int(day.timestamp() * 1000)))


def write(lines: Sequence[str], folder: Path) -> Path:
    """As files of JSON lines, the last ones told first: no order is promised."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(_parts(lines)):
        (folder / f"{number:04}.json").write_text("".join(part))
    return folder


def _parts(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(lines), _FILE):
        yield lines[start : start + _FILE][::-1]


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--leads", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    lines = year(asked.leads, asked.seed).lines
    write(lines, asked.folder)
    print(f"{len(lines)} facts in {asked.folder}")


if __name__ == "__main__":
    main()
