"""What was known of a person at an earlier time.

The log holds nothing personal, so a profile is not in it. What later touches taught is taken out again, and what they
replaced is heard once more from the words that are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from leadrelay.domain.enrichment.derive import derived
from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.lead import Lead
from leadrelay.domain.parting import Row, members, relearnt, touches
from leadrelay.domain.person.facts import LeadEnriched
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules
from leadrelay.ports.records import lead_key, touch_key, words_key
from leadrelay.ports.store import Store
from leadrelay.workflows.testimony import commits


class Recollected(NamedTuple):
    """The profile, and the fields that were known and that nobody can tell any more: their words were removed."""

    profile: Profile
    forgotten: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recollection:
    """As of a lead's log up to some row: `log` are the rows before, `lead` is what they fold to, `at` (UTC) the time of
    the next one, `rules` those by which words are understood."""

    store: Store
    log: Sequence[Row]
    lead: Lead
    rules: Rules
    at: datetime

    def of(self, known: Profile) -> Recollected:
        """What was known then, of a profile as it is `known` now."""
        heard_by_then = {*self._family(self.log)}
        said = {value.touch_id for value in known.values.values() if not value.derived}
        said |= {one.touch_id for each in known.consents.values() for one in each.statements()}
        gone = said - heard_by_then
        heard = list(self._heard(heard_by_then)) if gone else []
        news = [each for one in heard for each in one.news(Profile(), lambda name, text: False)]
        then = relearnt(known, gone, news, [each for one in heard for each in one.consents])
        return Recollected(derived(then, self.lead.last, self.rules), self._forgotten(known, then, gone))

    def _forgotten(self, known: Profile, then: Profile, gone: set[str]) -> tuple[str, ...]:
        replaced = {name for name, value in known.values.items() if value.touch_id in gone}
        learnt = {
            name for row in self.log for fact in row.facts if isinstance(fact, LeadEnriched) for name in fact.fields
        }
        return tuple(sorted((replaced & learnt) - set(then.values)))

    def _family(self, rows: Sequence[Row]) -> Iterator[str]:
        """The touches of a log, and of the leads that it absorbed."""
        yield from touches(rows)
        for member in members(rows):
            yield from self._family(commits(self.store.story(lead_key(member).pk)))

    def _heard(self, touch_ids: set[str]) -> Iterator[Heard]:
        ids = sorted(touch_ids)
        records = self.store.load_all([touch_key(each) for each in ids])
        words = self.store.load_all([words_key(each) for each in ids])
        for record, kept in zip(records, words, strict=True):
            if record is not None and kept is not None:
                yield understood(record.touch, kept.words, self.rules, self.at)
