"""One attempt at a person: what has been left out so far and why, and what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from connectors.hubspot.fields import EMAIL, KEY
from connectors.hubspot.lookup import Contact
from connectors.kit.crm_fields import plain
from connectors.kit.crm_trouble import Refusal
from leadrelay.ports.crm import FieldWrite, Rejected, UpsertPerson, WriteResult


@dataclass(frozen=True, slots=True)
class Attempt:
    """A person to be written, without the fields that are left out; `again` after a conflict that named nobody."""

    op: UpsertPerson
    left_out: Mapping[str, Rejected] = field(default_factory=dict)
    again: bool = False

    def fields(self) -> list[FieldWrite]:
        """The fields to be written; the key is stamped, never asked for."""
        return [write for write in self.op.fields if write.name not in self.left_out and write.name != KEY]

    def without(self, word: str, why: Rejected) -> Attempt:
        """The same without a field."""
        return replace(self, left_out={**self.left_out, word: why})

    def without_address(self, holder: str) -> Attempt:
        """The same without the address, which another lead's contact has."""
        why = "this address belongs to another lead's contact, and HubSpot allows it once"
        return self.without(EMAIL, Rejected(self.op.op_id, "DUPLICATE", why, EMAIL, holder))

    def narrowed(self, told: WriteResult | Refusal) -> Attempt | None:
        """What can be tried after a refusal: without the fields it names, or once without the address that somebody
        else has. None where nothing is left to try."""
        if not isinstance(told, Refusal):
            return None
        if told.code == "DUPLICATE":
            return self._after_conflict(told)
        ours = {write.name for write in self.fields()}
        parts = {part.field: part for part in told.parts if part.field in ours}
        if not parts or len(parts) < len(told.parts):
            return None
        why = {word: Rejected(self.op.op_id, part.code, part.message, word) for word, part in parts.items() if word}
        return replace(self, left_out={**self.left_out, **why})

    def _after_conflict(self, told: Refusal) -> Attempt | None:
        """A conflict that names no contact may be over already: once more as it was. Otherwise without the address."""
        seen = replace(self.op, key=replace(self.op.key, fresh=False))
        if told.existing_id is None and not self.again:
            return replace(self, op=seen, again=True)
        if EMAIL in self.left_out:
            return None
        why = Rejected(self.op.op_id, "DUPLICATE", told.message, EMAIL, told.existing_id)
        return replace(self, op=seen).without(EMAIL, why)

    def refused(self, applied: Mapping[str, str]) -> tuple[Rejected, ...]:
        """What the caller is told about the fields that were left out: nothing where the contact shows the value
        all the same."""
        wanted = {write.name: plain(write.value) for write in self.op.fields}
        return tuple(
            why
            for word, why in self.left_out.items()
            if word in wanted and applied.get(word, "").casefold() != wanted[word].casefold()
        )


@dataclass(frozen=True, slots=True)
class Write:
    """One input of a batch. `looked` says that `contact` is what HubSpot showed: None for a new one."""

    attempt: Attempt
    contact: Contact | None
    properties: dict[str, str]
    looked: bool

    @property
    def op_id(self) -> str:
        """The operation it belongs to."""
        return self.attempt.op.op_id

    @property
    def crm_id(self) -> str:
        """The contact it goes to, empty for one that our key finds or makes."""
        if self.contact:
            return self.contact.crm_id
        return "" if self.looked else str(self.attempt.op.key.crm_id)
