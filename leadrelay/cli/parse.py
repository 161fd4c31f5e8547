"""`leadrelay parse`: what a payload becomes, offline."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl

import typer
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table

from connectors import registry
from leadrelay.cli.console import RULES, AsJson, RulesFolder, instant, misused, now, refuse, say, say_json
from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Touch, TouchDraft, Trust, touch_id
from leadrelay.ports.source import Delivery, Malformed, SecretValues, SourceSettings, Unauthentic
from leadrelay.rulebook.compile import compile_rules
from leadrelay.rulebook.problems import closest


def parse(  # noqa: PLR0913, PLR0917 each option is an argument
    source: Annotated[str, typer.Argument(help="The name of the source in sources.yaml.")],
    headers: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="JSON object of the request's headers.")],
    body: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The request's body, byte for byte.")],
    query: Annotated[str, typer.Option(help="The request's query string.")] = "",
    secrets: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="JSON object: name of the secret -> value or values."),
    ] = None,
    at: Annotated[str | None, typer.Option(help="When it was received (ISO with a zone); now without it.")] = None,
    verify: Annotated[bool, typer.Option("--verify/--no-verify", help="Whether the sender must be proven.")] = True,
    rules: RulesFolder = RULES,
    as_json: AsJson = False,
) -> None:
    """Show the touches that a delivery becomes, in the sender's words and in ours. Nothing is sent or stored."""
    received = instant(at, "--at") if at is not None else now()
    compiled = compile_rules(rules, received.date()).rules
    settings = _settings(source, compiled)
    delivery = Delivery("POST", _headers(headers), tuple(parse_qsl(query, keep_blank_values=True)), body.read_bytes())
    trust = _proven(settings, delivery, secrets, received) if verify else "unverified"
    drafts = _drafts(settings, delivery, received)
    found = [_told(draft, settings, trust, received, compiled) for draft in drafts]
    if as_json:
        say_json(found)
        return
    _show(found)


def _settings(source: str, rules: Rules) -> SourceSettings:
    policy = rules.sources.sources.get(source)
    if policy is None:
        meant = closest(source, rules.sources.sources)
        hint = f"; did you mean '{meant}'?" if meant else f"; there are {', '.join(rules.sources.sources)}"
        misused(f"sources.yaml has no source '{source}'{hint}", "SOURCE")
    return SourceSettings(name=source, vendor=policy.vendor, options=policy.options)


def _headers(path: Path) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in _json_object(path, "--headers").items()}


def _secrets(path: Path | None) -> SecretValues:
    if path is None:
        misused("to prove the sender, give its secrets; or look without proof with --no-verify", "--secrets")
    found = _json_object(path, "--secrets")
    return {name: tuple(value) if isinstance(value, list) else (str(value),) for name, value in found.items()}


def _json_object(path: Path, parameter: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        misused(f"{path} is not JSON: {error}", parameter)
    if not isinstance(found, dict):
        misused(f"{path} is not a JSON object", parameter)
    return found


def _proven(settings: SourceSettings, delivery: Delivery, secrets: Path | None, received: datetime) -> Trust:
    connector: Any = registry.load("source", settings.vendor)
    try:
        trust: Trust = connector.verify(delivery, settings, _secrets(secrets), received)
    except Unauthentic as error:
        refuse(f"the sender is not proven: {error}; the source would answer 401")
    except Malformed as error:
        refuse(f"the delivery is malformed: {error}; the source would answer 400")
    return trust


def _drafts(settings: SourceSettings, delivery: Delivery, received: datetime) -> list[TouchDraft]:
    connector: Any = registry.load("source", settings.vendor)
    try:
        return list(connector.parse(delivery, settings, received))
    except Malformed as error:
        refuse(f"the delivery is malformed: {error}; the source would answer 400")


def _told(
    draft: TouchDraft, settings: SourceSettings, trust: Trust, received: datetime, rules: Rules
) -> dict[str, Any]:
    """A touch as it would be stored, and as the rules understand it."""
    touch = Touch(
        touch_id=touch_id(settings.name, draft.key),
        kind=draft.kind,
        source=settings.name,
        vendor=settings.vendor,
        trust=trust,
        received_at=received,
        occurred_at=draft.occurred_at or received,
        origin=draft.origin,
        event=draft.event,
        fetch_id=draft.fetch_id,
        suspicion=draft.suspicion,
        problem=draft.problem,
        test=draft.test,
    )
    heard = understood(touch, draft.words, rules, received)
    return {
        "touch": touch.model_dump(mode="json", exclude_none=True),
        "words": draft.words.model_dump(mode="json", exclude_none=True),
        "understood": dict(heard.values),
        "signals": list(heard.signals),
        "temperature": heard.temperature,
        **_came(heard),
    }


def _came(heard: Heard) -> dict[str, str | None]:
    """How it came to us."""
    came = heard.came
    if came is None:
        return {"channel": None, "channel_class": None, "partner": None}
    return {"channel": came.channel, "channel_class": came.channel_class, "partner": came.origin.partner}


def _show(found: list[dict[str, Any]]) -> None:
    say(f"{len(found)} touch{'' if len(found) == 1 else 'es'}")
    for told in found:
        touch = told["touch"]
        say(Rule(f"{touch['kind']} {touch['touch_id']}"))
        rows = {**touch, **touch["origin"], "signals": ", ".join(told["signals"]), "temperature": told["temperature"]}
        rows |= {name: told[name] for name in ("channel", "channel_class", "partner")}
        rows.pop("origin")
        say(_pairs(rows))
        say(_pairs({answer["key"]: ", ".join(answer["values"]) for answer in told["words"]["answers"]}, "said"))
        say(_pairs(told["understood"], "understood"))


def _pairs(rows: dict[str, Any], title: str | None = None) -> Table:
    table = Table(title=title, box=None, show_header=False, title_justify="left", title_style="bold")
    for name, value in rows.items():
        if value not in (None, "", []):
            table.add_row(escape(name), escape(str(value)))
    return table
