"""A fact of a lead's log as a sentence: who decided what, and why, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from string import Formatter
from typing import Any

from leadrelay.domain.facts import Said
from leadrelay.domain.rules import Rules
from leadrelay.reports.pages import values
from leadrelay.reports.pages.words import Words, readable
from leadrelay.workflows.dictionary import dictionary

GROUPS: Mapping[str, Sequence[str]] = {
    "touch": ("TouchIdentified", "TouchParked", "MessageHeard", "CallbackRequested"),
    "score": ("LeadScored", "ScoreAlerted", "AlertRearmed"),
    "decision": (
        "StageChanged", "RegressRefused", "LeadQualified", "OwnerNeeded", "LeadAssigned", "OwnerKept", "LeadWaits",
        "LeadUnassignable", "BreachConfirmed", "QuestionWithdrawn", "ContactDoubted", "NurtureEnrolled", "NurtureEnded",
        "LeadReactivated", "LeadRetired", "HandoverLacks", "NextStepPlanned",
    ),
    "clock": (
        "ClockStarted", "ClockStopped", "ClockPaused", "ClockResumed", "SlaWarned", "SlaBreached", "SlaMet",
        "NextStepMissed",
    ),
    "sales": (
        "StatusChanged", "LeadAccepted", "LeadRejected", "LeadRecycled", "ContactAttempted", "MeetingBooked",
        "ReasonMissing", "DealOpened", "DealWon", "DealLost", "LeadHandedBack", "OwnerOverridden", "LinkUsed",
        "Snoozed",
    ),
    "crm": ("CrmSynced", "CrmRefused", "RecordDeleted", "RecordRefuses"),
    "notice": ("NoticeSent",),
    "person": (
        "LeadCreated", "LeadMerged", "LeadUnmerged", "LeadEnriched", "ConsentChanged", "ContactForbidden",
        "ContactAllowed", "LeadErased", "TouchErased", "AccountCounted",
    ),
}  # fmt: skip
"""Facts by what they are about; what is nowhere is a record of something else."""

QUIET = frozenset({"CardChanged", "NoticeNeeded"})
"""What only the system says to itself: what follows is told."""

_GROUP = {fact: group for group, facts in GROUPS.items() for fact in facts}

_VOCABULARIES = {
    "source": "source", "rep": "rep", "pool": "pool", "team": "team", "stage": "stage", "asked": "stage",
    "before": "stage", "after": "stage", "why": "why", "reason": "reason", "kind": "clock", "channel": "event",
    "status": "status", "waits": "waits", "fallback": "owner", "action": "action", "outcome": "outcome",
    "crm": "crm",
}  # fmt: skip
"""Which words a field of a fact is told in."""

_FIELDS = 6
"""Names of fields that are told one by one."""

_AS_THEY_ARE = frozenset({"qualification", "code", "op", "what", "who"})


def group_of(fact: str) -> str:
    """What a fact is about."""
    return _GROUP.get(fact, "other")


def sentence(said: Said, words: Words) -> str:
    """The fact in words; one that a later release says is told by its name."""
    facts = words.catalogue.facts
    pattern = facts.get(said.name, facts["other"])
    return _Sentence(said, words).vformat(pattern, (), {})


def details(said: Said, words: Words) -> list[str]:
    """What else belongs to it: who was passed over, and why."""
    skipped = said.data.get("skipped")
    if said.name not in ("LeadAssigned", "LeadWaits") or not isinstance(skipped, dict) or not skipped:
        return []
    told = (f"{words.code('rep', rep)} ({words.code('test', _test(why))})" for rep, why in skipped.items())
    return [words.say("story.skipped", who=", ".join(told))]


def points(rules: Rules) -> Mapping[str, str]:
    """What each scoring rule says, by its id."""
    scoring = rules.scoring
    fit = {rule.id: rule.says for rule in scoring.fit.rules}
    return fit | {rule.id: rule.says for rule in scoring.engagement.rules}


def _test(why: Any) -> str:
    return str(why.get("test")) if isinstance(why, dict) else ""


class _Sentence(Formatter):
    """Fills the names of a sentence from the fact."""

    def __init__(self, said: Said, words: Words) -> None:
        super().__init__()
        self._said, self._words = said, words

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[str, str]:
        derived = _DERIVED.get((self._said.name, field_name)) or _DERIVED.get(("", field_name))
        if derived is not None:
            return derived(self._said.data, self._words), field_name
        if field_name == "fact":
            return readable(self._said.name), field_name
        return _plain(field_name, self._said.data.get(field_name), self._words), field_name


def _plain(name: str, value: Any, words: Words) -> str:
    if value is None or value in ([], ""):
        return values.NOTHING
    if isinstance(value, list):
        return ", ".join(_plain(name, each, words) for each in value)
    if isinstance(value, bool | int | float):
        return words.value(value, "count")
    return str(value) if name in _AS_THEY_ARE else words.code(_VOCABULARIES.get(name, name), str(value))


Data = Mapping[str, Any]


def _at(field: str) -> Callable[[Data, Words], str]:
    def told(data: Data, words: Words) -> str:
        at = data.get(field)
        return values.NOTHING if at is None else words.at(datetime.fromisoformat(str(at)))

    return told


def _score(field: str) -> Callable[[Data, Words], str]:
    return lambda data, words: words.value((data.get("score") or {}).get(field), "score")


def _clock(data: Data, words: Words) -> str:
    clock = data.get("clock") or {}
    return words.code("clock", str(clock.get("kind", "")))


def _clock_due(data: Data, words: Words) -> str:
    return _at("due_at")(data.get("clock") or data, words)


def _why(data: Data, words: Words) -> str:
    """Why, in words; where a condition of the rules held, what the rules say it is about."""
    why = str(data.get("why"))
    known = words.catalogue.codes["why"]
    return known.get(why) or abouts(words.rules).get(why) or words.code("why", why)


def abouts(rules: Rules) -> Mapping[str, str]:
    """What the rules say of their conditions for stages and sequences, by the condition."""
    stages = {rule.if_: rule.about for rule in rules.stages.lifecycle if rule.if_}
    return {each.if_: each.about for each in rules.stages.nurture.sequences if each.if_} | stages


def _notice(data: Data, words: Words) -> str:
    """What a notice is about, as its title says it: its id begins with its kind."""
    kind = str(data.get("notice_id")).partition("-")[0]
    return dictionary()[words.language].title(kind, "").strip(" :?!").removesuffix(" for")


def _where(data: Data, words: Words) -> str:
    return f" ({data['channel']})" if data.get("channel") else ""


def _fields(data: Data, words: Words) -> str:
    """The first of them by name, and how many more."""
    found = [str(name) for name in data.get("fields") or ()]
    called = [words.catalogue.codes["person"].get(name) or readable(name.rpartition(".")[2]) for name in found]
    rest = len(called) - _FIELDS
    return ", ".join([*called[:_FIELDS], *([words.say("story.others", n=rest)] if rest > 0 else [])]) or values.NOTHING


def _status(field: str) -> Callable[[Data, Words], str]:
    return lambda data, words: words.code("status", str(data.get(field)))


def _owner(data: Data, words: Words) -> str:
    return words.code("owner", str(data.get("rep") or data.get("queue") or data.get("pool")))


def _rule(data: Data, words: Words) -> str:
    rule = str(data.get("rule"))
    return f"“{words.rules.routing.says(rule) or rule}”"


def _touch(data: Data, words: Words) -> str:
    return words.code("touch", str(data.get("kind")))


def _touch_source(data: Data, words: Words) -> str:
    source = (data.get("attribution") or {}).get("source")
    if source is not None:
        return words.code("source", str(source))
    return words.value(data.get("source_channel"), "code", "channel")


def _about(data: Data, words: Words) -> str:
    """What they asked for, or did."""
    intent = (data.get("attribution") or {}).get("intent")
    did = [words.code("intent", str(each)) for each in ([intent] if intent else data.get("signals") or [])]
    return f": {', '.join(did)}" if did else ""


def _amount(data: Data, words: Words) -> str:
    amount, currency = data.get("amount"), data.get("currency")
    if amount is None or currency is None:
        return ""
    return f": {values.money(float(amount), str(currency), words.catalogue)}"


def _in_time(data: Data, words: Words) -> str:
    spent = values.seconds(float(data.get("owner_seconds") or 0), words.catalogue)
    pattern = words.catalogue.facts["SlaMet.in_time" if data.get("in_time") else "SlaMet.late"]
    return pattern.format(owner_seconds=spent)


def _given(data: Data, words: Words) -> str:
    given = data.get("given")
    return values.NOTHING if given is None else words.value(bool(given), "code")


_DERIVED: Mapping[tuple[str, str], Callable[[Data, Words], str]] = {
    ("", "due"): _clock_due,
    ("", "until"): _at("until"),
    ("", "rule"): _rule,
    ("", "owner"): _owner,
    ("", "amount"): _amount,
    ("", "why"): _why,
    ("", "fields"): _fields,
    ("NoticeSent", "notice"): _notice,
    ("NoticeSent", "where"): _where,
    ("TouchIdentified", "touch"): _touch,
    ("TouchIdentified", "source"): _touch_source,
    ("TouchIdentified", "about"): _about,
    ("LeadScored", "total"): _score("total"),
    ("LeadScored", "fit"): _score("fit"),
    ("LeadScored", "engagement"): _score("engagement"),
    ("ClockStarted", "kind"): _clock,
    ("StatusChanged", "before"): _status("before"),
    ("StatusChanged", "after"): _status("after"),
    ("SlaMet", "in_time"): _in_time,
    ("ConsentChanged", "given"): _given,
}
"""Fields that a sentence has and the fact has only in another shape; by the fact, or ("") for every fact."""
