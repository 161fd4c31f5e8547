"""What `parse` and `send` share: a source by its name or its vendor's, secrets from a file, refusals read aloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from leadrelay.cli.console import misused
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.ports.source import Malformed, SecretValues, Unauthentic
from leadrelay.rulebook.problems import closest
from leadrelay.rulebook.vendors import own_names, with_role

SecretsFile = Annotated[
    Path | None,
    typer.Option("--secrets", exists=True, dir_okay=False, help="JSON object: name of the secret -> value or values."),
]

UNPROVEN = {
    "signature_missing": "no header with a signature came: the sender has no secret, or something on the way drops it",
    "signature_form": "the header with the signature, or its time, is not written as this sender writes it",
    "signature_time": "it was signed too long ago or in the future: compare the clocks, or say when with --at",
    "signature_wrong": "signed with another secret, or the body is not byte for byte what was sent",
    "token_missing": "the key is missing where docs/connectors.md says that it is: a header, --query, the body",
    "token_wrong": "the key is another one than ours",
    "token_twice": "the key came twice, so nobody can say which is meant",
    "challenge_form": "what is to be signed is not what this sender asks for: signing it could forge a delivery",
    "origin": "the page is not on the list `origins` of the source",
    "organization_missing": "the message names no organisation",
    "organization_wrong": "the message is from another organisation than the source's option organization_id",
}
"""What a code of a refusal means to the person who connects the sender."""

UNREADABLE = {
    "syntax": "it breaks the rules of its format",
    "encoding": "it is not UTF-8",
    "depth": "it is nested too deep",
    "top_level": "its outermost value is not an object (or a list), as this sender's is",
    "duplicate_name": "a member stands there twice",
    "media_type": "its content-type names no format that is read",
    "content_type": "its content-type is not what this sender says; give the request's --headers",
    "too_many": "there are more parts than any real one has",
    "too_large": "it is too large",
    "missing": "it must be there and is not",
    "no_rawRequest": "rawRequest is missing: without it no answer can be read",
    "sid": "neither CallSid nor MessageSid names what it is about",
    "unknown": "this value is none that is known",
}
"""What the last word of a malformed delivery's code means."""


def read_secrets(path: Path) -> SecretValues:
    """Named secrets of a file; each may have several values, the newest first."""
    found = json_object(path, "--secrets")
    return {name: tuple(value) if isinstance(value, list) else (str(value),) for name, value in found.items()}


def json_object(path: Path, parameter: str) -> dict[str, Any]:
    """The object in a JSON file."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        misused(f"{path} is not JSON: {error}", parameter)
    if not isinstance(found, dict):
        misused(f"{path} is not a JSON object", parameter)
    return found


def named(source: str, rules: Rules) -> SourcePolicy:
    """The source of this name in sources.yaml."""
    sources = rules.sources.sources
    if source not in sources:
        meant = closest(source, sources)
        hint = f"; did you mean '{meant}'?" if meant else f"; there are {', '.join(sources)}"
        misused(f"sources.yaml has no source '{source}'{hint}", "SOURCE")
    return sources[source]


def named_or_vendor(source: str, rules: Rules) -> tuple[str, Rules]:
    """The source's name and the rules that know it. A vendor's folder stands for its first source in sources.yaml, and
    where there is none for a source of its own, with the vendor's names for our fields."""
    sources = rules.sources.sources
    if source in sources:
        return source, rules
    if source not in with_role("source"):
        misused(_nothing_of_that_name(source, rules), "SOURCE")
    first = next((name for name, policy in sources.items() if policy.vendor == source), None)
    if first is not None:
        return first, rules
    bare = SourcePolicy(vendor=source, defaults=dict(own_names(source, rules.fields)))
    return source, rules.with_(sources=rules.sources.with_(sources={**sources, source: bare}))


def unproven(error: Unauthentic) -> str:
    """Why a delivery does not prove its sender, for people."""
    return _aloud(str(error), UNPROVEN.get(str(error)))


def unreadable(error: Malformed) -> str:
    """Why a delivery cannot be read, for people: where, and what is wrong there."""
    where, _, why = str(error).rpartition(":")
    meaning = UNREADABLE.get(why, why.replace("_", " "))
    return _aloud(str(error), f"{where or 'body'}: {meaning}")


def _aloud(code: str, meaning: str | None) -> str:
    return f"{meaning} ({code})" if meaning else code


def _nothing_of_that_name(source: str, rules: Rules) -> str:
    known = (*rules.sources.sources, *with_role("source"))
    meant = closest(source, known)
    hint = f"; did you mean '{meant}'?" if meant else f"; there are {', '.join(dict.fromkeys(known))}"
    return f"neither sources.yaml nor connectors/ has a source '{source}'{hint}"
