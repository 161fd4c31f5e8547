"""The page that lists what the rules say today. Generated, never edited."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from leadrelay.domain.conditions.functions import FUNCTIONS
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.policy import SignalRule
from leadrelay.domain.view import KNOWN
from leadrelay.rulebook.document_promises import promises
from leadrelay.rulebook.document_routing import routing
from leadrelay.rulebook.editor_schema import editor_schemas
from leadrelay.rulebook.files import FILES
from leadrelay.rulebook.markdown import BY_HAND, code, table


def rules_page(rules: Rules) -> str:
    """`docs/rules.md`: the numbers, the fields that a condition may read, and every key of every file."""
    sections = (
        _intro(),
        _qualification(rules),
        _points(rules),
        routing(rules),
        promises(rules),
        _team(rules),
        _language(rules),
        _keys(),
    )
    return "\n".join(line for section in sections for line in section).rstrip() + "\n"


def _intro() -> Iterator[str]:
    yield from ("# Rules", "", BY_HAND, "")
    yield "What `infra/rules/*.yaml` says today, and what may be written there. `leadrelay rules check` checks a"
    yield "change, `leadrelay rules explain CASE` shows what it does to a lead, `make deploy-rules` puts it to work."
    yield ""


def _qualification(rules: Rules) -> Iterator[str]:
    yield from ("## Who is qualified", "")
    yield from table(("threshold", "points"), rules.segments.thresholds.items())
    segments = [
        (rule.id, "yes" if rule.icp else "no", code(rule.if_), _overrides(rule.thresholds), rule.about)
        for rule in rules.segments.segments
    ]
    yield from table(("segment", "ICP", "if", "own thresholds", "about"), segments)
    yield from table(("persona", "about"), [(rule.id, rule.about) for rule in rules.segments.personas])
    relations = [(rule.id, rule.says, code(rule.if_)) for rule in rules.segments.relations]
    yield from table(("no sales lead", "says", "if"), relations)
    stages = [(rule.id, code(rule.if_), rule.team, rule.about) for rule in rules.stages.lifecycle]
    yield from table(("stage", "if", "team", "about"), stages)


def _points(rules: Rules) -> Iterator[str]:
    fit, engagement = rules.scoring.fit, rules.scoring.engagement
    yield from ("## What a lead is worth", "")
    yield f"Fit counts up to {fit.cap} points, engagement up to {engagement.cap}. Of each group of fit rules the best"
    yield "one counts, and the worst that takes points away. [How scoring works](scoring.md)."
    yield ""
    rows = [(rule.says, rule.group, rule.points, code(rule.if_)) for rule in fit.rules]
    yield from table(("fit", "group", "points", "if"), rows)
    yield from table(
        ("engagement", "signal", "points", "at most", "fades", "intent"),
        [_signal(rule, engagement.intent_signals) for rule in engagement.rules],
    )
    asked = [(one.id, code(one.if_), one.asks) for one in rules.scoring.criteria]
    yield from table(("criterion", "met if", "the question that finds out"), asked)


def _signal(rule: SignalRule, intents: Iterable[str]) -> tuple[object, ...]:
    boosts = "".join(f"; {boost.points} if {code(boost.if_)}" for boost in rule.when)
    steps = "; ".join(f"{step.points} from {step.days} days on" for step in rule.steps)
    intent = "yes" if rule.signal in intents else ""
    points = steps or f"{rule.points}{boosts}"
    return (rule.says, _given_for(rule), points, rule.most or "once", _fades(rule), intent)


def _given_for(rule: SignalRule) -> str:
    """The signal, in the words of its kind."""
    told = {
        "burst": f"{code(rule.signal)} {rule.count} times in {rule.within_hours} h",
        "times_within": f"{code(rule.signal)} {rule.count} times in {rule.within_days} days",
        "together": " and ".join(f"{code(name)} × {count}" for name, count in rule.signals.items())
        + f" in {rule.within_days} days",
        "recency": f"silence{f' of {code(rule.signal)}' if rule.signal else ''}",
        "condition": code(rule.if_),
    }
    return told.get(rule.kind, code(rule.signal))


def _fades(rule: SignalRule) -> str:
    if rule.half_life_days is not None:
        return f"by half in {rule.half_life_days} days"
    return f"in {rule.fades_days} days" if rule.fades_days is not None else "never"


def _team(rules: Rules) -> Iterator[str]:
    yield from ("## Who works", "")
    pools = [
        (pool.id, pool.name, ", ".join(f"{member.rep} × {member.weight}" for member in pool.members), pool.manager)
        for pool in rules.team.pools
    ]
    yield from table(("pool", "name", "members × weight", "manager"), pools)
    queues = [(queue.id, queue.name, queue.next_step, queue.next_step_days) for queue in rules.team.queues]
    yield from table(("queue", "name", "next step", "days"), queues)


def _language(rules: Rules) -> Iterator[str]:
    yield from ("## What a condition may read", "")
    yield "Comparisons `== != < <= > >=`, `in`, `not in`, joined by `and`, `or`, `not`. A comparison with a missing"
    yield "value does not hold. Functions:"
    yield ""
    yield from (f"- `{function.usage}`" for function in FUNCTIONS.values())
    yield ""
    known = {name: (kind.value, about) for name, (kind, about) in KNOWN.items()}
    declared = {name: (rules.schema_[name].value, field.about) for name, field in rules.fields.fields.items()}
    cited = {f"threshold.{name}": ("number", "from segments.yaml") for name in rules.segments.thresholds}
    rows = [(code(name), *told) for name, told in {**declared, **known, **cited}.items()]
    yield from table(("field", "type", "meaning"), rows)


def _keys() -> Iterator[str]:
    yield from ("## What may be written in each file", "")
    schemas = editor_schemas()
    for name, kind in FILES.items():
        yield from (f"### {name}.yaml", "")
        schema = json.loads(schemas[f"{name}.json"])
        yield from _described(kind.__name__, schema)
        for inner, found in schema.get("$defs", {}).items():
            yield from _described(inner, found)


def _described(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    if "properties" not in schema:
        return
    yield from (f"**{name}**. {schema.get('description', '')}", "")
    required = schema.get("required", ())
    rows = [
        (f"`{key}`", _kind(value), "required" if key in required else json.dumps(value.get("default")))
        for key, value in schema["properties"].items()
    ]
    yield from table(("key", "what", "default"), rows)


def _kind(value: Mapping[str, Any]) -> str:
    """What a key takes, in a word or two."""
    if "$ref" in value:
        return str(value["$ref"]).rpartition("/")[2]
    if "enum" in value or "const" in value:
        return " or ".join(f"`{one}`" for one in value.get("enum", [value.get("const")]))
    if "anyOf" in value:
        return " or ".join(_kind(one) for one in value["anyOf"])
    if "prefixItems" in value:
        return f"[{', '.join(_kind(one) for one in value['prefixItems'])}]"
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}"
    if value.get("type") == "object":
        return f"map to {_kind(value['additionalProperties'])}"
    return str(value.get("format") or value.get("type") or "any value")


def _overrides(thresholds: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {value}" for name, value in thresholds.items())
