"""What a report says of itself, in every language: its `texts.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import Field

from leadrelay.domain.model import Model

_REPORTS = Path(__file__).parent
_FIRST = "en"


class ReportText(Model):
    """`definition` is one sentence. Columns, numbers, tables, charts and remarks by id, `codes` by code. In a remark
    stands `{name}`, or `{name:kind}` where the kind of the value (see `result.Kind`) or the vocabulary of a code is to
    be told."""

    title: str
    definition: str
    columns: Mapping[str, str] = Field(default_factory=dict)
    numbers: Mapping[str, str] = Field(default_factory=dict)
    tables: Mapping[str, str] = Field(default_factory=dict)
    charts: Mapping[str, str] = Field(default_factory=dict)
    remarks: Mapping[str, str] = Field(default_factory=dict)
    codes: Mapping[str, str] = Field(default_factory=dict)


@cache
def report_text(report: str, language: str) -> ReportText:
    """The words of a report in a language, in English where it has no other; its name alone where it has none."""
    file = _REPORTS / report / "texts.json"
    said = json.loads(file.read_text("utf-8")) if report.isidentifier() and file.is_file() else {}
    found = said.get(language) or said.get(_FIRST) or {"title": report.capitalize(), "definition": ""}
    return ReportText.model_validate(found)
