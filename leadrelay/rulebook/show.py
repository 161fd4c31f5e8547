"""An explanation as a person reads it: one chapter per touch, every rule with what it saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from leadrelay.domain.clocks.duration import ELAPSED
from leadrelay.domain.routing.record import DecisionRecord
from leadrelay.domain.rules import Rules
from leadrelay.rulebook.candidates import because, candidates_table
from leadrelay.rulebook.explanation import Asked, Chapter, Deadline, Explanation, Leaf

_LONGEST = 160
_PARTS = 4
"""A condition with more parts than this is shortened."""
_VERDICT = {True: "[green]yes[/]", False: "[dim]no[/]"}


def shown(explanation: Explanation, rules: Rules) -> RenderableType:
    """The whole story. Times are shown in the zone of the clock's calendar, with UTC beside them."""
    parts: list[RenderableType] = [Text(explanation.about)] if explanation.about else []
    for number, chapter in enumerate(explanation.chapters, 1):
        parts += _chapter(number, chapter, rules)
    parts += [Rule("outcome"), _pairs(explanation.outcome.model_dump(mode="json").items())]
    for name, (expected, found) in explanation.differs.items():
        parts.append(Text.from_markup(f"[red]expected {name} {escape(str(expected))}, found {escape(str(found))}[/]"))
    if explanation.expected and not explanation.differs:
        parts.append(Text("as expected", style="green"))
    parts.append(Text(f"rules {explanation.rules_version}", style="dim"))
    return Group(*parts)


def _chapter(number: int, chapter: Chapter, rules: Rules) -> Iterable[RenderableType]:
    yield Rule(f"{number}. {chapter.source}: {chapter.what} at {chapter.at:%Y-%m-%d %H:%M:%S} UTC")
    yield _pairs(chapter.understood.items(), "understood")
    if chapter.not_understood:
        yield Text(f"not understood: {', '.join(chapter.not_understood)}", style="yellow")
    if chapter.signals:
        yield Text(f"signals: {', '.join(chapter.signals)}")
    yield _points(chapter)
    if chapter.criteria:
        yield _criteria(chapter)
    yield from _channel(chapter)
    yield asked_table("segment", chapter.segments, chapter.segment)
    yield asked_table("persona", chapter.personas, chapter.persona)
    if chapter.relation is not None:
        yield asked_table("no sales lead", chapter.relations, chapter.relation)
    told = {"may": chapter.permission, "asked for a call at": chapter.callback_at}
    if any(told.values()):
        yield _pairs(told.items(), "permission")
    yield asked_table("stage", chapter.stages, f"{chapter.stage_before} → {chapter.stage}")
    if chapter.next_stage is not None and not chapter.next_stage.holds:
        yield _next_stage(chapter.next_stage)
    yield asked_table("routing", chapter.routing, _destination(chapter))
    if chapter.given is not None:
        yield from chosen(chapter.given.decision, rules)
    yield from _promises(chapter, rules)


def _promises(chapter: Chapter, rules: Rules) -> Iterable[RenderableType]:
    """What marketing did not bring, and by when sales promise what."""
    if chapter.lacks:
        yield Text(f"handed over without: {', '.join(chapter.lacks)}", style="yellow")
    for clock in chapter.deadlines:
        if clock.kind in chapter.policies:
            yield asked_table(clock.kind.replace("_", " "), chapter.policies[clock.kind], clock.policy)
        yield from _deadline(clock, rules)


def _points(chapter: Chapter) -> Table:
    lost = f", {chapter.lost} lost to the caps" if chapter.lost else ""
    known = ", ".join(filter(None, (chapter.grade, chapter.band)))
    title = f"score {chapter.score} ({known}) = fit {chapter.fit} + engagement {chapter.engagement}{lost}"
    table = _table(title, "points", "group", "rule", "earned", "changes next", "because")
    for line in chapter.points:
        points = f"{line.kept:+d}" if line.kept == line.points else f"{line.kept:+d} of {line.points}"
        when = (_minute(at) for at in (line.touched_at, line.fades_at))
        table.add_row(points, escape(line.group), escape(line.rule), *when, escape(line.says))
    return table


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def _criteria(chapter: Chapter) -> Text:
    met = ", ".join(one.criterion for one in chapter.criteria if one.met)
    missing = ", ".join(f"{one.criterion} ({one.asks})" for one in chapter.criteria if not one.met)
    return Text(f"criteria met: {met or 'none'}" + (f"; missing: {missing}" if missing else ""))


def _next_stage(asked: Asked) -> Text:
    """What speaks against it, as far as it can be said part by part."""
    failed = "; ".join(f"{part.text} ({_values(part.values)})" for part in asked.parts if not part.holds)
    return Text(f"not yet {asked.rule}: {failed or asked.condition}")


def _channel(chapter: Chapter) -> Iterable[RenderableType]:
    """How they came, for what came by a channel at all."""
    if chapter.channel is not None:
        by = f", sent by {chapter.partner}" if chapter.partner else ""
        yield asked_table("channel", chapter.channels, f"{chapter.channel} ({chapter.channel_class or 'no class'}){by}")


def asked_table(title: str, asked: Iterable[Asked], answer: str | None) -> Table:
    """Every rule up to the one that decides; what comes after was not needed."""
    table = _table(f"{title}: {answer or 'none'}", "rule", "holds", "parts")
    for one in asked:
        table.add_row(escape(one.rule), _VERDICT[one.holds], "\n".join(_parts(one)))
        if one.decides:
            break
    return table


def _parts(asked: Asked) -> Iterable[str]:
    """Each part with its answer; of a long list only those that hold, and what the others saw."""
    if len(asked.parts) <= _PARTS:
        yield from map(_part, asked.parts)
        return
    yield from (_part(part) for part in asked.parts if part.holds)
    rest = [part for part in asked.parts if not part.holds]
    seen = {name: value for part in rest for name, value in part.values.items()}
    yield f"[dim]✗ {len(rest)} parts that do not hold ({escape(_values(seen))})[/]"


def _part(part: Leaf) -> str:
    seen = f"  [dim]({escape(_values(part.values))})[/]" if part.values else ""
    return f"{'[green]✓[/]' if part.holds else '[dim]✗[/]'} {escape(_short(part.text))}{seen}"


def _short(text: str) -> str:
    """A list of phrases may be long; its beginning says which it is."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _values(seen: Mapping[str, JsonValue]) -> str:
    return ", ".join(f"{name} {'is missing' if value is None else f'= {value!r}'}" for name, value in seen.items())


def _destination(chapter: Chapter) -> str:
    given = chapter.given
    if given is None:
        return "nobody new is needed"
    who = given.rep or given.queue or "nobody yet"
    notes = [f"pool {given.to}"] if given.to != who else []
    return f"{who} ({'; '.join([*notes, given.says])}); next step: {given.next_step}"


def chosen(record: DecisionRecord, rules: Rules) -> Iterable[RenderableType]:
    """Who might have had it, and why it is whose it is."""
    if record.candidates:
        yield candidates_table(record, rules)
        yield because(record, rules)


def _deadline(clock: Deadline, rules: Rules) -> Iterable[RenderableType]:
    """The sentence of the rep over the time that was counted; a title would be as narrow as the table."""
    zone = ZoneInfo("UTC" if clock.calendar == ELAPSED else rules.calendars.calendars[clock.calendar].tz)
    warned = f"; warning at {_local(clock.warn_at, zone)}" if clock.warn_at is not None else ""
    yield Text(f"{clock.kind} ({clock.policy}): due {clock.says}{warned}", style="bold")
    table = _table(None, "from", "until", "seconds")
    for part in clock.trace:
        table.add_row(_local(part.start, zone), _local(part.end, zone), str(part.seconds))
    yield table


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%a %Y-%m-%d %H:%M:%S %Z")


def _pairs(pairs: Iterable[tuple[str, object]], title: str | None = None) -> Table:
    table = Table(
        title=title, box=None, show_header=False, title_justify="left", title_style="bold", padding=(0, 2, 0, 0)
    )
    for name, value in pairs:
        if value is not None:
            table.add_row(escape(name), escape(str(value)))
    return table


def _table(title: str | None, *columns: str) -> Table:
    table = Table(
        title=None if title is None else escape(title),
        box=None,
        title_justify="left",
        title_style="bold",
        header_style="dim",
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
