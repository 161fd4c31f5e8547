"""Looking up the company that a touch's address names, while the touch is completed; never in its way.

What is found is kept beside the company and learnt when the touch is scored; a day later it is asked again. Whoever
does not answer is asked with the next touch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leadrelay.domain.person import normal
from leadrelay.domain.person.translate import translate
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import Touch, Words
from leadrelay.ports.clock import Clock
from leadrelay.ports.enrich import AccountFound, Enricher
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.records import Company, CompanyRecord, company_key, words_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry

FRESH = timedelta(hours=24)
"""How long what was looked up is good for."""

PAUSE = timedelta(minutes=1)
"""How long who did not answer is left alone: no lead after the first waits for them."""

_ADDRESS = "lead.email"


@dataclass(frozen=True, slots=True)
class LookUp:
    """The step with its ports; `enrichers` gives who knows companies by vendor, or None for one who knows none."""

    store: Store
    rules: Rules
    enrichers: Callable[[str], Enricher | None]
    clock: Clock
    telemetry: Telemetry
    _trouble: dict[str, datetime] = field(default_factory=dict, init=False)

    def __call__(self, touch: Touch, words: Words | None = None) -> None:
        """Look the company up, unless it was lately. Trouble is counted and left to the next touch; nobody is asked
        for what is set aside anyway."""
        if touch.kind != "submission" or touch.test or touch.suspicion or touch.problem:
            return
        try:
            self._look_up(touch, words)
        except Exception as trouble:  # noqa: BLE001 - whatever it is, no lead waits for what is only nice to know
            self.telemetry.count("LookUpsFailed", trouble=type(trouble).__name__)
            self.telemetry.line("look_up_failed", touch_id=touch.touch_id, error=type(trouble).__name__)

    def _look_up(self, touch: Touch, words: Words | None) -> None:
        rules, now = self.rules.current(), self.clock.now()
        if now < self._trouble.get(rules.crm.vendor, now):
            return
        enricher = self._enricher(rules.crm.vendor)
        domain = None if enricher is None else self._domain(touch, words, rules)
        if enricher is None or domain is None:
            return
        known = self.store.load(company_key(domain))
        if known is not None and now < known.at + FRESH:
            return
        found = self._asked(enricher, domain, rules.crm.vendor)
        version = 1 if known is None else known.version + 1
        kept = CompanyRecord(version=version, domain=domain, vendor=rules.crm.vendor, at=now, company=_company(found))
        self.store.commit(Change(cause=f"look-up:{touch.touch_id}", puts=(Put(kept),)))
        self.telemetry.count("LookUps", outcome="unknown" if found is None else "found")

    def _enricher(self, vendor: str) -> Enricher | None:
        with self._pausing(vendor):
            return self.enrichers(vendor)

    def _asked(self, enricher: Enricher, domain: str, vendor: str) -> AccountFound | None:
        with self._pausing(vendor):
            return enricher.account(domain)

    @contextmanager
    def _pausing(self, vendor: str) -> Iterator[None]:
        """Who is away, or lets nobody in, is left alone for a while; a refused question is its own trouble."""
        try:
            yield
        except (Retry, Misconfigured):
            self._trouble[vendor] = self.clock.now() + PAUSE
            raise

    def _domain(self, touch: Touch, words: Words | None, rules: RuleSet) -> str | None:
        """The company's domain, read off the address alone: nothing else of the touch is anybody's business here."""
        kept = self.store.load(words_key(touch.touch_id)) if words is None else None
        said = words or (Words() if kept is None else kept.words)
        source = rules.sources.sources.get(touch.source) or SourcePolicy(vendor=touch.vendor)
        only = rules.fields.with_(fields={_ADDRESS: rules.fields.fields[_ADDRESS]})
        address = translate(touch, said, source, only).get(_ADDRESS)
        return None if address is None else normal.company_domain(str(address), rules.fields.free_mail)


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
    )
