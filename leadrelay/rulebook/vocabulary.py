"""Which values the fields of a lead can have, where that is known: a rule about any other waits for ever."""

from __future__ import annotations

from leadrelay.domain.clocks.policy import CHANNELS
from leadrelay.domain.enrichment.reachable import BOUNCED, EMAIL_KINDS, PHONE_KINDS
from leadrelay.domain.lead import VISITOR
from leadrelay.domain.nurture.policy import UNLISTED
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.domain.scoring.policy import ScoringPolicy, SegmentsPolicy
from leadrelay.domain.sources.channel import CLASSES
from leadrelay.domain.sources.policy import SourcesPolicy
from leadrelay.domain.stages.policy import StagesPolicy
from leadrelay.rulebook.draft import Draft


def vocabulary(draft: Draft) -> dict[str, frozenset[str]]:
    """Field -> the texts it can be. Free texts are not here. Raises NotReadable."""
    sources, segments = draft.of(SourcesPolicy), draft.of(SegmentsPolicy)
    team, stages, fields = draft.of(TeamPolicy), draft.of(StagesPolicy), draft.of(FieldsPolicy)
    products = fields.fields.get("lead.product")
    return {
        **{name: frozenset(field.values) for name, field in fields.fields.items() if field.values},
        "lead.email_kind": frozenset(EMAIL_KINDS),
        "lead.email_state": frozenset({BOUNCED}),
        "lead.phone_kind": frozenset(PHONE_KINDS.values()),
        "lead.segment": frozenset(rule.id for rule in segments.segments),
        "lead.persona": frozenset(rule.id for rule in segments.personas),
        "lead.relation": frozenset(rule.id for rule in segments.relations),
        "lead.stage": frozenset({VISITOR, *stages.outside, *(rule.id for rule in stages.lifecycle)}),
        "lead.reached": frozenset({*stages.outside, *(rule.id for rule in stages.lifecycle)}),
        "lead.qualifications": qualifications(stages),
        "lead.disposition": frozenset({"accepted", "rejected", "recycled"}),
        "lead.reason": frozenset({*stages.nurture.reasons, UNLISTED}),
        "lead.timing": frozenset(stages.nurture.timings),
        "lead.sequence": frozenset(each.id for each in stages.nurture.sequences),
        "lead.deals": frozenset({"open", "won", "lost"}),
        "lead.status": frozenset(stages.statuses),
        "lead.channels": frozenset(CHANNELS),
        "lead.temperature": frozenset({"hot", "warm"}),
        "lead.signals": signals(draft),
        "lead.intents": frozenset(draft.of(ScoringPolicy).engagement.intent_signals),
        "lead.band": frozenset(one.id for one in draft.of(ScoringPolicy).bands),
        "lead.criteria": frozenset(one.id for one in draft.of(ScoringPolicy).criteria),
        **dict.fromkeys(
            ("lead.owner", "lead.rep", "account.owner", "account.deal_owner"), frozenset(rep.id for rep in team.reps)
        ),
        "lead.pool": frozenset(pool.id for pool in team.pools),
        "lead.queue": frozenset(queue.id for queue in team.queues),
        "touch.source": frozenset(sources.sources),
        "touch.vendor": frozenset(source.vendor for source in sources.sources.values()),
        "touch.channel": channels(sources),
        "touch.channel_class": frozenset(CLASSES),
        "touch.direction": frozenset({"inbound", "outbound"}),
        "touch.intent": frozenset(sources.intents),
        "touch.product": frozenset(products.values if products is not None else ()) | _form_products(sources),
    }


def qualifications(stages: StagesPolicy) -> frozenset[str]:
    """Every qualification that can be gained."""
    named = (rule.qualification for rule in stages.lifecycle if rule.qualification is not None)
    return frozenset({*named, *(rule.type for rule in stages.qualifications)})


def signals(draft: Draft) -> frozenset[str]:
    """Names a behaviour or a submission can be counted under, as far as rules name them.

    `intent@origin` is open: any origin may send people, so those that scoring names are taken as they are.
    """
    sources, scoring = draft.of(SourcesPolicy), draft.of(ScoringPolicy)
    rules = scoring.engagement.rules
    named = {*scoring.engagement.intent_signals, *(name for rule in rules for name in (rule.signal, *rule.signals))}
    from_one_place = {name for name in named if name.partition("@")[0] in sources.intents}
    return frozenset({*sources.intents, *sources.events, *scoring.questions, *from_one_place})


def channels(sources: SourcesPolicy) -> frozenset[str]:
    """Channels by which a touch can come."""
    return frozenset(
        {*(source.channel for source in sources.sources.values()), *(rule.channel for rule in sources.channels)}
    )


def _form_products(sources: SourcesPolicy) -> frozenset[str]:
    forms = [form for source in sources.sources.values() for form in (source, *source.forms.values())]
    return frozenset(form.product for form in forms if form.product is not None)
