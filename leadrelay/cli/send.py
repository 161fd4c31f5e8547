"""`leadrelay send`: what a source's sender would send, signed with its secret, to a running deployment."""

from __future__ import annotations

import json
import secrets as dice
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.markup import escape
from rich.table import Table
from urllib3.exceptions import HTTPError

from connectors import registry
from leadrelay.cli.console import RULES, RulesFolder, misused, now, refuse, say
from leadrelay.cli.crm.telling import cell, masked
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.local.courier import Courier, Parcel, Receipt
from leadrelay.local.samples import build
from leadrelay.ports.sample import Person, Sent, Visit
from leadrelay.ports.source import SecretValues
from leadrelay.rulebook.compile import compile_rules
from leadrelay.rulebook.problems import closest

SAMPLE = Person(
    first_name="Sam",
    last_name="Sample",
    email="sam.sample@example.com",
    phone="+12025550143",
    job_title="Head of Examples",
    company="Example Ltd",
    country="United States",
    industry="Software",
    employees=120,
)
"""One and the same every time, so that samples leave one lead to take away."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FORM = "1"


def send(
    source: Annotated[str, typer.Argument(help="The name of the source in sources.yaml.")],
    to: Annotated[str, typer.Option(help="The deployment's address (ApiUrl): https, or http on this machine.")],
    form: Annotated[str | None, typer.Option(help="The sender's id of the form; the first in sources.yaml.")] = None,
    times: Annotated[int, typer.Option(min=1, max=100, help="Send the same delivery so often: it counts once.")] = 1,
    secrets: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="JSON object: name of the secret -> value or values."),
    ] = None,
    stage: Stage = STAGE,
    rules: RulesFolder = RULES,
) -> None:
    """Send a sample as the source's sender would. It is real to who gets it: an invented lead goes to sales.

    It is signed with the secrets of --secrets, or else with those of the stage. Exit code 1 when it was not taken.
    """
    api = _address(to)
    compiled = compile_rules(rules, now().date()).rules
    policy = _policy(source, compiled, api)
    values = _secrets(secrets) if secrets is not None else Deployed(stage).secrets().get(f"source/{source}")
    visit = Visit(source, SAMPLE, form or next(iter(policy.forms), _FORM), f"sample-{dice.token_hex(8)}", "A sample.")
    sent = _built(visit, compiled, values)
    receipts = _posted(api, Parcel("sample", source, sent.headers, sent.body), times)
    _told(visit, receipts, sent)


def _address(to: str) -> str:
    """Only where nobody reads along: a sample carries a genuine signature, sometimes the secret itself."""
    try:
        parts = urlsplit(to)
        host, _ = parts.hostname, parts.port
    except ValueError:
        misused(f"'{to}' is no address", "--to")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        misused("only https, or http on this machine: the delivery proves who sent it", "--to")
    if parts.username is not None or parts.query or parts.fragment:
        misused("an address without user, query and fragment", "--to")
    return to.rstrip("/").removesuffix("/in")


def _policy(source: str, rules: Rules, api: str) -> SourcePolicy:
    sources = rules.sources.sources
    policy = sources.get(source)
    if policy is None:
        meant = closest(source, sources)
        hint = f"; did you mean '{meant}'?" if meant else f"; there are {', '.join(sources)}"
        misused(f"sources.yaml has no source '{source}'{hint}", "SOURCE")
    if not policy.enabled:
        misused(f"source '{source}' is not enabled in sources.yaml: it would answer 404", "SOURCE")
    if policy.vendor == "csv":
        misused(f"'{source}' is no sender: bring its list with `leadrelay upload csv FILE --source {source}`", "SOURCE")
    if "sample" not in registry.roles(policy.vendor):
        refuse(_by_hand(source, policy.vendor, api))
    return policy


def _by_hand(source: str, vendor: str, api: str) -> str:
    return (
        f"there is no sample for {vendor}; there are samples for {', '.join(_sampled())}.\n"
        f"connectors/{vendor}/cases*/*.json show what it sends. Put the body of one (`json`, `text` or `base64` of its "
        f"`request`) into body.json, sign it with the source's secret as docs/connectors.md says, and:\n"
        f"curl --data-binary @body.json -H 'content-type: application/json' -H '<its proof>: …' {api}/in/{source}\n"
        f"`leadrelay parse {source} --headers H.json --body body.json` shows what it becomes, without sending."
    )


def _sampled() -> list[str]:
    return [vendor for vendor in registry.vendors() if "sample" in registry.roles(vendor)]


def _secrets(path: Path) -> SecretValues:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        misused(f"{path} is not JSON: {error}", "--secrets")
    if not isinstance(found, dict):
        misused(f"{path} is not a JSON object", "--secrets")
    return {name: tuple(value) if isinstance(value, list) else (str(value),) for name, value in found.items()}


def _built(visit: Visit, rules: Rules, values: SecretValues) -> Sent:
    try:
        return build(visit, rules, values, now())
    except KeyError as missing:
        refuse(f"to sign it, source '{visit.source}' needs the secret {missing}")
    except ValueError:
        misused(f"'{visit.form}' is no id of a form of this sender", "--form")


def _posted(api: str, parcel: Parcel, times: int) -> list[Receipt]:
    with closing(Courier(api, 1)) as courier:
        try:
            return [courier.post(parcel) for _ in range(times)]
        except HTTPError as error:
            refuse(f"{api} does not answer ({type(error).__name__})")


def _told(visit: Visit, receipts: Sequence[Receipt], sent: Sent) -> None:
    table = Table("answer", "ms", "says", title=escape(f"{visit.source}, form {visit.form}, {visit.key}"))
    for receipt in receipts:
        table.add_row(
            str(receipt.status), f"{receipt.ms:.0f}", cell(masked(receipt.body[:200].decode(errors="replace")))
        )
    say(table)
    if sent.later is not None:
        say("the delivery names the lead only by its id: the vendor does not know this one, so it will be parked")
    refused = [receipt for receipt in receipts if not 200 <= receipt.status < 300]
    if refused:
        refuse(f"{len(refused)} of {len(receipts)} not taken; 401: another secret, 404: no such source, 503: try again")
