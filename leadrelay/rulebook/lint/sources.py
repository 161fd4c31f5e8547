"""Sources: what their forms mean, and whether anybody gives the signals that rules wait for."""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.person.consent import GIVEN, REFUSED
from leadrelay.domain.person.normal import field_name
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.talks_with import REP
from leadrelay.domain.scoring.policy import ScoringPolicy
from leadrelay.domain.sources.channel import CLASSES
from leadrelay.domain.sources.policy import FormPolicy, SourcesPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps
from leadrelay.rulebook.vocabulary import signals


def _forms(policy: SourcesPolicy) -> Iterator[tuple[Steps, FormPolicy]]:
    """Every source and every form, with where it stands."""
    for name, source in policy.sources.items():
        yield ("sources", name), source
        for form_id, form in source.forms.items():
            yield ("sources", name, "forms", form_id), form


def intents(draft: Draft) -> Iterator[Problem]:
    """A form's intent is one of the list, or nobody knows how hot it is."""
    policy = draft.of(SourcesPolicy)
    for steps, form in _forms(policy):
        if form.intent is not None and form.intent not in policy.intents:
            message = f"unknown intent '{form.intent}'"
            yield draft.fault("sources", (*steps, "intent"), message, closest(form.intent, policy.intents))


def intents_given(draft: Draft) -> Iterator[Problem]:
    """An intent that no form has never occurs."""
    policy = draft.of(SourcesPolicy)
    given = {form.intent for _, form in _forms(policy)}
    for intent in policy.intents:
        if intent not in given:
            message = f"no form has the intent '{intent}'"
            yield draft.fault_at_key("sources", ("intents", intent), message, severity="warning")


def maps(draft: Draft) -> Iterator[Problem]:
    """What a map translates into is a declared field, a box about a purpose (`consent.mail`, `refuse.calls`), or the
    rep whom somebody talks to (`lead.rep`)."""
    policy = draft.of(FieldsPolicy)
    boxes = {f"{kind}.{purpose}" for kind in (GIVEN, REFUSED) for purpose in policy.consents}
    declared = {*policy.fields, *boxes, REP}
    for steps, form in _forms(draft.of(SourcesPolicy)):
        for field in form.map:
            if field not in declared:
                place = (*steps, "map", field)
                yield draft.fault_at_key("sources", place, f"unknown field '{field}'", closest(field, declared))


def channel_classes(draft: Draft) -> Iterator[Problem]:
    """Every channel that a source or a rule names belongs to a class, or reports would lose who came by it."""
    policy = draft.of(SourcesPolicy)
    named: list[tuple[Steps, str]] = [
        (("sources", name, *(("channel",) if "channel" in source.model_fields_set else ())), source.channel)
        for name, source in policy.sources.items()
    ]
    named += [(("channels", number, "channel"), rule.channel) for number, rule in enumerate(policy.channels)]
    for steps, channel in named:
        if policy.class_of(channel) is None:
            message = f"the channel '{channel}' has no class; write it under `classes`: {', '.join(CLASSES)}"
            yield draft.fault("sources", steps, message, closest(channel, policy.classes))


def products(draft: Draft) -> Iterator[Problem]:
    """A form's product is one of the product codes, where there are any."""
    product = draft.of(FieldsPolicy).fields.get("lead.product")
    known = product.values if product is not None else {}
    for steps, form in _forms(draft.of(SourcesPolicy)):
        if form.product is not None and known and form.product not in known:
            message = f"unknown product '{form.product}'; the codes are the values of lead.product in fields.yaml"
            yield draft.fault("sources", (*steps, "product"), message, closest(form.product, known))


def no_defaults(draft: Draft) -> Iterator[Problem]:
    """The vendor's own names are copied by compiling; written here they would be overwritten in silence."""
    for name, source in draft.of(SourcesPolicy).sources.items():
        if source.defaults:
            message = "`defaults` come from the vendor's connector.toml; write your own names under `map`"
            yield draft.fault_at_key("sources", ("sources", name, "defaults"), message, "map")


def signals_exist(draft: Draft) -> Iterator[Problem]:
    """Every signal that scores or shows intent is an intent, an event, a question, or an intent from one place."""
    known, engagement = signals(draft), draft.of(ScoringPolicy).engagement
    named: list[tuple[Steps, str]] = [
        (("engagement", "rules", number, *place), name)
        for number, rule in enumerate(engagement.rules)
        for place, name in ((("signal",), rule.signal), *((("signals", name), name) for name in rule.signals))
        if name
    ]
    named += [(("engagement", "intent_signals", number), name) for number, name in enumerate(engagement.intent_signals)]
    for steps, name in named:
        if name not in known:
            message = f"nothing gives the signal '{name}'; it is an intent, an event or a question"
            yield draft.fault("scoring", steps, message, closest(name, known))


def names_once(draft: Draft) -> Iterator[Problem]:
    """One sender's name means one field, or one box: of two, only one would ever get it."""
    owner: dict[str, str] = {}
    for meaning, steps, names in _named(draft.of(FieldsPolicy)):
        for number, name in enumerate(names):
            first = owner.setdefault(field_name(name), meaning)
            if first != meaning:
                yield draft.fault("fields", (*steps, number), f"'{name}' already means {first}")


def _named(policy: FieldsPolicy) -> Iterator[tuple[str, Steps, tuple[str, ...]]]:
    """What the names of senders mean, where they stand."""
    for field, spec in policy.fields.items():
        yield field, ("fields", field, "says"), spec.says
    for purpose, consent in policy.consents.items():
        yield f"{GIVEN}.{purpose}", ("consents", purpose, "says"), consent.says
        yield f"{REFUSED}.{purpose}", ("consents", purpose, "refuses"), consent.refuses


def consents(draft: Draft) -> Iterator[Problem]:
    """What gives or refuses a consent can happen; a double opt-in can be confirmed."""
    sources = draft.of(SourcesPolicy)
    known = {*sources.events, *sources.intents}
    for purpose, spec in draft.of(FieldsPolicy).consents.items():
        for key, names in (("given_by", spec.given_by), ("refused_by", spec.refused_by)):
            for number, name in enumerate(names):
                if name not in known:
                    message = f"'{name}' never happens; it is an event or an intent of sources.yaml"
                    yield draft.fault("fields", ("consents", purpose, key, number), message, closest(name, known))
        if spec.double_opt_in and not any(name in sources.events for name in spec.given_by):
            message = "nothing confirms it; name the event in `given_by`"
            yield draft.fault_at_key("fields", ("consents", purpose, "double_opt_in"), message)


def values_once(draft: Draft) -> Iterator[Problem]:
    """One spelling means one code of a field."""
    for field, policy in draft.of(FieldsPolicy).fields.items():
        owner = {field_name(code): code for code in policy.values}
        for code, spellings in policy.values.items():
            for number, spelling in enumerate(spellings):
                first = owner.setdefault(field_name(spelling), code)
                if first != code:
                    steps = ("fields", field, "values", code, number)
                    yield draft.fault("fields", steps, f"'{spelling}' already means {first}")


def personal(draft: Draft) -> Iterator[Problem]:
    """What names a person is no filter of a report."""
    for field, policy in draft.of(FieldsPolicy).fields.items():
        if policy.personal and policy.report:
            message = f"{field} is personal: reports and the bus carry no personal data"
            yield draft.fault("fields", ("fields", field, "report"), message)


CHECKS = (
    personal,
    intents,
    intents_given,
    maps,
    channel_classes,
    products,
    no_defaults,
    signals_exist,
    names_once,
    values_once,
    consents,
)
