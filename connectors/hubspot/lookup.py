"""Finding contacts: by id, by our key, by e-mail; never by search, whose index lags behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.hubspot.answers import ask, of_item
from connectors.hubspot.batches import API, LARGEST, items, strings
from connectors.hubspot.fields import EMAIL, KEY, MERGED_PROPERTY, OTHER_EMAILS_PROPERTY, asked_for
from connectors.hubspot.transport import Wire, is_id
from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_trouble import Refusal, Refused
from leadrelay.ports.crm import RecordKey

CONTACTS = "contacts"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as HubSpot shows it now."""

    crm_id: str
    properties: Mapping[str, str]

    @property
    def ids(self) -> list[str]:
        """Its own id and those of contacts that were merged into it."""
        return [self.crm_id, *self.listed(MERGED_PROPERTY)]

    def listed(self, prop: str) -> list[str]:
        """A property that holds several values, separated by semicolons."""
        return [value for value in (self.properties.get(prop) or "").split(";") if value]


class Lookup:
    """Finds the contacts of one account."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self._wire = wire
        self._fields = fields
        self._key = fields.of(KEY).name
        self._email = fields.of(EMAIL).name

    def find(self, keys: Sequence[RecordKey]) -> list[Contact | None]:
        """Each key's contact: by id, then by our key, then by e-mail; each question asked only for what is missing,
        and none for the key of a lead that was never sent.

        Raises Refused.
        """
        found: list[Contact | None] = [None] * len(keys)
        questions: tuple[tuple[Callable[[RecordKey], str], str | None, Callable[[Contact], Iterable[str]]], ...] = (
            (lambda key: key.crm_id if key.crm_id and is_id(key.crm_id) else "", None, lambda contact: contact.ids),
            (lambda key: "" if key.fresh else key.lead_key, self._key, self._keys),
            (lambda key: (key.email or "").strip().lower(), self._email, self._emails),
        )
        for value_of, id_property, answers_to in questions:
            missing = {value_of(key) for key, contact in zip(keys, found, strict=True) if contact is None} - {""}
            index = self._read(sorted(missing), id_property, answers_to)
            found = [contact or index.get(value_of(key)) for key, contact in zip(keys, found, strict=True)]
        return found

    def by_ids(self, ids: Iterable[str]) -> dict[str, Contact]:
        """Contacts by the ids they answer to, those merged into them included. Raises Refused."""
        return self._read(sorted(set(ids)), None, lambda contact: contact.ids)

    def _keys(self, contact: Contact) -> Iterable[str]:
        return [contact.properties.get(self._key) or ""]

    def _emails(self, contact: Contact) -> Iterable[str]:
        own = contact.properties.get(self._email) or ""
        return [email.lower() for email in (own, *contact.listed(OTHER_EMAILS_PROPERTY))]

    def _read(
        self, values: Sequence[str], id_property: str | None, answers_to: Callable[[Contact], Iterable[str]]
    ) -> dict[str, Contact]:
        index: dict[str, Contact] = {}
        for start in range(0, len(values), LARGEST):
            for contact in self._read_batch(values[start : start + LARGEST], id_property):
                index |= dict.fromkeys(answers_to(contact), contact)
        return index

    def _read_batch(self, values: Sequence[str], id_property: str | None) -> list[Contact]:
        body: dict[str, Any] = {
            "inputs": [{"id": value} for value in values],
            "properties": asked_for(self._fields),
            "propertiesWithHistory": [],
        }
        if id_property:
            body["idProperty"] = id_property
        try:
            answer = ask(partial(self._wire.call, API, "read", CONTACTS, body), self._fields)
        except Refused as refused:
            if _none_there(refused):
                return []
            raise
        for error in items(answer, "errors"):
            if error.get("category") != "OBJECT_NOT_FOUND":
                raise Refused(of_item(error, self._fields))
        return [Contact(str(item["id"]), strings(item.get("properties"))) for item in items(answer, "results")]


def _none_there(refused: Refused) -> bool:
    """Where nothing of a batch exists HubSpot may answer 404 for the whole."""
    return isinstance(refused.trouble, Refusal) and refused.trouble.code == "NOT_FOUND"
