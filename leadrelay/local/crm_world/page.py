"""What a sales rep would see in the CRM, as a page: one card per person, the most urgent first.

Server-rendered with autoescape, no script, and a content security policy that allows nothing but its own style sheet
and forms: the messages on the cards come from strangers. Where the dialect has `Hands`, a person's own page lets them
do what reps do: give the record to somebody, set the lead status, log a call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from jinja2 import Environment

    from leadrelay.local.crm_world.server import Dialect

HERE = Path(__file__).parent
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with `no-referrer` a browser would hide a form's origin from us too
    "Cache-Control": "no-store",
}
STYLE = "/__page/style.css"
HANDS_AT = "/__world/by_hand"
ID = 20  # characters of the longest id
ONE_CARD = re.compile(rf"/contacts/(\w{{1,{ID}}})/?", re.ASCII)
SOON = timedelta(minutes=15)
FAR = datetime.max.replace(tzinfo=UTC)
INITIALS = 2


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as the page shows it; `body` is plain text."""

    subject: str
    body: str
    due_at: datetime | None
    done: bool
    owner: str
    priority: str


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note as the page shows it; `body` is plain text."""

    body: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """One person as the rep sees them; `fields` are in LeadRelay's words, empty ones left out; `status` is
    the lead status as the CRM has it. `owner_id` is the CRM's, "" where nobody owns it."""

    crm_id: str
    fields: Mapping[str, str]
    owner: str
    tasks: tuple[TaskView, ...] = ()
    notes: tuple[NoteView, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    status: str = ""
    owner_id: str = ""
    created_at: datetime | None = None

    @property
    def name(self) -> str:
        """First and last name, or the next best thing we know."""
        full = " ".join(self.fields[part] for part in ("first_name", "last_name") if part in self.fields)
        return full or self.fields.get("email") or self.fields.get("phone") or f"Contact {self.crm_id}"

    @property
    def initials(self) -> str:
        """For the round badge."""
        return "".join(part[0] for part in self.name.split()[:INITIALS]).upper()

    @property
    def open_tasks(self) -> list[TaskView]:
        """What is still to do, soonest first."""
        return sorted((task for task in self.tasks if not task.done), key=lambda task: task.due_at or FAR)

    @property
    def done_tasks(self) -> list[TaskView]:
        """What is done."""
        return [task for task in self.tasks if task.done]

    @property
    def due_at(self) -> datetime | None:
        """The deadline that decides the card's place: the first open task's, else that of the next step."""
        due = self.open_tasks[0].due_at if self.open_tasks else None
        return due or (None if self.tasks else moment(self.fields.get("next_step_due_at")))

    @property
    def reasons(self) -> list[str]:
        """The score's reasons, one per line or semicolon in the field."""
        parts = re.split(r"[\n;]+", self.fields.get("score_reasons", ""))
        return [part.strip() for part in parts if part.strip()]


@runtime_checkable
class Hands(Protocol):
    """What a rep can do on the page; ids and values are the vendor's. Each raises KeyError for what is not there."""

    def owners(self) -> list[tuple[str, str]]:
        """Who can be given a record: id and name."""
        ...

    def statuses(self) -> list[tuple[str, str]]:
        """The lead statuses: value and label."""
        ...

    def give(self, person_id: str, owner_id: str) -> object:
        """Another owner."""
        ...

    def set_status(self, person_id: str, status: str) -> object:
        """Another lead status."""
        ...

    def log_call(self, person_id: str, about: str) -> object:
        """A call, done now."""
        ...


def hands_of(dialect: object) -> Hands | None:
    """The hands of a dialect, None where its records cannot be changed on the page."""
    hands = getattr(dialect, "hands", None)
    return hands if isinstance(hands, Hands) else None


def moment(text: str | None) -> datetime | None:
    """An aware UTC time from ISO 8601, or None where the text is none."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def urgency(card: Card, now: datetime) -> str:
    """How the card is coloured: late, soon, planned or none."""
    if card.due_at is None:
        return "none"
    if card.due_at <= now:
        return "late"
    return "soon" if card.due_at - now <= SOON else "planned"


def span(at: datetime, now: datetime) -> str:
    """A distance in time as a person says it: "in 12 min", "3 h ago"."""
    seconds = int((at - now).total_seconds())
    size = abs(seconds)
    units = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    unit, name = next(((unit, name) for unit, name in units if size >= 2 * unit or unit in (1, size)), (1, "s"))
    text = f"{size // unit} {name}"
    return f"in {text}" if seconds > 0 else f"{text} ago"


def ordered(cards: list[Card]) -> list[Card]:
    """Overdue first, then due soonest, then the rest with the highest score first."""
    return sorted(
        cards, key=lambda card: (card.due_at or FAR, -_number(card.fields.get("score")), card.crm_id.zfill(ID))
    )


def answer(dialect: Dialect, path: str, now: datetime) -> tuple[int, bytes, dict[str, str]] | None:
    """The page for a path (`/`, `/contacts/{id}`, the style sheet), or None where the path is not the page's."""
    if path == STYLE:
        return 200, (HERE / "page.css").read_bytes(), {**SECURITY, "Content-Type": "text/css; charset=utf-8"}
    one = ONE_CARD.fullmatch(path)
    if path != "/" and not one:
        return None
    cards = [(card, urgency(card, now)) for card in ordered(dialect.cards())]
    levels = [level for _, level in cards]
    shown: dict[str, Any] = {
        "title": dialect.title,
        "cards": [(card, level) for card, level in cards if not one or card.crm_id == one[1]],
        "counts": {level: levels.count(level) for level in ("late", "soon", "planned", "none")},
        "now": now,
        "single": bool(one),
        "style": STYLE,
        "hands": hands_of(dialect),
        "hands_at": HANDS_AT,
    }
    text = _environment().get_template("page.html").render(**shown)
    status = 200 if shown["cards"] or not one else 404
    return status, text.encode(), {**SECURITY, "Content-Type": "text/html; charset=utf-8"}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["span"] = span
    environment.filters["moment"] = moment
    environment.filters["clock"] = lambda at: f"{at:%d %b %H:%M} UTC"
    environment.filters["words"] = lambda text: str(text).replace("_", " ")
    return environment


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
