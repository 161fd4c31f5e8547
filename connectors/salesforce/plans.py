"""One attempt at a person: what has been left out so far and why, and what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from connectors.kit.crm_fields import FieldMap, Wire, needs_look, plain
from connectors.kit.crm_trouble import Refusal, Trouble
from connectors.salesforce.answers import CONVERTED
from connectors.salesforce.fields import COMPANY, EMAIL, KEY, LAST_NAME, OWNER, Kind, is_stand_in, stand_in
from connectors.salesforce.ids import owner_id
from connectors.salesforce.lookup import Record, person_id
from connectors.salesforce.rows import Saved
from leadrelay.ports.crm import FieldWrite, Rejected, UpsertPerson, WriteResult

Told = WriteResult | Refusal
Outcome = Saved | Trouble
REQUIRED = (COMPANY, LAST_NAME)
"""What Salesforce demands of a new lead, in our words."""
QUEUE = "00G"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A person to be written, without the fields that are left out. `again` says that it was looked for once more
    because somebody was faster."""

    op: UpsertPerson
    left_out: Mapping[str, Rejected] = field(default_factory=dict)
    again: bool = False

    @property
    def must_look(self) -> bool:
        """Who is known by id and gets only fields of our own is written without looking."""
        return self.op.key.crm_id is None or needs_look(self.op.fields)

    def fields(self) -> list[FieldWrite]:
        """The fields to be written; the key is stamped, never asked for, and nobody can be left without an owner."""
        kept = (write for write in self.op.fields if write.name not in self.left_out and write.name != KEY)
        return [_normal(write) for write in kept if write.name != OWNER or (write.value and write.policy != "clear")]

    def without(self, word: str, why: Rejected) -> Attempt:
        """The same without a field."""
        return replace(self, left_out={**self.left_out, word: why})

    def narrowed(self, told: Told) -> Attempt | None:
        """What can be tried after a refusal: without the fields it names, or after another look where somebody was
        faster. None where nothing is left to try."""
        if not isinstance(told, Refusal):
            return None
        if told.code == CONVERTED or (told.code == "DUPLICATE" and told.field == KEY):
            return None if self.again or self.op.key.crm_id else self._anew()
        ours = {write.name for write in self.fields()}
        parts = {part.field: part for part in told.parts if part.field in ours}
        if not parts or len({part.field for part in told.parts}) > len(parts):
            return None
        why = {word: part.result(self.op.op_id) for word, part in parts.items() if word}
        return replace(self, left_out={**self.left_out, **why})

    def refused(self, applied: Mapping[str, str]) -> tuple[Rejected, ...]:
        """What the caller is told about the fields that were left out: nothing where the record shows the value all
        the same."""
        wanted = {write.name: plain(write.value) for write in self.op.fields}
        return tuple(
            why
            for word, why in self.left_out.items()
            if word in wanted and (not wanted[word] or applied.get(word, "").casefold() != wanted[word].casefold())
        )

    def _anew(self) -> Attempt:
        return replace(self, op=replace(self.op, key=replace(self.op.key, fresh=False)), again=True)


@dataclass(frozen=True, slots=True)
class Write:
    """What is sent for a person. `looked` says that `record` is what Salesforce showed: None for a new lead.
    `duplicate`: another lead's record has the address, and this one is made all the same."""

    attempt: Attempt
    kind: Kind
    record: Record | None
    values: Mapping[str, Wire]
    looked: bool
    duplicate: bool = False

    @property
    def op_id(self) -> str:
        """The operation it belongs to."""
        return self.attempt.op.op_id

    @property
    def crm_id(self) -> str:
        """The record it goes to, empty for one that our key finds or makes."""
        if self.record:
            return self.record.crm_id
        return "" if self.looked else person_id(str(self.attempt.op.key.crm_id))


def for_kind(writes: list[FieldWrite], known: FieldMap, every: FieldMap) -> list[FieldWrite]:
    """Without the fields that this kind of record does not have, such as a contact's company: its account has it."""
    return [write for write in writes if write.name in known.fields or write.name not in every.fields]


def seen(record: Record, known: FieldMap, writes: list[FieldWrite], me: str) -> dict[str, Wire]:
    """What the record shows, as far as anybody put it there: our stand-ins count as empty, and so does an owner who is
    us, or a queue while we have not chosen anybody yet."""
    shown = dict(record.values)
    for word in REQUIRED:
        name = known.fields[word].name if word in known.fields else ""
        if is_stand_in(str(shown.get(name) or "")):
            shown[name] = None
    owner = known.of(OWNER).name
    here, was = str(shown.get(owner) or ""), next((write.was for write in writes if write.name == OWNER), None)
    if here == me or (here.startswith(QUEUE) and was is None):
        shown[owner] = None
    return shown


def completed(values: Mapping[str, Wire], op: UpsertPerson, known: FieldMap) -> dict[str, Wire]:
    """A new lead with everything Salesforce demands: "(unknown company)", and for a last name the e-mail's part before
    the @ in brackets, or "(unknown)"."""
    email = next((str(write.value) for write in op.fields if write.name == EMAIL and write.value), op.key.email or "")
    instead = {COMPANY: stand_in("unknown company"), LAST_NAME: stand_in(email.partition("@")[0][:70] or "unknown")}
    filled = {name: value for name, value in values.items() if value is not None}
    return {**{known.of(word).name: text for word, text in instead.items()}, **filled}


def _normal(write: FieldWrite) -> FieldWrite:
    """Owners in the long form of their ids: rules may hold the short one."""
    if write.name != OWNER:
        return write
    return replace(write, value=owner_id(str(write.value)), was=write.was and owner_id(write.was))
