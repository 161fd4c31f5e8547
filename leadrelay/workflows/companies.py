"""Looking the company up that a touch's address names, while the touch is completed; never in its way.

Every provider is asked in its turn while the time for all of them lasts. What is found is kept beside the company, by
provider, and learnt when the touch is scored. Whoever does not answer is asked with the next touch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leadrelay.domain.account.domain import account_domain
from leadrelay.domain.enrichment.policy import Provider
from leadrelay.domain.person.looked_up import looked_up
from leadrelay.domain.person.profile import Plain, Value
from leadrelay.domain.person.translate import translate
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import Touch, Words
from leadrelay.ports.clock import Clock
from leadrelay.ports.enrich import AccountFound, Inquiry
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.records import Answered, Company, CompanyRecord, company_key, words_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry

PAUSE = timedelta(minutes=1)
"""How long who did not answer is left alone: no lead after the first waits for them."""

LEAST = timedelta(milliseconds=50)
"""Nobody is asked who would have less time to answer."""

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
        """Look the company up, unless it was lately. Trouble is counted and left to the next touch; nobody is asked
        for what is set aside anyway."""
        if touch.kind != "submission" or touch.test or touch.suspicion or touch.problem:
            return
        with self._counting("none", touch):
            self._look_up(touch, words)

    def _look_up(self, touch: Touch, words: Words | None) -> None:
        rules, began = self.rules.current(), self.clock.now()
        providers = [one for one in rules.providers if began >= self._trouble.get(one.name, began)]
        domain = self._domain(touch, words, rules) if providers else None
        if domain is None:
            return
        known = self.store.load(company_key(domain)) or CompanyRecord(version=0, domain=domain)
        stale = [one for one in providers if not _is_fresh(known, one, began)]
        until = began + timedelta(milliseconds=rules.enrichment.budget_ms)
        answers = dict(known.answers)
        for provider in stale:
            answer = self._asked(provider, domain, rules, until, touch)
            if answer is not None and not _same(answer, answers.get(provider.name), provider):
                answers[provider.name] = answer
        if answers != known.answers:
            kept = known.with_(version=known.version + 1, answers=answers)
            self.store.commit(Change(cause=f"look-up:{touch.touch_id}", puts=(Put(kept),)))

    def _asked(self, provider: Provider, domain: str, rules: RuleSet, until: datetime, touch: Touch) -> Answered | None:
        """What a provider says in the time that is left, None when it says nothing. Trouble of one is no other's."""
        left = until - self.clock.now()
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

    def _domain(self, touch: Touch, words: Words | None, rules: RuleSet) -> str | None:
        """The company's domain, read off what names it: nothing else of the touch is anybody's business here."""
        kept = self.store.load(words_key(touch.touch_id)) if words is None else None
        said = words or (Words() if kept is None else kept.words)
        source = rules.sources.sources.get(touch.source) or SourcePolicy(vendor=touch.vendor)
        naming = {name: rules.fields.fields[name] for name in _NAMING if name in rules.fields.fields}
        return account_domain(translate(touch, said, source, rules.fields.with_(fields=naming)), rules.fields)


def known_of(record: CompanyRecord, rules: RuleSet, touch_id: str) -> dict[str, Value]:
    """What is known of a company, as the profile of somebody who works there learns it: of each field what the first
    provider says who knows it."""
    found: dict[str, Value] = {}
    for provider in rules.providers:
        answer = record.answers.get(provider.name)
        if answer is not None and answer.company is not None:
            said: dict[str, Plain | None] = answer.company.said()
            if answer.company.owner is not None:
                said["account.owner"] = rules.team.rep_in(answer.vendor, answer.company.owner)
            news = looked_up(said, rules.fields, provider.name, touch_id, answer.at)
            found = {**dict(news), **found}
    return found


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
        more=dict(found.more),
    )
