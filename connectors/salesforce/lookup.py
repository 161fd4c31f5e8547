"""Finding people: by id, by our key, by e-mail, among leads and contacts, in one call.

Queries read the database itself, not an index that lags behind. What became of a record that is gone (merged into
another, converted into a contact) is asked only when that matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from connectors.kit.crm_fields import FieldMap, Wire
from connectors.kit.crm_trouble import Refusal, Refused
from connectors.salesforce.answers import ask, of_answer
from connectors.salesforce.fields import EMAIL, KEY, KINDS, Kind
from connectors.salesforce.ids import long_id
from connectors.salesforce.session import Answer, Org
from leadrelay.ports.crm import RecordKey

LEAD_KEY = re.compile(r"[0-9a-f]{32}")
CHUNK = 50
"""Keys in one query: so many ids, keys and addresses stay well below what an address may hold."""
QUERIES = 4
"""Queries in one composite call; Salesforce takes five."""
ALSO: Mapping[Kind, tuple[str, ...]] = {"Lead": ("Id", "IsConverted", "ConvertedContactId"), "Contact": ("Id",)}
WHITHER: Mapping[Kind, str] = {"Lead": "Id, ConvertedContactId, MasterRecordId", "Contact": "Id, MasterRecordId"}
HOW = "Run `leadrelay crm setup`, or mend the fields in crm.yaml."
HOPS = 3
"""Merges and conversions that are followed one after another."""


@dataclass(frozen=True, slots=True)
class Record:
    """A lead or contact as Salesforce shows it now."""

    kind: Kind
    crm_id: str
    values: Mapping[str, Wire]

    @property
    def is_open(self) -> bool:
        """Whether it can be written: a converted lead cannot."""
        return self.values.get("IsConverted") is not True

    @property
    def contact(self) -> str | None:
        """The contact that a converted lead became."""
        return str(self.values.get("ConvertedContactId") or "") or None


def kind_of(crm_id: str) -> Kind | None:
    """Lead or contact, by the id alone; None for any other text. Ids stand in addresses."""
    return next((kind for kind in KINDS if long_id(crm_id, kind)), None)


def person_id(crm_id: str) -> str:
    """The long form of the id of a lead or contact; any other text as it is."""
    return next((full for kind in KINDS if (full := long_id(crm_id, kind))), crm_id)


def is_lead_key(text: str) -> bool:
    """Whether this is a key of ours. It stands in addresses too."""
    return bool(LEAD_KEY.fullmatch(text))


class Lookup:
    """Finds the people of one account."""

    def __init__(self, org: Org, maps: Mapping[Kind, FieldMap]) -> None:
        self._org = org
        self._maps = maps

    def find(self, keys: Sequence[RecordKey]) -> list[Record | None]:
        """Each key's record. A key with an id is looked for by it alone, and followed through merges and conversions;
        one without, by our key, then by e-mail. Raises Refused."""
        asked = [_only_real(key) for key in keys]
        found = self._read(asked)
        chosen = [self._chosen(key, found) for key in asked]
        gone = [self._gone(key, found) for key in asked]
        later = self._followed({one for one in gone if one})
        return [later.get(was) or one for was, one in zip(gone, chosen, strict=True)]

    def successors(self, ids: Iterable[str]) -> dict[str, str]:
        """Which record took the place of each of these: the contact of a converted lead, the winner of a merge. Those
        that are simply gone are left out. Raises Refused."""
        wanted = sorted({person_id(one) for one in ids})
        found: dict[str, str] = {}
        for start in range(0, len(wanted), CHUNK):
            for row in self._rows(self._successions(wanted[start : start + CHUNK]), deleted=True):
                following = row.get("ConvertedContactId") or row.get("MasterRecordId")
                if following:
                    found[str(row["Id"])] = str(following)
        return found

    def pages(self, query: str) -> Iterator[Mapping[str, Any]]:
        """Every row of one query, page by page. Raises Refused."""
        page = ask(partial(self._org.call, "GET", "/query", None, {"q": query}), self._maps["Lead"])
        while True:
            yield from _records(page)
            following = page.get("nextRecordsUrl") if isinstance(page, dict) else None
            if not following:
                return
            page = ask(partial(self._org.more, str(following)), self._maps["Lead"])

    # -- choosing

    def _chosen(self, key: RecordKey, found: Sequence[Record]) -> Record | None:
        """Our own record, else one with the address that is nobody's, else whoever's it is."""
        able = [one for one in found if one.is_open]
        if key.crm_id:
            return next((one for one in able if one.crm_id == key.crm_id), None)
        same = [one for one in able if key.email and self._email(one) == key.email]
        ranks = (
            [one for one in able if self._is_own(one, key)],
            [one for one in same if not self.key_of(one)],
            same,
        )
        return next((one for rank in ranks for one in rank), None)

    def _gone(self, key: RecordKey, found: Sequence[Record]) -> str:
        """The id of a record that must be followed: it is not there, or it was converted; "" where there is none."""
        if key.crm_id:
            return "" if self._chosen(key, found) else key.crm_id
        own = [one for one in found if self._is_own(one, key)]
        return "" if any(one.is_open for one in own) else next((one.crm_id for one in own), "")

    def _is_own(self, record: Record, key: RecordKey) -> bool:
        return not key.fresh and bool(key.lead_key) and self.key_of(record) == key.lead_key

    def key_of(self, record: Record) -> str:
        """The lead key that the record carries, "" for none."""
        return str(record.values.get(self._maps[record.kind].of(KEY).name) or "").lower()

    def _email(self, record: Record) -> str:
        return str(record.values.get(self._maps[record.kind].of(EMAIL).name) or "").strip().lower()

    def _followed(self, ids: Iterable[str]) -> dict[str, Record]:
        """The records that took the place of these, over several steps if need be."""
        now = {one: one for one in ids}
        there: dict[str, Record] = {}
        for _ in range(HOPS):
            steps = self.successors(now.values()) if now else {}
            now = {one: steps[here] for one, here in now.items() if here in steps}
            read = self._read([RecordKey("", here, fresh=True) for here in now.values()]) if now else []
            reached = {one.crm_id: one for one in read if one.is_open}
            there |= {one: reached[here] for one, here in now.items() if here in reached}
            now = {one: here for one, here in now.items() if one not in there}
        return there

    # -- asking

    def _read(self, keys: Sequence[RecordKey]) -> list[Record]:
        """Leads before contacts, and of each kind the oldest first."""
        parts = [keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)]
        queries = [(kind, self._query(kind, part)) for kind in KINDS for part in parts]
        asked = [(kind, query) for kind, query in queries if query]
        found: list[Record] = []
        for start in range(0, len(asked), QUERIES):
            some = asked[start : start + QUERIES]
            for (kind, _), page in zip(some, self._answers([query for _, query in some]), strict=True):
                found += [Record(kind, str(row["Id"]), row) for row in _records(page)]
        return found

    def _query(self, kind: Kind, keys: Sequence[RecordKey]) -> str:
        """The query for these keys, "" where none of them can be of this kind."""
        from simple_salesforce.format import format_soql

        known = self._maps[kind]
        values = {
            "Id": [key.crm_id for key in keys if key.crm_id and kind_of(key.crm_id) == kind],
            known.of(KEY).name: [key.lead_key for key in keys if key.lead_key and not (key.crm_id or key.fresh)],
            known.of(EMAIL).name: [key.email for key in keys if key.email and not key.crm_id],
        }
        tests = [format_soql(f"{name} IN {{}}", sorted(set(some))) for name, some in values.items() if some]
        parts = ", ".join(sorted({*ALSO[kind], *known.names()})), kind, " OR ".join(tests)
        query = "SELECT {:literal} FROM {:literal} WHERE {:literal} ORDER BY CreatedDate, Id"
        return format_soql(query, *parts) if tests else ""

    def _successions(self, ids: Sequence[str]) -> list[str]:
        from simple_salesforce.format import format_soql

        of = {kind: [one for one in ids if kind_of(one) == kind] for kind in KINDS}
        query = "SELECT {:literal} FROM {:literal} WHERE Id IN {}"
        return [format_soql(query, WHITHER[kind], kind, of[kind]) for kind in KINDS if of[kind]]

    def _rows(self, queries: Sequence[str], *, deleted: bool) -> list[dict[str, Any]]:
        return [row for page in self._answers(queries, deleted=deleted) for row in _records(page)]

    def _answers(self, queries: Sequence[str], *, deleted: bool = False) -> list[Any]:
        """The first page of each query, all in one call: more than a page of people for fifty keys means that an
        address is everybody's, and the oldest are as good as the others. Raises Refused."""
        where = f"{self._org.base}/{'queryAll' if deleted else 'query'}"
        parts = [
            {"method": "GET", "url": f"{where}?{urlencode({'q': query})}", "referenceId": f"q{place}"}
            for place, query in enumerate(queries)
        ]
        body = {"allOrNone": False, "compositeRequest": parts}
        told = ask(partial(self._org.call, "POST", "/composite", body), self._maps["Lead"])
        return [self._part(f"q{place}", told) for place in range(len(queries))]

    def _part(self, name: str, told: object) -> Any:
        """One query's page. A column that is not there is no fault of the question: the set-up has to be run."""
        listed = told.get("compositeResponse") if isinstance(told, dict) else None
        parts = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        one = next((part for part in parts if part.get("referenceId") == name), {})
        answer = Answer(int(one.get("httpStatusCode") or 0), one.get("body"))
        if not answer.ok:
            trouble = of_answer(answer, self._maps["Lead"])
            if isinstance(trouble, Refusal) and trouble.parts:
                trouble = Refusal(
                    "PERMISSION", f"{trouble.message} Run `leadrelay crm setup`, or mend the fields in crm.yaml."
                )
            raise Refused(trouble)
        return answer.body


def _only_real(key: RecordKey) -> RecordKey:
    """The key without what cannot be a key: an id of something else, a key that is not ours."""
    crm_id = person_id(key.crm_id) if key.crm_id and kind_of(key.crm_id) else None
    lead_key = key.lead_key if is_lead_key(key.lead_key) else ""
    email = None if key.crm_id else (key.email or "").strip().lower() or None
    return RecordKey(lead_key, crm_id, email, key.fresh or bool(key.crm_id))


def _records(page: object) -> list[dict[str, Any]]:
    listed = page.get("records") if isinstance(page, dict) else None
    return [one for one in listed if isinstance(one, dict) and one.get("Id")] if isinstance(listed, list) else []
