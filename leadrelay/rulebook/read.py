"""Reading YAML as RevOps writes it: plain values only, every value's place kept, nothing executed.

YAML can do much more than a rule needs, and most of it is a trap: aliases that grow to gigabytes, tags that build
objects, a country `NO` that is false, hours `17:00` that are the number 1020, a second key that silently replaces the
first. Here a file is maps, lists, texts, numbers, true, false and null; keys are always texts; all else is refused
with its place. The parser's events are read one by one, so that neither depth nor size can exhaust memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from leadrelay.rulebook.problems import Problem, Severity

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32

Steps: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys and list positions from the top of the file."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_WORDS: Mapping[str, bool | None] = {"null": None, "~": None, "": None, "true": True, "false": False}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file: line and column from 1, and the character index from 0."""

    line: int
    column: int
    index: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A written value: from which index to which, and its quote (', ", |, > or None for a plain one)."""

    start: Mark
    end: int
    style: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its plain data, and where every key and every value stands."""

    file: str
    text: str
    data: Any = None
    values: Mapping[Steps, Mark] = field(default_factory=dict)
    keys: Mapping[Steps, Mark] = field(default_factory=dict)
    scalars: Mapping[Steps, Scalar] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def value_at(self, steps: Steps) -> Mark:
        """Where this value stands; of the nearest thing around it when it was not written."""
        return self._nearest(self.values, steps)

    def key_at(self, steps: Steps) -> Mark:
        """Where this key stands; a list member stands where its value does."""
        return self.keys.get(steps) or self.value_at(steps)

    def problem(self, mark: Mark, message: str, suggestion: str | None = None, severity: Severity = "error") -> Problem:
        """A fault of this file."""
        return Problem(self.file, mark.line, mark.column, message, suggestion, severity)

    def _nearest(self, marks: Mapping[Steps, Mark], steps: Steps) -> Mark:
        for length in range(len(steps), -1, -1):
            if steps[:length] in marks:
                return marks[steps[:length]]
        return Mark(1, 1, 0)


def read(path: Path, shown: str | None = None) -> Document:
    """The document in a file; `shown` is the name that problems give it. Never raises for what a file says."""
    name = shown or str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        return _unreadable(name, f"cannot be read: {error.strerror}")
    if len(raw) > MAX_BYTES:
        return _unreadable(name, f"is larger than {MAX_BYTES // 1024} KiB; no set of rules a person can read is")
    try:
        return parse(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        return _unreadable(name, f"is not UTF-8 text (byte {error.start})")


def parse(text: str, name: str) -> Document:
    """The document in a text."""
    builder = _Builder(name, text)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        builder.refuse(error.problem_mark or error.context_mark, f"this is not YAML: {error.problem or error.context}")
    except yaml.YAMLError as error:
        builder.refuse(None, f"this is not YAML: {str(error).splitlines()[0]}")
    except _TooDeep as error:
        builder.refuse(error.mark, f"nested deeper than {MAX_DEPTH}")
    return builder.document()


def _unreadable(name: str, message: str) -> Document:
    return Document(name, "", problems=(Problem(name, 1, 1, message),))


class _TooDeep(Exception):
    def __init__(self, mark: Any) -> None:
        super().__init__()
        self.mark = mark


@dataclass(slots=True)
class _Frame:
    """An open map or list, and the key that waits for its value."""

    steps: Steps
    node: dict[str, Any] | list[Any]
    key: str | None = None


class _Builder:
    """Events to plain data. Goes on after a fault, so that one reading finds them all."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text
        self._frames: list[_Frame] = []
        self._data: Any = None
        self._documents = 0
        self._values: dict[Steps, Mark] = {}
        self._keys: dict[Steps, Mark] = {}
        self._scalars: dict[Steps, Scalar] = {}
        self._problems: list[Problem] = []

    def document(self) -> Document:
        return Document(
            self._name, self._text, self._data, self._values, self._keys, self._scalars, tuple(self._problems)
        )

    def refuse(self, mark: Any, message: str) -> None:
        place = _mark(mark) if mark is not None else Mark(1, 1, 0)
        self._problems.append(Problem(self._name, place.line, place.column, message))

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self.refuse(event.start_mark, "a second document (---); one file is one document")
        elif isinstance(event, yaml.AliasEvent):
            self.refuse(event.start_mark, f"*{event.anchor}: aliases are not used in rules; write the value itself")
            self._put(None, event)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._frames.pop()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._check_plain(event)
        frame = self._frames[-1] if self._frames else None
        if frame is not None and isinstance(frame.node, dict) and frame.key is None:
            self._key(frame, event)
            return
        start, end = _mark(event.start_mark), _mark(event.end_mark)
        self._scalars[self._put(_value(event), event)] = Scalar(start, end.index, event.style or None)

    def _key(self, frame: _Frame, event: yaml.ScalarEvent) -> None:
        frame.key = event.value
        steps = (*frame.steps, event.value)
        here = _mark(event.start_mark)
        first = self._keys.setdefault(steps, here)
        if first != here:
            self.refuse(event.start_mark, f"'{event.value}' is here twice; the first is on line {first.line}")

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._check_plain(event)
        if len(self._frames) >= MAX_DEPTH:
            raise _TooDeep(event.start_mark)
        node: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._frames.append(_Frame(self._put(node, event), node))

    def _put(self, value: Any, event: yaml.NodeEvent) -> Steps:
        """Places a value in what is open, and says where that is."""
        if not self._frames:
            self._data = value
            steps: Steps = ()
        else:
            steps = self._place(self._frames[-1], value, event)
        self._values.setdefault(steps, _mark(event.start_mark))
        return steps

    def _place(self, frame: _Frame, value: Any, event: yaml.NodeEvent) -> Steps:
        if isinstance(frame.node, list):
            frame.node.append(value)
            return (*frame.steps, len(frame.node) - 1)
        if frame.key is None:
            self.refuse(event.start_mark, "a key is a text; this is a list, a map or an alias")
            frame.key = "?"
            return (*frame.steps, "?")
        key, frame.key = frame.key, None
        frame.node[key] = value
        return (*frame.steps, key)

    def _check_plain(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self.refuse(event.start_mark, f"&{event.anchor}: anchors are not used in rules")
        if event.tag is not None:
            self.refuse(event.start_mark, f"{event.tag}: tags are not used in rules; write the plain value")


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1, mark.index)


def _value(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    text: str = event.value
    if event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
