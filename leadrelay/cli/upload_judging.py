"""What becomes of a row: a touch, or a reason why not. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from connectors.csv.upload import Row
from connectors.kit import utm
from connectors.kit.drafts import answer
from leadrelay.cli.upload_columns import Column
from leadrelay.domain.hearing import understood
from leadrelay.domain.person.identity import Identity
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Answer, Origin, Touch, TouchDraft, Words, touch_id
from leadrelay.ports.source import SourceSettings

NOBODY = "neither e-mail nor phone that could be read"
UNREADABLE_EMAIL = "the e-mail is none"


@dataclass(frozen=True, slots=True)
class Judge:
    """`columns` of the list, `form` and `on` (the day it happened) as the person said, `pseudonym` a keyed hash of
    (kind, value): a touch's id travels, and must not tell whose it is."""

    settings: SourceSettings
    rules: Rules
    columns: tuple[Column, ...]
    pseudonym: Callable[[str, str], str]
    form: str | None = None
    on: date | None = None

    def __call__(self, row: Row, now: datetime) -> TouchDraft | str:
        """The touch, or the reason why there is none.

        The same person at the same form on the same day is one touch, whatever else the row says and however often the
        list is brought.
        """
        if row.fault:
            return row.fault
        words = self._words(row)
        values, identities = self._understood(words, now)
        if "lead.email" not in values and self._said("lead.email", row):
            return UNREADABLE_EMAIL
        if not identities:
            return NOBODY
        return self._draft(words, f"{self._place()}:{self._who(identities[0])}")

    def _understood(self, words: Words, now: datetime) -> tuple[dict[str, object], tuple[Identity, ...]]:
        seen = self._draft(words, self._place())
        touch = Touch(
            touch_id=touch_id(self.settings.name, seen.key),
            kind=seen.kind,
            source=self.settings.name,
            vendor=self.settings.vendor,
            trust="verified",
            received_at=now,
            occurred_at=now,
            origin=seen.origin,
        )
        heard = understood(touch, words, self.rules, now)
        return dict(heard.values), heard.identities

    def _draft(self, words: Words, key: str) -> TouchDraft:
        at = None if self.on is None else datetime.combine(self.on, time(12), UTC)
        return TouchDraft(kind="submission", key=key, words=words, origin=self._origin(words), occurred_at=at)

    def _origin(self, words: Words) -> Origin:
        """A list may have columns of its own for how each person came."""
        said = {one.key.casefold().replace(" ", "_"): one.values[0] for one in reversed(words.answers)}
        return Origin(form=self.form, **utm.origin_codes(said, said.get("page")))

    def _place(self) -> str:
        return f"upload:{self.form or ''}:{self.on or ''}"

    def _who(self, identity: Identity) -> str:
        return self.pseudonym(identity.kind, identity.value)

    def _words(self, row: Row) -> Words:
        """What a person mapped by hand comes first: of two columns for one field the first that can be read counts."""
        found = sorted(self._answers(row), key=lambda one: not one[0].by_hand)
        return Words(answers=tuple(said for _, said in found))

    def _answers(self, row: Row) -> Iterator[tuple[Column, Answer]]:
        for column, cell in zip(self.columns, row.cells, strict=False):
            said = answer(column.said, [cell], column.header)
            if said is not None:
                yield column, said

    def _said(self, field: str, row: Row) -> bool:
        return any(cell and column.field == field for column, cell in zip(self.columns, row.cells, strict=False))
