"""`Wild`: an untrusted value that nobody can read before it is tamed.

A payload enters as a Wild. It has no operators, no iteration and no index, so the type checker finds every place that
uses it without saying what it must be. Each method either answers a value of the promised type, cleaned and bounded,
or raises Malformed with a code: the path in our own words and what is wrong, never the payload.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from connectors.kit.text import clean, clean_line
from leadrelay.ports.source import Malformed

LINE = 512
"""Bytes of one line: names, titles, labels."""
IDENTIFIER = re.compile(r"[\x21-\x7e]{1,256}")
_TRUTH = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
_LAST_SECOND = 253_402_300_799
"""The last second of the year 9999 (Unix time)."""


class Wild:
    """One untrusted JSON value and the path to it. An absent value is wild too: only optional reads accept it."""

    __slots__ = ("_path", "_value")

    def __init__(self, value: object, path: str = "body") -> None:
        self._value = value
        self._path = path

    def __repr__(self) -> str:
        return f"Wild({self._path})"

    def refuse(self, why: str) -> Malformed:
        """The error for this value: `why` is a short code."""
        return Malformed(f"{self._path}:{why}")

    @property
    def missing(self) -> bool:
        """Absent or null."""
        return self._value is None

    @property
    def is_object(self) -> bool:
        """Whether `get` and `entries` work."""
        return isinstance(self._value, dict)

    @property
    def is_list(self) -> bool:
        """Whether `each` works."""
        return isinstance(self._value, list)

    def get(self, key: str) -> Wild:
        """The member of an object; absent members give a missing Wild. `key` is ours and may be shown in errors."""
        if not isinstance(self._value, dict):
            raise self.refuse("not_an_object")
        return Wild(self._value.get(key), f"{self._path}.{key}")

    def optional(self, key: str) -> Wild:
        """As `get`, but an absent object is an empty one."""
        return Wild(None, f"{self._path}.{key}") if self.missing else self.get(key)

    def entries(self, limit: int = 200) -> Sequence[tuple[str, Wild]]:
        """The members of an object with their cleaned names, at most `limit`; a missing object has none."""
        if self.missing:
            return ()
        if not isinstance(self._value, dict):
            raise self.refuse("not_an_object")
        if len(self._value) > limit:
            raise self.refuse("too_many")
        named = ((clean_line(key, LINE), value) for key, value in self._value.items())
        return [(name, Wild(value, f"{self._path}.*")) for name, value in named if name]

    def each(self, limit: int = 1000) -> Sequence[Wild]:
        """The items of a list, at most `limit`; a missing list has none."""
        if self.missing:
            return ()
        if not isinstance(self._value, list):
            raise self.refuse("not_a_list")
        if len(self._value) > limit:
            raise self.refuse("too_many")
        return [Wild(item, f"{self._path}[{index}]") for index, item in enumerate(self._value)]

    def optional_text(self, max_bytes: int = LINE) -> str | None:
        """One line of text; None when absent or nothing readable is left of it."""
        if self.missing:
            return None
        if not isinstance(self._value, str):
            raise self.refuse("not_text")
        return clean_line(self._value, max_bytes) or None

    def text(self, max_bytes: int = LINE) -> str:
        """One line of text, never empty."""
        return self._required(self.optional_text(max_bytes))

    def optional_identifier(self) -> str | None:
        """An id of the sender, as text whether it came as text or as a whole number; None when absent or empty."""
        if self._value is None or self._value == "":
            return None
        if isinstance(self._value, int) and not isinstance(self._value, bool):
            return str(self._value)
        if isinstance(self._value, str) and IDENTIFIER.fullmatch(self._value):
            return self._value
        raise self.refuse("not_an_identifier")

    def identifier(self) -> str:
        """As `optional_identifier`, never absent."""
        return self._required(self.optional_identifier())

    def said(self, max_bytes: int) -> str:
        """What a person or form said, as text of several lines: text, number or yes/no; "" for anything else."""
        value = self._value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return clean(str(value), max_bytes) if isinstance(value, (str, int, float)) else ""

    def encoded(self) -> bytes:
        """The text's bytes exactly as they came, for a stricter reader (JSON inside a form); never to be kept."""
        if not isinstance(self._value, str):
            raise self.refuse("not_text")
        return self._value.encode("utf-8", "surrogatepass")

    def number(self) -> float:
        """A finite number."""
        if isinstance(self._value, bool) or not isinstance(self._value, (int, float)):
            raise self.refuse("not_a_number")
        if not math.isfinite(self._value):
            raise self.refuse("not_finite")
        return float(self._value)

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, as a number or in digits."""
        value = self._value
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse("not_whole")
        if not low <= value <= high:
            raise self.refuse("out_of_range")
        return value

    def flag(self) -> bool:
        """Yes or no, also in the words forms use; absent or empty is no."""
        value = self._value
        if value is None or isinstance(value, bool):
            return bool(value)
        if isinstance(value, str) and value.lower() in {"", *_TRUTH}:
            return _TRUTH.get(value.lower(), False)
        raise self.refuse("not_a_flag")

    def unix_time(self) -> datetime:
        """A time in whole Unix seconds."""
        return datetime.fromtimestamp(self.whole(0, _LAST_SECOND), UTC)

    def optional_time(self) -> datetime | None:
        """An ISO 8601 time with its zone, in UTC; None when absent or empty."""
        written = self.optional_text(64)
        if written is None:
            return None
        try:
            at = datetime.fromisoformat(written)
            return at.astimezone(UTC) if at.tzinfo else self._zoneless()
        except (ValueError, OverflowError):
            raise self.refuse("not_a_time") from None

    def _zoneless(self) -> datetime:
        raise self.refuse("time_without_zone")

    def _required(self, value: str | None) -> str:
        if value is None:
            raise self.refuse("missing")
        return value
