"""Hearing: a stored touch as the rules understand it, before it is known whose it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

from pydantic import Field

from leadrelay.domain.account.crowd import Crowd
from leadrelay.domain.account.domain import account_domain
from leadrelay.domain.clocks.callback import Callback, acceptable
from leadrelay.domain.model import Model
from leadrelay.domain.person.consent import Statement, statements
from leadrelay.domain.person.identity import Identity, Matched, identities
from leadrelay.domain.person.profile import Basis, Plain, Profile, Value
from leadrelay.domain.person.talks_with import REP, talks_with
from leadrelay.domain.person.translate import remarked, translate
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.questions import asked
from leadrelay.domain.signal import Attribution
from leadrelay.domain.sources.channel import CLASSIFIED
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import MACHINE, Touch, Words
from leadrelay.domain.view import of_touch

CALLBACK_AT = "lead.callback_at"
"""The field with the time at which somebody wants to be called."""


PARTNER = "lead.partner"
"""The field with the id of the partner who sends somebody."""

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Heard(Model):
    """`values` are personal. `signals` are the names the touch counts under; `came` is how it came to us, `attribution`
    the same for a submission; `temperature` is its intent's; `standing` is how far it lets the lead be worked;
    `looked_up` is what others know of the company; `matched_by` is what told whose touch it is, empty for somebody new;
    `accounts` are the people of the accounts, by domain, that it may concern; `consents` is what the person allowed or
    refused, by purpose, `callback` the call they asked for."""

    touch: Touch
    values: dict[str, Plain]
    identities: tuple[Identity, ...]
    signals: tuple[str, ...]
    temperature: Literal["hot", "warm"] | None = None
    came: Attribution | None = None
    attribution: Attribution | None = None
    standing: Literal["imported", "shadow", "live"] = "live"
    looked_up: dict[str, Value] = Field(default_factory=dict)
    matched_by: tuple[Matched, ...] = ()
    account_by: tuple[str, ...] = ()
    accounts: dict[str, Crowd] = Field(default_factory=dict)
    consents: tuple[tuple[str, Statement], ...] = ()
    callback: Callback | None = None

    def news(self, known: Profile, said: Callable[[str, str], bool]) -> Iterator[tuple[str, Value]]:
        """What the profile learns, with where it came from. What a CRM shows and we know already, or said there once
        (`said`: field and value), is our own word coming back: it proves nothing."""
        touch = self.touch
        basis: Basis = "enriched" if touch.kind == "enrichment" else touch.trust
        for name, plain in self.values.items():
            if touch.record is not None and (known.text(name) == str(plain) or said(name, str(plain))):
                continue
            yield (
                name,
                Value(value=plain, basis=basis, source=touch.source, touch_id=touch.touch_id, at=touch.occurred_at),
            )
        yield from self.looked_up.items()


def understood(touch: Touch, words: Words, rules: Rules, now: datetime) -> Heard:
    """The touch in our words. A source that the rules no longer name is read with the common field names alone."""
    source = rules.sources.sources.get(touch.source) or SourcePolicy(vendor=touch.vendor)
    values, callback = _callback(touch, translate(touch, words, source, rules.fields), rules)
    values = _with_rep(_with_company(values, rules), talks_with(touch, words, source, rules.team))
    came = _came(touch, source, values, rules, now) if touch.kind in CLASSIFIED else None
    attribution = came if touch.kind == "submission" else None
    intent = attribution.intent if attribution is not None else None
    heard = Heard(
        touch=touch,
        values=values,
        identities=identities(values, touch, words, rules.fields),
        signals=(*_signals(touch, intent, rules), *_questions(touch, values, rules)),
        temperature=rules.sources.intents.get(intent or ""),
        came=came,
        attribution=attribution,
        standing=_standing(touch, source),
        consents=statements(touch, words, intent, source, rules.fields.consents),
        callback=callback,
    )
    return _found_out(heard) if touch.kind == "enrichment" else heard


def _found_out(heard: Heard) -> Heard:
    """What others know of somebody names whom they mean, and is none of that person's words: nothing was asked for,
    allowed or done."""
    return heard.with_(identities=heard.identities[:1], signals=(), consents=(), callback=None, standing="imported")


def _callback(touch: Touch, values: dict[str, Plain], rules: Rules) -> tuple[dict[str, Plain], Callback | None]:
    """The call that was asked for. A time that cannot be promised is left to the rep, with the reason."""
    asked = values.get(CALLBACK_AT)
    if asked is None:
        return values, None
    at = datetime.fromisoformat(str(asked))
    why_not = acceptable(at, touch.occurred_at, rules.sla.callback)
    if why_not is None:
        return values, Callback(at=at, asked_at=touch.occurred_at, touch_id=touch.touch_id)
    others = {name: value for name, value in values.items() if name != CALLBACK_AT}
    text = f"{at:%Y-%m-%d %H:%M} UTC (not promised: {why_not})"
    return remarked(others, rules.fields.fields[CALLBACK_AT], text), None


def _standing(touch: Touch, source: SourcePolicy) -> Literal["imported", "shadow", "live"]:
    """What people do in the CRM is about leads they know; only somebody they enter there is new to us."""
    if touch.record is not None and touch.event != "created":
        return "imported"
    return "shadow" if source.shadow else "live"


def _came(touch: Touch, source: SourcePolicy, values: dict[str, Plain], rules: Rules, now: datetime) -> Attribution:
    """How somebody came. What they do shows no intent of a form's, but they came by the same channels."""
    form = source.form(touch.origin.form)
    said = str(values.get("lead.product") or "") or None
    campaign = touch.origin.campaign or form.campaign or source.campaign
    partner = touch.origin.partner or _partner(values) or form.partner or source.partner
    found = Attribution(
        touch_id=touch.touch_id,
        source=touch.source,
        vendor=touch.vendor,
        channel=source.channel,
        direction=source.direction,
        origin=touch.origin.with_(campaign=campaign, partner=partner),
        intent=form.intent or source.intent if touch.kind == "submission" else None,
        product=form.product or source.product or (said if said in _products(rules) else None),
        at=touch.occurred_at,
    )
    seen = {name: value for name, value in of_touch(found).items() if value is not None}
    holding = (rule.channel for rule in rules.sources.channels if rules.holds(rule.if_, seen, now))
    channel = next(holding, source.channel)
    return found.with_(channel=channel, channel_class=rules.sources.class_of(channel))


def _partner(values: dict[str, Plain]) -> str | None:
    """The partner that a form's field names, if it is an id: what reads like words may be somebody's name."""
    said = str(values.get(PARTNER, ""))
    return said if _ID.fullmatch(said) else None


def _products(rules: Rules) -> frozenset[str]:
    """Only declared products may travel as codes: what people type is personal until proven otherwise."""
    product = rules.fields.fields.get("lead.product")
    return frozenset(product.values if product is not None else ())


def _signals(touch: Touch, intent: str | None, rules: Rules) -> tuple[str, ...]:
    """Only names that the rules know: senders choose names freely, and a lead must stay small."""
    if touch.kind == "behaviour":
        said = [touch.event]
    else:
        said = [intent, f"{intent}@{(touch.origin.origin_source or touch.vendor).casefold()}"]
    if touch.origin.medium == MACHINE:
        return ()
    scored = {name for rule in rules.scoring.engagement.rules for name in (rule.signal, *rule.signals)}
    known = {*rules.sources.events, *rules.sources.intents, *scored}
    return tuple(name for name in said if name is not None and name in known)


def _questions(touch: Touch, values: dict[str, Plain], rules: Rules) -> tuple[str, ...]:
    """What the person's own words ask; what a rep wrote in the CRM is none of them."""
    theirs = touch.record is None and touch.kind in ("submission", "behaviour")
    return asked(str(values.get("lead.message", "")), rules.scoring.questions) if theirs else ()


def _with_company(values: dict[str, Plain], rules: Rules) -> dict[str, Plain]:
    """The company's domain follows from what they said. It may be a freelancer's own name: it stays with the
    profile."""
    domain = account_domain(values, rules.fields)
    return values if domain is None else {**values, "account.domain": domain}


def _with_rep(values: dict[str, Plain], rep: str | None) -> dict[str, Plain]:
    return values if rep is None else {**values, REP: rep}
