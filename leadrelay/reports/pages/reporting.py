"""Pages of reports: the two overviews, the list, one report, the leads behind a number."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.pages import values
from leadrelay.reports.pages.filtering import form_of, label_of
from leadrelay.reports.pages.frame import Frame
from leadrelay.reports.pages.render import render
from leadrelay.reports.pages.section import Picture, Section, Sheet, section
from leadrelay.reports.query import query_of
from leadrelay.reports.result import Report
from leadrelay.reports.run import Opened

TODAY = ("funnel", "reaction", "sla", "channels")
"""What a manager looks at first."""

QUALITY = ("scoring", "gaps", "spam", "rules", "hygiene")
"""What RevOps looks at first."""

MOST = 500
"""Leads on a page."""

_DRAWN = 2
"""Charts of a report on an overview."""


@dataclass(frozen=True)
class _Glance:
    """A report on an overview: its first charts, each with its table."""

    shown: Section

    def __getattr__(self, name: str) -> object:
        return getattr(self.shown, name)

    @property
    def drawn(self) -> list[tuple[Picture, Sheet]]:
        found = [(picture, sheet) for pictures, sheet in self.shown.sheets for picture in pictures]
        return found[:_DRAWN]


def today_page(
    asked: Asked, reports: Sequence[Report], filters: Sequence[str], frame: Frame, missing: Collection[str] = ()
) -> str:
    """The manager's page: what leaks, then the reports (`TODAY`) in this order. `missing` are those of them that could
    not be counted, by name; `filters` are the ids of those to choose from."""
    return _overview("today", "leaks", (asked, reports, filters, missing), frame)


def quality_page(
    asked: Asked, reports: Sequence[Report], filters: Sequence[str], frame: Frame, missing: Collection[str] = ()
) -> str:
    """The page of RevOps, as of `today_page`, with the reports of `QUALITY`."""
    return _overview("quality", "attention", (asked, reports, filters, missing), frame)


def _overview(
    page: str,
    heading: str,
    content: tuple[Asked, Sequence[Report], Sequence[str], Collection[str]],
    frame: Frame,
) -> str:
    (asked, reports, filters, missing), say = content, frame.words.say
    sections = [section(report, frame) for report in reports]
    leaks = [(shown, text) for shown in sections for weight, text in shown.remarks if weight == "warning"]
    return render(
        "overview.html",
        frame,
        title=say(f"{page}.title"),
        lead=say(f"{page}.lead"),
        heading=say(f"{page}.{heading}"),
        nothing=say("today.tight"),
        form=form_of(asked, filters, frame),
        leaks=leaks,
        sections=list(map(_Glance, sections)),
        missing=sorted(missing),
        empty=_empty(asked, frame),
    )


def reports_page(names: Sequence[str], frame: Frame) -> str:
    """All reports, each with what it counts."""
    listed = sorted(((frame.words.report(name), frame.report(name)) for name in names), key=lambda one: one[0].title)
    return render("reports.html", frame, title=frame.words.say("reports.title"), listed=listed)


def report_page(report: Report, filters: Sequence[str], frame: Frame) -> str:
    """One report with everything it has; `filters` are the ids of those it knows. Where the frame is `alone`, a file
    that needs nobody."""
    asked, shown = report.asked, section(report, frame)
    pairs = parse_qsl(query_of(asked))
    forms = () if frame.alone else ("csv", "json")
    return render(
        "report.html",
        frame,
        title=shown.title,
        shown=shown,
        span=span(asked, frame),
        form=None if frame.alone else form_of(asked, filters, frame),
        empty=_empty(asked, frame),
        downloads=[(frame.words.say(f"report.{form}"), frame.report(report.name, *pairs, form=form)) for form in forms],
    )


def opened_page(
    name: str,
    asked: Asked,
    opens: Sequence[Condition],
    leads: Sequence[Opened],
    frame: Frame,
    names: Mapping[str, str] | None = None,
    csv: str | None = None,
) -> str:
    """The leads behind a number of the report `name`, newest first. `names` are those of whom this viewer may know, by
    lead id; of everybody else it shows the id. `csv` is where all of them can be had."""
    words, text = frame.words, frame.words.report(name)
    return render(
        "opened.html",
        frame,
        title=words.say("opened.title"),
        report_title=text.title,
        back=frame.report(name, *parse_qsl(query_of(asked))),
        span=span(asked, frame),
        on=list(_narrowed(asked, frame)),
        what="; ".join(words.condition(each, text) for each in opens),
        count=len(leads),
        leads=[_line(each, names or {}, frame) for each in leads[:MOST]],
        csv=csv,
    )


def _line(lead: Opened, names: Mapping[str, str], frame: Frame) -> Mapping[str, str]:
    words = frame.words
    captured = None if lead.captured_ms is None else datetime.fromtimestamp(lead.captured_ms / 1000, UTC)
    return {
        "href": frame.lead(lead.lead_id),
        "who": names.get(lead.lead_id) or lead.lead_id[:12],
        "captured": values.NOTHING if captured is None else words.at(captured),
        "source": words.value(lead.source, "code", "source"),
        "stage": words.value(lead.stage, "code", "stage"),
        "owner": words.value(lead.owner, "code", "owner"),
        "score": words.value(lead.score, "score"),
    }


def _narrowed(asked: Asked, frame: Frame) -> Iterator[str]:
    for name, chosen in sorted(asked.where.items()):
        vocabulary = name.rpartition(".")[2]
        told = (frame.words.code(vocabulary, each) or values.NOTHING for each in chosen)
        yield f"{label_of(name, frame)}: {', '.join(told)}"


def span(asked: Asked, frame: Frame) -> str:
    """The days that were asked for."""
    words = frame.words
    name = "span.one" if asked.since == asked.until else "span"
    return words.say(name, since=words.day(asked.since), until=words.day(asked.until))


def _empty(asked: Asked, frame: Frame) -> str:
    return frame.words.say("report.empty" if asked.where else "report.unfiltered", span=span(asked, frame))
