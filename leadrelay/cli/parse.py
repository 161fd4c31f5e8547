"""`leadrelay parse`: what a payload becomes, offline."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import parse_qsl

import typer
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table

from connectors import registry
from leadrelay.cli.console import RULES, AsJson, RulesFolder, errors, instant, misused, now, refuse, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.cli.request import Method, as_request
from leadrelay.cli.sender import SecretsFile, named_or_vendor, read_secrets, unproven, unreadable
from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.screening import screened
from leadrelay.domain.touch import Touch, TouchDraft, Trust, touch_id
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import (
    Delivery,
    Door,
    Malformed,
    Reply,
    SecretValues,
    Source,
    SourceSettings,
    Unauthentic,
    Wary,
)
from leadrelay.rulebook.compile import compile_rules
from leadrelay.workflows.screen import suspected


def parse(  # noqa: PLR0913, PLR0917 each option is an argument
    source: Annotated[str, typer.Argument(help="A source in sources.yaml, or a vendor's folder under connectors/.")],
    body: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The request's body, byte for byte.")
    ] = None,
    headers: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The request's headers: a JSON object, or lines `Name: value`."),
    ] = None,
    query: Annotated[str, typer.Option(help="The request's query string.")] = "",
    method: Annotated[Method, typer.Option(help="GET for a handshake.")] = Method.POST,
    door: Annotated[Door | None, typer.Option(help="By which way it came; the source's own without it.")] = None,
    secrets: SecretsFile = None,
    at: Annotated[str | None, typer.Option(help="When it was received (ISO with a zone); now without it.")] = None,
    verify: Annotated[
        bool | None,
        typer.Option(
            "--verify/--no-verify",
            help="Whether the sender must be proven, with --secrets or those of the stage; as usual with --secrets.",
        ),
    ] = None,
    stage: Stage = STAGE,
    rules: RulesFolder = RULES,
    as_json: AsJson = False,
) -> None:
    """Show the touches that a delivery becomes, in the sender's words and in ours, or the answer to a handshake.

    Nothing is sent or stored. Without secrets the sender is not proven, and the touches say so (trust: unverified).
    """
    received = instant(at, "--at") if at is not None else now()
    name, known = named_or_vendor(source, compile_rules(rules, received.date()).rules)
    if name != source:
        errors.print(f"read as the source '{name}' of sources.yaml", style="dim", markup=False)
    policy = known.sources.sources[name]
    settings = SourceSettings(name=name, vendor=policy.vendor, options=policy.options)
    if "source" not in registry.roles(policy.vendor):
        misused(f"'{name}' has no sender: its list comes with `leadrelay upload`, row by row", "SOURCE")
    asked = tuple(parse_qsl(query.lstrip("?"), keep_blank_values=True))
    delivery = as_request(settings, method, body, headers, asked, door)
    shared = bool(registry.manifest(policy.vendor).secrets)
    values = _secrets(name, secrets, verify, stage) if shared or verify is False else {}
    reply = _handshake(settings, delivery, values)
    if reply is not None:
        _show_reply(reply, as_json)
        return
    trust = _proven(settings, delivery, values, received) if values is not None else _believed()
    drafts = _suspected(_drafts(settings, delivery, received), settings, delivery, values, received)
    found = [_told(draft, settings, trust, received, known) for draft in drafts]
    if as_json:
        say_json(found)
    else:
        _show(found)


def _secrets(source: str, path: Path | None, verify: bool | None, stage: str) -> SecretValues | None:
    """None where the sender need not be proven."""
    if verify is False:
        return None
    if path is not None:
        return read_secrets(path)
    return Deployed(stage).secrets().get(f"source/{source}") if verify else None


def _source(settings: SourceSettings) -> Source:
    return cast(Source, registry.load("source", settings.vendor))


def _handshake(settings: SourceSettings, delivery: Delivery, secrets: SecretValues | None) -> Reply | None:
    """The answer to a subscription handshake, which is always made with a secret; None for other requests."""
    try:
        return _source(settings).challenge(delivery, settings, secrets or {})
    except Unauthentic as error:
        refuse(f"the handshake is refused: {unproven(error)}; the source would answer 401")
    except Misconfigured:
        if secrets is not None:
            raise
        misused("this is a handshake, and its answer is made with a secret: give --secrets, or --verify", "--secrets")


def _believed() -> Trust:
    errors.print("the sender was not proven: give --secrets, or --verify for those of the stage", style="dim")
    return "unverified"


def _proven(settings: SourceSettings, delivery: Delivery, secrets: SecretValues, received: datetime) -> Trust:
    try:
        return _source(settings).verify(delivery, settings, secrets, received)
    except Unauthentic as error:
        refuse(f"the sender is not proven: {unproven(error)}; the source would answer 401")
    except Malformed as error:
        refuse(f"the delivery is malformed: {unreadable(error)}; the source would answer 400")


def _drafts(settings: SourceSettings, delivery: Delivery, received: datetime) -> list[TouchDraft]:
    try:
        return list(_source(settings).parse(delivery, settings, received))
    except Malformed as error:
        refuse(f"the delivery is malformed: {unreadable(error)}; the source would answer 400")


def _suspected(
    drafts: list[TouchDraft],
    settings: SourceSettings,
    delivery: Delivery,
    secrets: SecretValues | None,
    received: datetime,
) -> list[TouchDraft]:
    """With what only the source's secrets show against them; limits are counted by a deployment alone."""
    source = _source(settings)
    if secrets is None or not isinstance(source, Wary):
        return drafts
    found = source.suspicion(delivery, settings, secrets, received)
    return [draft if draft.suspicion or found is None else suspected(draft, found, "unverified") for draft in drafts]


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
    touch = screened(touch, draft.words, heard.values, rules)
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


def _show_reply(reply: Reply, as_json: bool) -> None:
    told = {"status": reply.status, "content_type": reply.content_type, "body": reply.body}
    if as_json:
        say_json({"answer": told})
        return
    say("a handshake; the source answers")
    say(_pairs(told))


def _show(found: list[dict[str, Any]]) -> None:
    if not found:
        say("no touch: it concerns nobody, and the source answers that all is well")
        return
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
