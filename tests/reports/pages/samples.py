"""Frames and reports for tests of pages."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from leadrelay.domain.notices.policy import Language
from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.pages import Frame, Words
from leadrelay.reports.result import Chart, Column, Line, Number, Remark, Report, Table
from tests.system import default_rules

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
ASKED = Asked(since=date(2026, 11, 1), until=date(2026, 11, 22), zone="Europe/Warsaw")


def words(language: Language = "en") -> Words:
    return Words(language, default_rules(), ZoneInfo("Europe/Warsaw"), "EUR")


def frame(language: Language = "en", /, **more: Any) -> Frame:
    """As a manager has it."""
    usual: dict[str, Any] = {
        "path": "/dashboard/reports/channels",
        "pages": ("today", "quality", "reports", "me"),
        "page": "reports",
        "who": "Nina",
        "made_at": NOW - timedelta(minutes=5),
        "facts": 1234,
        "sign_out": "/dashboard/sign-out",
    }
    return Frame(words(language), NOW, **{**usual, **more})


def report(*lines: tuple[Any, ...], name: str = "channels", **more: Any) -> Report:
    """A table of sources with leads, a share and an amount, drawn as bars; each line opens its source."""
    columns = (
        Column(id="source", kind="code", codes="source"),
        Column(id="leads"),
        Column(id="won_share", kind="share"),
        Column(id="revenue", kind="money"),
    )
    shown = lines or (("website", 1234, 0.125, 1_234_500), ("meta", 0, None, None))
    found = [Line(values=values, opens=(Condition(column="first_source", value=values[0]),)) for values in shown]
    table = Table(id="sources", columns=columns, lines=tuple(found), counts="leads")
    usual: dict[str, Any] = {
        "asked": ASKED,
        "leads": sum(values[1] for values in shown),
        "numbers": (Number(id="leads", kind="count", value=1234, of=1234, before=1000),),
        "tables": (table,),
        "charts": (Chart(id="sources", table="sources", form="bars", x="source", series=("leads",)),),
    }
    return Report(name=name, **{**usual, **more})


def warned(**values: Any) -> Remark:
    return Remark(id="unheard_of", values=values, weight="warning")


def text_of(page: str) -> str:
    """What is read, without markup, spaces as one."""
    bare = re.sub(r"<(style|svg)[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"[\s\u00a0\u202f]+", " ", html.unescape(re.sub(r"<[^>]+>", " ", bare)))
