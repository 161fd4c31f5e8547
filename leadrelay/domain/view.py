"""The fields that conditions may read, and how they are read off a lead.

`KNOWN` are the fields LeadRelay itself keeps; `fields.yaml` adds the profile's own, `segments.yaml` the thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from leadrelay.domain.conditions import FieldType
from leadrelay.domain.scoring.grade import band, grade
from leadrelay.domain.stages.tries import Try, since

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead
    from leadrelay.domain.person.policy import FieldsPolicy
    from leadrelay.domain.person.profile import Profile
    from leadrelay.domain.rules import Rules
    from leadrelay.domain.signal import Attribution

KNOWN: Mapping[str, tuple[FieldType, str]] = {
    "lead.score": (FieldType.NUMBER, "total score, 0 to 100"),
    "lead.fit": (FieldType.NUMBER, "explicit points"),
    "lead.engagement": (FieldType.NUMBER, "implicit points"),
    "lead.grade": (FieldType.TEXT, "A1 to C3: fit as a letter, engagement as a digit"),
    "lead.band": (FieldType.TEXT, "the range of the score, as scoring.yaml names it"),
    "lead.segment": (FieldType.TEXT, "the first segment that holds; missing when none does"),
    "lead.persona": (FieldType.TEXT, "the first persona that holds; missing when none does"),
    "lead.icp": (FieldType.FLAG, "whether the segment is an ideal-customer profile"),
    "lead.relation": (FieldType.TEXT, "what they are to us who are no sales lead; missing for everybody else"),
    "lead.may_call": (FieldType.FLAG, "whether anybody may call: neither they nor the CRM forbid it"),
    "lead.may_contact": (FieldType.FLAG, "whether anybody may reach out at all"),
    "lead.do_not_call": (FieldType.FLAG, "whether calls are refused, by them or in the CRM"),
    "lead.do_not_contact": (FieldType.FLAG, "whether all contact is refused, by them or in the CRM"),
    "lead.callback_at": (FieldType.TIME, "when they asked to be called, as long as that waits"),
    "lead.stage": (FieldType.TEXT, "lifecycle stage"),
    "lead.reached": (FieldType.TEXTS, "every stage it was in so far"),
    "lead.stage_since": (FieldType.TIME, "when it came to its stage: age_days(lead.stage_since) is the time in it"),
    "lead.qualifications": (FieldType.TEXTS, "qualifications gained so far: MQL, PQL ..."),
    "lead.status": (FieldType.TEXT, "lead status"),
    "lead.disposition": (FieldType.TEXT, "what sales said of it last: accepted, rejected, recycled"),
    "lead.reason": (FieldType.TEXT, "why it was given back, by the reasons of stages.yaml; other for any other"),
    "lead.decision_maker": (FieldType.TEXT, "what a rep said of the decision-maker when giving it back"),
    "lead.timing": (FieldType.TEXT, "when to get back in touch, as the rep chose"),
    "lead.recycled_at": (FieldType.TIME, "when it was last given back as too early"),
    "lead.wakes_at": (FieldType.TIME, "when somebody gets back in touch; missing unless agreed"),
    "lead.retired_at": (FieldType.TIME, "when it was let go; missing for open leads"),
    "lead.sequence": (FieldType.TEXT, "the nurture sequence it is in"),
    "lead.deals": (FieldType.TEXTS, "states of its deals in the CRM: open, won, lost"),
    "lead.temperature": (FieldType.TEXT, "hot or warm, from the intent of the newest submission"),
    "lead.signals": (FieldType.TEXTS, "names of everything the person did"),
    "lead.intents": (FieldType.TEXTS, "those of the signals that show an intent to buy"),
    "lead.intent_signals": (FieldType.NUMBER, "how many different ones"),
    "lead.pages": (FieldType.TEXTS, "pages of the newest touches"),
    "lead.touches": (FieldType.NUMBER, "how many touches so far"),
    "lead.owner": (FieldType.TEXT, "rep id of the owner"),
    "lead.pool": (FieldType.TEXT, "pool the owner was chosen from"),
    "lead.queue": (FieldType.TEXT, "marketing queue the lead waits in"),
    "lead.hops": (FieldType.NUMBER, "how many owners it has had"),
    "lead.handed_back_at": (
        FieldType.TIME,
        "when the team that took it over gave it back; missing once it is theirs again",
    ),
    "lead.criteria": (FieldType.TEXTS, "criteria of scoring.yaml that are met"),
    "lead.bant": (FieldType.NUMBER, "how many of budget, authority, need and timing are among them"),
    "lead.deals_won": (FieldType.NUMBER, "how many deals of this person the CRM shows as won"),
    "lead.captured_at": (FieldType.TIME, "when the first touch was received"),
    "lead.last_touch_at": (FieldType.TIME, "when the person last did something, as far as we heard"),
    "lead.contacted_at": (FieldType.TIME, "when sales first reached out"),
    "lead.asked_at": (FieldType.TIME, "when they last asked for something"),
    "lead.first_partner": (FieldType.TEXT, "id of the partner who sent them first; kept for ever"),
    "lead.last_partner": (FieldType.TEXT, "id of the partner who sent them last; kept for ever"),
    "lead.attempts": (FieldType.NUMBER, "how often the owner tried to reach them since they got the lead"),
    "lead.channels": (FieldType.TEXTS, "on which of phone, mail and social that was"),
    "lead.rep": (FieldType.TEXT, "rep id of whom they talk to: in that rep's own account, or in a meeting"),
    "lead.email_domain": (FieldType.TEXT, "the domain of the e-mail address"),
    "account.domain": (FieldType.TEXT, "company domain; missing for free mail"),
    "account.key": (FieldType.FLAG, "whether it is a key account: in the list of routing.yaml, or marked as one"),
    "account.people": (FieldType.NUMBER, "how many people of the company we know, 50 at most"),
    "account.active_people": (FieldType.NUMBER, "how many of them gave a key signal lately"),
    "account.customer": (FieldType.FLAG, "whether the CRM says that the company buys already"),
    "account.open_deal": (FieldType.FLAG, "whether the CRM has an open deal with the company"),
    "account.owner": (FieldType.TEXT, "rep id of who owns the company in the CRM"),
    "account.deal_owner": (FieldType.TEXT, "rep id of who has its newest open deal there"),
    "touch.source": (FieldType.TEXT, "source of the newest submission"),
    "touch.vendor": (FieldType.TEXT, "its connector"),
    "touch.channel": (FieldType.TEXT, "its channel, as fine as sources.yaml has it"),
    "touch.channel_class": (
        FieldType.TEXT,
        "the class of that channel: seo, paid, outbound, webinar, event, partner, referral or direct",
    ),
    "touch.partner": (FieldType.TEXT, "id of the partner who sent them"),
    "touch.referrer": (FieldType.TEXT, "the site that sent them, without www."),
    "touch.click": (FieldType.TEXT, "whose click id came along: gclid, fbclid, msclkid ..."),
    "touch.direction": (FieldType.TEXT, "inbound, or outbound where we wrote first; as sources.yaml says"),
    "touch.form": (FieldType.TEXT, "its form"),
    "touch.campaign": (FieldType.TEXT, "its campaign"),
    "touch.medium": (FieldType.TEXT, "utm_medium or the like, in lower case"),
    "touch.origin_source": (FieldType.TEXT, "utm_source or the like, in lower case"),
    "touch.page": (FieldType.TEXT, "page it came from"),
    "touch.intent": (FieldType.TEXT, "its intent, from sources.yaml"),
    "touch.product": (FieldType.TEXT, "product asked for"),
}

_FIELD_TYPES: Mapping[str, FieldType] = {"number": FieldType.NUMBER, "flag": FieldType.FLAG, "time": FieldType.TIME}

BANT = frozenset({"budget", "authority", "need", "timing"})
"""The four criteria that every seller asks for."""


def schema(fields: FieldsPolicy, thresholds: Mapping[str, int]) -> dict[str, FieldType]:
    """Every field a condition may read, with its type."""
    known = {name: kind for name, (kind, _) in KNOWN.items()}
    declared = {name: _FIELD_TYPES.get(field.kind, FieldType.TEXT) for name, field in fields.fields.items()}
    cited = {f"threshold.{name}": FieldType.NUMBER for name in thresholds}
    agreed = {f"consent.{purpose}": FieldType.FLAG for purpose in fields.consents}
    return {**declared, **cited, **agreed, **known}


def view(lead: Lead, profile: Profile, rules: Rules) -> dict[str, object]:
    """What conditions see of a lead now: plain values by dotted name, absent when unknown."""
    seen: dict[str, object] = {}
    seen.update(profile.plain())
    seen.update(_times(seen, rules))
    seen["account.key"] = seen.get("account.key_account") or seen.get("account.domain") in rules.routing.key_accounts
    seen["lead.email_domain"] = (profile.text("lead.email") or "").rpartition("@")[2] or None
    seen.update(_of_lead(lead, rules))
    seen.update(_of_stage(lead, rules))
    seen.update(of_touch(lead.last))
    seen.update({f"threshold.{name}": value for name, value in rules.thresholds(lead.segment, lead.persona).items()})
    return {name: value for name, value in seen.items() if value is not None}


def _times(seen: Mapping[str, object], rules: Rules) -> dict[str, object]:
    """Fields that hold a time, as times: a profile keeps plain values."""
    times = (name for name, field in rules.fields.fields.items() if field.kind == "time" and name in seen)
    return {name: datetime.fromisoformat(str(seen[name])) for name in times}


def _of_lead(lead: Lead, rules: Rules) -> dict[str, object]:
    intents = tuple(sorted(set(lead.signals) & set(rules.scoring.engagement.intent_signals)))
    owner = lead.ownership
    return {
        "lead.score": lead.score.total,
        "lead.fit": lead.score.fit,
        "lead.engagement": lead.score.engagement,
        "lead.grade": grade(lead.score, rules.caps(lead.segment, lead.persona), rules.scoring.grades),
        "lead.band": band(lead, rules),
        "lead.segment": lead.segment,
        "lead.persona": lead.persona,
        "lead.icp": lead.icp,
        **{f"consent.{purpose}": given for purpose, given in lead.permission.allowed.items()},
        "lead.relation": lead.relation,
        "lead.may_call": lead.permission.may_call,
        "lead.may_contact": lead.permission.may_contact,
        "lead.do_not_call": not lead.permission.may_call,
        "lead.do_not_contact": not lead.permission.may_contact,
        "lead.callback_at": lead.callback.at if lead.callback is not None and not lead.callback.served else None,
        "lead.stage": lead.stage,
        "lead.status": lead.status,
        "lead.temperature": lead.temperature,
        "lead.signals": tuple(sorted(lead.signals)),
        "lead.intents": intents,
        "lead.intent_signals": len(intents),
        "lead.pages": lead.pages,
        "lead.touches": lead.touches,
        "lead.owner": owner.rep,
        "lead.pool": owner.pool,
        "lead.queue": owner.queue,
        "lead.hops": owner.hop,
        "lead.handed_back_at": owner.handed_back_at,
        "account.people": lead.account_people,
        "account.active_people": lead.account_active,
        "lead.criteria": lead.criteria,
        "lead.bant": len(BANT.intersection(lead.criteria)),
        "lead.deals_won": sum(state == "won" for state in lead.deals.values()),
        "lead.captured_at": lead.captured_at,
        "lead.last_touch_at": None if lead.last_touch is None else lead.last_touch.at,
        "lead.contacted_at": lead.contacted_at,
        "lead.asked_at": lead.asked_at,
        "lead.first_partner": None if lead.first_partner is None else lead.first_partner.partner,
        "lead.last_partner": None if lead.last_partner is None else lead.last_partner.partner,
        **_of_tries(since(lead.tries, owner.since)),
    }


def _of_tries(tries: tuple[Try, ...]) -> dict[str, object]:
    channels = {each.channel for each in tries if each.channel is not None}
    return {"lead.attempts": len(tries), "lead.channels": tuple(sorted(channels))}


def _of_stage(lead: Lead, rules: Rules) -> dict[str, object]:
    return {
        "lead.reached": tuple(sorted(lead.reached)),
        "lead.stage_since": lead.stage_since,
        "lead.qualifications": tuple(sorted(lead.qualifications)),
        "lead.disposition": lead.disposition,
        "lead.reason": rules.stages.nurture.reason(lead.reason),
        "lead.decision_maker": lead.decision_maker,
        "lead.timing": lead.timing,
        "lead.recycled_at": lead.recycled_at,
        "lead.wakes_at": lead.wakes_at,
        "lead.retired_at": lead.retired_at,
        "lead.sequence": None if lead.enrolment is None else lead.enrolment.sequence,
        "lead.deals": tuple(sorted(lead.deals.values())),
    }


def of_touch(last: Attribution | None) -> dict[str, object]:
    """What conditions see of one submission."""
    if last is None:
        return {}
    origin = last.origin
    return {
        "touch.source": last.source,
        "touch.vendor": last.vendor,
        "touch.channel": last.channel,
        "touch.channel_class": last.channel_class,
        "touch.partner": origin.partner,
        "touch.referrer": origin.referrer,
        "touch.click": None if origin.click_id is None else origin.click_id.partition(":")[0],
        "touch.direction": last.direction,
        "touch.form": origin.form,
        "touch.campaign": origin.campaign,
        "touch.medium": None if origin.medium is None else origin.medium.lower(),
        "touch.origin_source": None if origin.origin_source is None else origin.origin_source.lower(),
        "touch.page": origin.page,
        "touch.intent": last.intent,
        "touch.product": last.product,
    }
