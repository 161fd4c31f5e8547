"""What a field takes and shows: JSON in, text in the world, JSON out, and Salesforce's words for refusing it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from connectors.salesforce.sandbox.errors import Bad, bad_id, unreadable
from connectors.salesforce.sandbox.ids import is_id, long_form

NUMBERS = frozenset({"double", "int", "currency"})
TEXTS = frozenset({"string", "textarea", "email", "phone", "url"})
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A field of an object. `type` is describe's word for it, `refers` the objects a reference may point to."""

    name: str
    type: str
    length: int = 0
    label: str = ""
    required: bool = False
    writeable: bool = True
    external_id: bool = False
    unique: bool = False
    calculated: bool = False
    values: tuple[str, ...] = ()
    refers: tuple[str, ...] = ()
    relationship: str = ""

    @property
    def custom(self) -> bool:
        """Whether it was deployed into the org."""
        return self.name.endswith("__c")

    def taken(self, value: Any) -> str:
        """The text to keep for a JSON value; "" for null. Raises Bad."""
        if value is None or value == "":
            return "false" if self.type == "boolean" else ""
        if self.type == "boolean":
            return self._boolean(value)
        if self.type in NUMBERS:
            return self._number(value)
        if not isinstance(value, str):
            return self._texted(value)
        return self._text(value)

    def shown(self, text: str | None) -> Any:
        """The JSON value for a kept text; an absent one is null, or false."""
        if self.type == "boolean":
            return text == "true"
        if not text:
            return None
        if self.type == "int":
            return int(float(text))
        return float(text) if self.type in NUMBERS else text

    def _boolean(self, value: object) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        raise unreadable(f"Cannot deserialize instance of boolean from VALUE_STRING value {value}")

    def _number(self, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise unreadable(f"Cannot deserialize instance of {self.type} from VALUE_STRING value {value}")
        return repr(float(value))

    def _texted(self, value: object) -> str:
        """Salesforce writes numbers and booleans into text fields, but no lists or objects."""
        if isinstance(value, (dict, list)):
            raise unreadable(f"Cannot deserialize instance of {self.type} from START_OBJECT value")
        return self._text(str(value).lower() if isinstance(value, bool) else str(value))

    def _text(self, text: str) -> str:
        if self.type == "datetime":
            return wire_time(self._instant(text))
        if self.type == "date":
            return self._date(text)
        if self.type == "reference":
            if not is_id(text):
                raise bad_id(text, self.label)
            return long_form(text)
        if self.values and text not in self.values:
            message = f"{self.label}: bad value for restricted picklist field: {text}"
            raise Bad(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [self.name])
        return self._written(text)

    def _written(self, text: str) -> str:
        if self.length and len(text) > self.length:
            message = f"{self.label}: data value too large: {text[:40]} (max length={self.length})"
            raise Bad(400, "STRING_TOO_LONG", message, [self.name])
        if self.type == "email" and not EMAIL.fullmatch(text):
            raise Bad(400, "INVALID_EMAIL_ADDRESS", f"{self.label}: invalid email address: {text}", [self.name])
        return text.strip()

    def _instant(self, text: str) -> datetime:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise unreadable(f"Cannot deserialize instance of datetime from VALUE_STRING value {text}") from None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def _date(self, text: str) -> str:
        try:
            return date.fromisoformat(text[:10]).isoformat()
        except ValueError:
            raise unreadable(f"Cannot deserialize instance of date from VALUE_STRING value {text}") from None


def wire_time(at: datetime) -> str:
    """As Salesforce writes times: UTC, whole seconds, a zone without colon."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
