"""Looking the company up that a touch's address names, while the touch is completed; never in its way.

Every provider is asked in its turn while the time for all of them lasts. What is found is kept beside the company, by
provider, and learnt when the touch is scored. Whoever does not answer in time is asked once more later, by a touch of
its own, so that a late answer is heard and scored like any other; after that with the next touch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leadrelay.domain.account.domain import account_domain
from leadrelay.domain.enrichment.policy import Provider
from leadrelay.domain.person.looked_up import looked_up
from leadrelay.domain.person.profile import Plain, Value
from leadrelay.domain.person.translate import translate
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import Touch, Words, touch_id
from leadrelay.ports.clock import Clock
from leadrelay.ports.enrich import AccountFound, Inquiry
from leadrelay.ports.errors import Conflict, Misconfigured, Retry
from leadrelay.ports.records import (
    OWNERS,
    Answered,
    Company,
    CompanyRecord,
    TouchRecord,
    WordsRecord,
    company_key,
    words_key,
)
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry

PAUSE = timedelta(minutes=1)
"""How long who did not answer is left alone: no lead after the first waits for them."""

LEAST = timedelta(milliseconds=50)
"""Nobody is asked who would have less time to answer."""

LATER = timedelta(minutes=15)
"""When those are asked again who did not answer in time."""

_ASKED = ("submission", "enrichment")
_NAMING = ("lead.email", "account.website")
"""The fields that say which company somebody belongs to."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """The step with its ports; `inquiries` gives who knows companies, or None for a vendor who knows none."""

    store: Store
    rules: Rules
    inquiries: Callable[[RuleSet, Provider], Inquiry | None]
    clock: Clock
    telemetry: Telemetry
    _trouble: dict[str, datetime] = field(default_factory=dict, init=False)

    def __call__(self, touch: Touch, words: Words | None = None) -> None:
        """Look the company up, unless it was lately. Trouble is counted and left to later; nobody is asked for what is
        set aside anyway."""
        if touch.kind not in _ASKED or touch.test or touch.suspicion or touch.problem:
            return
        with self._counting("none", touch):
            self._look_up(touch, words)

    def _look_up(self, touch: Touch, words: Words | None) -> None:
        rules, began = self.rules.current(), self.clock.now()
        said = self._words(touch) if words is None else words
        domain = _domain(touch, said, rules) if rules.providers else None
        if domain is None:
            return
        known = self.store.load(company_key(domain)) or CompanyRecord(version=0, domain=domain)
        stale = [one for one in rules.providers if not _is_fresh(known, one, began)]
        until = began + timedelta(milliseconds=rules.enrichment.budget_ms)
        answers = dict(known.answers)
        for provider in (one for one in stale if not self._rests(one)):
            answer = self._asked(provider, domain, rules, until, touch)
            if answer is not None and not _same(answer, answers.get(provider.name), provider):
                answers[provider.name] = answer
        if answers != known.answers:
            kept = known.with_(version=known.version + 1, answers=answers)
            self.store.commit(Change(cause=f"look-up:{touch.touch_id}", puts=(Put(kept),)))
        if touch.kind == "submission" and (self._left(until) < LEAST or any(map(self._rests, stale))):
            self._ask_later(touch, said)

    def _ask_later(self, touch: Touch, said: Words) -> None:
        """A touch of its own, with the same words, that nobody hears of before its time. There is one at most."""
        now, own = self.clock.now(), touch_id(touch.source, f"look-up:{touch.touch_id}")
        later = touch.with_(touch_id=own, kind="enrichment", received_at=now, event=None, fetch_id=None)
        record = TouchRecord(version=1, touch=later, due_at=now + LATER)
        words = WordsRecord(version=1, touch_id=own, words=said)
        with suppress(Conflict):
            self.store.commit(Change(cause=f"look-up-later:{touch.touch_id}", puts=(Put(record), Put(words))))

    def _rests(self, provider: Provider) -> bool:
        now = self.clock.now()
        return now < self._trouble.get(provider.name, now)

    def _left(self, until: datetime) -> timedelta:
        return until - self.clock.now()

    def _words(self, touch: Touch) -> Words:
        kept = self.store.load(words_key(touch.touch_id))
        return Words() if kept is None else kept.words

    def _asked(self, provider: Provider, domain: str, rules: RuleSet, until: datetime, touch: Touch) -> Answered | None:
        """What a provider says in the time that is left, None when it says nothing. Trouble of one is no other's."""
        left = self._left(until)
        if left < LEAST:
            self.telemetry.count("LookUpsLeft", provider=provider.name)
            return None
        with self._counting(provider.name, touch), self._pausing(provider.name):
            inquiry = self.inquiries(rules, provider)
            if inquiry is None:
                return None
            found = inquiry.account(domain, left.total_seconds())
            self.telemetry.count("LookUps", provider=provider.name, outcome="unknown" if found is None else "found")
            return Answered(vendor=provider.vendor, at=self.clock.now(), company=_company(found))
        return None

    @contextmanager
    def _counting(self, provider: str, touch: Touch) -> Iterator[None]:
        """Whatever goes wrong, no lead waits for what is only nice to know."""
        try:
            yield
        except Exception as trouble:  # noqa: BLE001 - see above
            name = type(trouble).__name__
            self.telemetry.count("LookUpsFailed", provider=provider, trouble=name)
            self.telemetry.line("look_up_failed", touch_id=touch.touch_id, provider=provider, error=name)

    @contextmanager
    def _pausing(self, provider: str) -> Iterator[None]:
        """Who is away, or lets nobody in, is left alone for a while; a refused question is its own trouble."""
        try:
            yield
        except (Retry, Misconfigured):
            self._trouble[provider] = self.clock.now() + PAUSE
            raise


def known_of(record: CompanyRecord, rules: RuleSet, touch_id: str) -> dict[str, Value]:
    """What is known of a company, as the profile of somebody who works there learns it: of each field what the first
    provider says who knows it."""
    found: dict[str, Value] = {}
    for provider in rules.providers:
        answer = record.answers.get(provider.name)
        if answer is not None and answer.company is not None:
            said: dict[str, Plain | None] = answer.company.said()
            for name in OWNERS:
                owner = getattr(answer.company, name)
                said |= {f"account.{name}": rules.team.rep_in(answer.vendor, owner)} if owner is not None else {}
            news = looked_up(said, rules.fields, provider.name, touch_id, answer.at)
            found = {**dict(news), **found}
    return found


def _domain(touch: Touch, words: Words, rules: RuleSet) -> str | None:
    """The company's domain, read off what names it: nothing else of the touch is anybody's business here."""
    source = rules.sources.sources.get(touch.source) or SourcePolicy(vendor=touch.vendor)
    naming = {name: rules.fields.fields[name] for name in _NAMING if name in rules.fields.fields}
    return account_domain(translate(touch, words, source, rules.fields.with_(fields=naming)), rules.fields)


def _is_fresh(known: CompanyRecord, provider: Provider, now: datetime) -> bool:
    answer = known.answers.get(provider.name)
    return answer is not None and answer.vendor == provider.vendor and now < answer.at + provider.fresh


def _same(answer: Answered, before: Answered | None, provider: Provider) -> bool:
    """Whether a provider that is asked each time said the same again: that is no news, and no write."""
    return before is not None and not provider.fresh and answer == before.with_(at=answer.at)


def _company(found: AccountFound | None) -> Company | None:
    if found is None:
        return None
    return Company(
        name=found.name,
        industry=found.industry,
        employees=found.employees,
        country=found.country,
        owner=found.owner,
        customer=found.customer,
        open_deal=found.open_deal,
        deal_owner=found.deal_owner,
        more=dict(found.more),
    )
