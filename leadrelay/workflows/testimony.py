"""What the touches of a lead said, read again: whose they are by their own identities, and what they teach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.parting import Row, members, relearnt, touches
from leadrelay.domain.person.consent import Statement
from leadrelay.domain.person.profile import Profile, Value
from leadrelay.domain.rules import Rules
from leadrelay.domain.vocabulary import read
from leadrelay.ports.records import IdentRecord, LeadRecord, LogRecord, TouchRecord, lead_key, touch_key, words_key
from leadrelay.ports.store import Put, Record, Store
from leadrelay.workflows.identify import Name, named, places
from leadrelay.workflows.pseudonyms import Pseudonyms


@dataclass(frozen=True, slots=True)
class Said:
    """A touch, what it said, and where its identities lead: ids of leads, strongest identity first."""

    record: TouchRecord
    heard: Heard
    names: tuple[Name, ...]
    leads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Testimony:
    """Touches by id. One whose words were removed says nothing, and stays where it is."""

    said: dict[str, Said]
    store: Store

    @classmethod
    def of(
        cls, touch_ids: Iterable[str], store: Store, rules: Rules, pseudonyms: Pseudonyms, now: datetime
    ) -> Testimony:
        """Read them, as the rules understand them now."""
        ids = list(dict.fromkeys(touch_ids))
        records = store.load_all([touch_key(each) for each in ids])
        words = store.load_all([words_key(each) for each in ids])
        said: dict[str, Said] = {}
        for touch_id, record, kept in zip(ids, records, words, strict=True):
            if record is not None and kept is not None:
                heard = understood(record.touch, kept.words, rules, now)
                said[touch_id] = _said(record, heard, store, pseudonyms)
        return cls(said, store)

    def leads_to(self, touch_id: str, lead_id: str) -> bool:
        """Whether the strongest identity of a touch leads to this lead, or through it."""
        said = self.said.get(touch_id)
        return said is not None and bool(said.leads) and lead_id in self._lineage(said.leads[0])

    def statements(self, touch_ids: Iterable[str]) -> Iterator[tuple[str, Statement]]:
        """What these touches allow and refuse, each with its purpose."""
        for touch_id in touch_ids:
            if touch_id in self.said:
                yield from self.said[touch_id].heard.consents

    def ask(self, touch_ids: Iterable[str]) -> bool:
        """Whether any of these touches asks for something."""
        return any(self.said[each].heard.temperature is not None for each in touch_ids if each in self.said)

    def news(self, touch_ids: Iterable[str], echoes: Collection[str]) -> Iterator[tuple[str, Value]]:
        """What these touches teach. What a CRM shows of `echoes` (texts) is our own word, written there once."""
        for touch_id in touch_ids:
            if touch_id in self.said:
                yield from self.said[touch_id].heard.news(Profile(), lambda _, text: text in echoes)

    def profile_without(
        self,
        record: LeadRecord,
        rest: Sequence[Row],
        gone: Collection[str],
        echoes: Collection[str],
        others: Mapping[str, Profile],
    ) -> Profile:
        """A lead's profile, learnt again where the touches that are `gone` had the last word; `rest` is its log without
        them, `others` are profiles of leads that it absorbed, where they are not as they are stored."""
        mine = touches(rest)
        news, said = [*self.news(mine, echoes)], [*self.statements(mine)]
        for lead_id in members(rest):
            known = None if lead_id in others else self.store.load(lead_key(lead_id))
            profile = others.get(lead_id, Profile() if known is None else known.profile)
            news += profile.values.items()
            said += [(purpose, one) for purpose, each in profile.consents.items() for one in each.statements()]
        return relearnt(record.profile, gone, news, said)

    def given_by(self, touch_id: str, family: Collection[str]) -> Iterator[Put]:
        """The puts after which identities that only this touch gave to a lead of the family lead to nobody."""
        others = {name.place.key() for other, said in self.said.items() if other != touch_id for name in said.names}
        for name in self.said[touch_id].names if touch_id in self.said else ():
            known = name.record
            if known is not None and known.lead_id in family and known.key() not in others:
                yield Put(known.with_(version=known.version + 1, lead_id=""))

    def signposts(self, moved: Collection[str], lead_id: str, holder: str) -> tuple[Put, ...]:
        """Touches and identities that lead to this lead from now on: an identity that only moved touches gave is not
        the `holder`'s. As long as the two are one, both ways lead to the same."""
        kept = {name.place.key() for touch, said in self.said.items() if touch not in moved for name in said.names}
        gone: dict[str, IdentRecord] = {}
        puts = list[Put]()
        for said in (self.said[touch] for touch in moved if touch in self.said):
            if said.record.lead_id != lead_id:
                puts.append(Put(said.record.with_(version=said.record.version + 1, lead_id=lead_id, said=())))
            for name in said.names:
                known = name.record
                if known is not None and known.lead_id == holder and name.place.key() not in kept:
                    gone[str(known.key())] = known.with_(version=known.version + 1, lead_id=lead_id)
        return (*puts, *map(Put, gone.values()))

    def _lineage(self, lead_id: str) -> set[str]:
        """A lead and all that it became."""
        found: set[str] = set()
        into: str | None = lead_id
        while into is not None and into not in found:
            found.add(into)
            record = self.store.load(lead_key(into))
            into = None if record is None else record.lead.merged_into
        return found


def _said(record: TouchRecord, heard: Heard, store: Store, pseudonyms: Pseudonyms) -> Said:
    names = tuple(named(heard, store, pseudonyms))
    mapped = store.load_all([place.key() for place in places(record.touch.record)])
    shown = [place.lead_id for place in mapped if place is not None]
    known = [name.record.lead_id for name in names if name.record is not None]
    return Said(record, heard, names, (*shown, *known))


def commits(story: Iterable[Record]) -> list[Row]:
    """A lead's own commits, in their order."""
    rows = [row for row in story if isinstance(row, LogRecord) and row.sk.startswith("LOG#")]
    return [Row(tuple(read(fact) for fact in row.facts), row.at) for row in sorted(rows, key=lambda row: row.sk)]
