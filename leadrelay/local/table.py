"""The live table: one line per genuine lead, from webhook to CRM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.table import Table
from rich.text import Text

from leadrelay.domain.card.placement import waiting_place
from leadrelay.domain.facts import Said
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules
from leadrelay.local.cast import Scene
from leadrelay.local.lapse import CLOCK
from leadrelay.local.traffic import Act
from leadrelay.local.verdict import GENUINE
from leadrelay.local.watch import Picture

COLUMNS = ("source", "lead", "score", "stage", "owner", "CRM record", "SLA due", "ms to owner", "ms to CRM")
NUMBERS = frozenset({"score", "CRM record", "ms to owner", "ms to CRM"})
UNKNOWN = "…"
STAGE_STYLES = {"sql": "bold green", "mql": "green", "lead": "cyan", "subscriber": "dim"}


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of one lead; None is not known yet. Times in milliseconds since the first webhook. `met` is
    what was said when its contact clock stopped."""

    scene: Scene
    lead: Lead | None
    crm_id: str | None
    ms_to_owner: float | None
    ms_to_crm: float | None
    met: Said | None


def rows(acts: Sequence[Act], picture: Picture) -> list[Row]:
    """One row per genuine lead, in the order of the play."""
    return [_row(act, picture) for act in acts if act.scene.part in GENUINE]


def drawn(found: Sequence[Row], rules: Rules, now: datetime, title: str) -> Table:
    """The table as it looks `now` (UTC)."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", expand=False)
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in NUMBERS else "left", no_wrap=True)
    for row in found:
        table.add_row(*_cells(row, rules, now))
    return table


def _row(act: Act, picture: Picture) -> Row:
    lead = picture.lead_of(act)
    contacts = picture.of_person(act.scene.visit.person)
    assigned = picture.said(lead.lead_id, "LeadAssigned") if lead else []
    met = [fact for fact in picture.said(lead.lead_id, "SlaMet") if fact.data["kind"] == CLOCK] if lead else []
    return Row(
        scene=act.scene,
        lead=lead,
        crm_id=contacts[0].crm_id if contacts else None,
        ms_to_owner=_ms(act.begun_at, assigned[0].metadata.occurred_at) if assigned else None,
        ms_to_crm=_ms(act.begun_at, contacts[0].created_at) if contacts else None,
        met=met[-1] if met else None,
    )


def _ms(start: datetime, end: datetime) -> float:
    return 1000 * (end - start).total_seconds()


def _cells(row: Row, rules: Rules, now: datetime) -> list[Text | str]:
    visit, lead = row.scene.visit, row.lead
    who = f"{visit.person.first_name}, {visit.person.company}"
    if lead is None:
        return [visit.source, who, *[UNKNOWN] * (len(COLUMNS) - 2)]
    return [
        visit.source,
        Text(who, style="bold" if lead.temperature == "hot" else ""),
        str(lead.score.total),
        Text(lead.stage, style=STAGE_STYLES.get(lead.stage, "")),
        _owner(lead, rules),
        row.crm_id or UNKNOWN,
        _due(lead, row.met, now),
        _number(row.ms_to_owner),
        _number(row.ms_to_crm),
    ]


def _owner(lead: Lead, rules: Rules) -> Text | str:
    owner = lead.ownership
    if owner.queue is not None:
        return Text(rules.team.queue(owner.queue).name, style="dim")
    if owner.rep is None:
        return Text(waiting_place(lead, rules.team) or UNKNOWN, style="dim")
    name = rules.team.rep(owner.rep).name
    return Text(f"{name} ← {owner.previous[-1]}", style="yellow") if owner.previous else name


def _due(lead: Lead, met: Said | None, now: datetime) -> Text | str:
    """Time left on the contact clock, or how it ended; a lead in a queue has none."""
    clock = lead.clock(CLOCK)
    if clock is None and met is not None:
        return Text("met", style="green") if met.data["in_time"] else Text("met late", style="yellow")
    if clock is None:
        return "–" if lead.ownership.placed else UNKNOWN
    left = int((clock.due_at - now).total_seconds())
    text = f"{abs(left) // 60}:{abs(left) % 60:02d}"
    if left < 0:
        return Text(f"late {text}", style="bold red")
    return Text(f"in {text}", style="yellow" if clock.warn_at is None else "")


def _number(ms: float | None) -> str:
    return UNKNOWN if ms is None else f"{ms:,.0f}"
