"""`leadrelay send`: what a source's sender would send, signed with its secret, to a running deployment."""

from __future__ import annotations

import secrets as dice
from collections.abc import Sequence
from contextlib import closing
from typing import Annotated, cast
from urllib.parse import urlsplit

import typer
from rich.markup import escape
from rich.table import Table
from urllib3.exceptions import HTTPError

from connectors import registry
from leadrelay.aws.mailbox import MailBucket
from leadrelay.cli.console import RULES, RulesFolder, misused, now, refuse, say
from leadrelay.cli.crm.telling import cell, masked
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.cli.sender import SecretsFile, named, read_secrets
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import TouchDraft
from leadrelay.local.courier import Courier, Parcel, Receipt
from leadrelay.local.samples import build
from leadrelay.ports.sample import Person, Sent, Visit
from leadrelay.ports.source import SecretValues, Source, SourceSettings, doors_of
from leadrelay.rulebook.compile import compile_rules
from leadrelay.rulebook.vendors import with_role

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
    to: Annotated[
        str | None,
        typer.Option(help="The deployment's address (ApiUrl): https, or http on this machine. Mail needs none."),
    ] = None,
    form: Annotated[str | None, typer.Option(help="The sender's id of the form; the first in sources.yaml.")] = None,
    times: Annotated[int, typer.Option(min=1, max=100, help="Send the same delivery so often: it counts once.")] = 1,
    secrets: SecretsFile = None,
    stage: Stage = STAGE,
    rules: RulesFolder = RULES,
) -> None:
    """Send a sample as the source's sender would. It is real to who gets it: an invented lead goes to sales.

    It is signed with the secrets of --secrets, or else with those of the stage. A mail is put into the stage's mail
    bucket, which takes the rights to write there. Exit code 1 when it was not taken.
    """
    compiled = compile_rules(rules, now().date()).rules
    policy = _policy(source, compiled, to or "https://…")
    if "http" not in doors_of(registry.load("source", policy.vendor)):
        _mail(source, policy, compiled, form, times, Deployed(stage))
        return
    if to is None:
        misused("say to which address: --to ApiUrl, an output of the stack", "--to")
    api = _address(to)
    values = read_secrets(secrets) if secrets is not None else Deployed(stage).secrets().get(f"source/{source}")
    visit = Visit(source, SAMPLE, form or next(iter(policy.forms), _FORM), f"sample-{dice.token_hex(8)}", "A sample.")
    sent = _built(visit, compiled, values)
    _check(visit, policy, sent, values)
    receipts = _posted(api, Parcel("sample", source, sent.headers, sent.body, sent.query, sent.method), times)
    _told(visit, receipts)
    if any(draft.fetch_id for draft in _drafts(visit, policy, sent)):
        say("the delivery names the lead only by its id: the vendor does not know this one, so it will be parked")
    _judge(receipts)


def _mail(source: str, policy: SourcePolicy, rules: Rules, form: str | None, times: int, stage: Deployed) -> None:
    """As the mail service would: whoever may write into the bucket may say that a mail is proven."""
    key = f"sample-{dice.token_hex(8)}"
    visit = Visit(source, SAMPLE, form or next(iter(policy.forms), _FORM), key, "A sample.")
    sent, bucket = _built(visit, rules, {}), stage.mail_bucket()
    for number in range(times):
        say(f"put into {bucket}: {MailBucket(bucket).bring(f'{key}-{number}', sent.body)}")
    say(f"it comes in within seconds, as if {SAMPLE.email} had written to {source}@ your mail domain")


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
    policy = named(source, rules)
    roles = registry.roles(policy.vendor)
    if not policy.enabled:
        misused(f"source '{source}' is not enabled in sources.yaml: it would answer 404", "SOURCE")
    if "source" not in roles:
        misused(f"'{source}' is no sender: bring its list with `leadrelay upload csv FILE --source {source}`", "SOURCE")
    if "sample" not in roles:
        refuse(_by_hand(source, policy.vendor, api))
    return policy


def _by_hand(source: str, vendor: str, api: str) -> str:
    return (
        f"there is no sample for {vendor}; there are samples for {', '.join(with_role('sample'))}.\n"
        f"connectors/{vendor}/cases*/*.json show what it sends. Put the body of one (`json`, `text` or `base64` of its "
        f"`request`) into body.json, sign it with the source's secret as docs/connectors.md says, and:\n"
        f"curl --data-binary @body.json -H 'content-type: application/json' -H '<its proof>: …' {api}/in/{source}\n"
        f"`leadrelay parse {source} --headers H.json --body body.json` shows what it becomes, without sending."
    )


def _built(visit: Visit, rules: Rules, values: SecretValues) -> Sent:
    try:
        return build(visit, rules, values, now())
    except KeyError as missing:
        refuse(f"to sign it, source '{visit.source}' needs the secret {missing}")
    except ValueError:
        misused(f"'{visit.form}' is no id of a form of this sender", "--form")


def _settings(visit: Visit, policy: SourcePolicy) -> SourceSettings:
    return SourceSettings(name=visit.source, vendor=policy.vendor, options=policy.options)


def _check(visit: Visit, policy: SourcePolicy, sent: Sent, values: SecretValues) -> None:
    """Whether the source would take it with these secrets and options: what is missing is said here, not by a 503."""
    connector = cast(Source, registry.load("source", policy.vendor))
    connector.verify(sent.delivery(), _settings(visit, policy), values, now())


def _drafts(visit: Visit, policy: SourcePolicy, sent: Sent) -> Sequence[TouchDraft]:
    connector = cast(Source, registry.load("source", policy.vendor))
    return connector.parse(sent.delivery(), _settings(visit, policy), now())


def _posted(api: str, parcel: Parcel, times: int) -> list[Receipt]:
    with closing(Courier(api, 1)) as courier:
        try:
            return [courier.post(parcel) for _ in range(times)]
        except HTTPError as error:
            refuse(f"{api} does not answer ({type(error).__name__})")


def _told(visit: Visit, receipts: Sequence[Receipt]) -> None:
    table = Table("answer", "ms", "says", title=escape(f"{visit.source}, form {visit.form}, {visit.key}"))
    for receipt in receipts:
        says = cell(masked(receipt.body[:200].decode(errors="replace")))
        table.add_row(str(receipt.status), f"{receipt.ms:.0f}", says)
    say(table)


def _judge(receipts: Sequence[Receipt]) -> None:
    refused = [receipt for receipt in receipts if not 200 <= receipt.status < 300]
    if refused:
        refuse(f"{len(refused)} of {len(receipts)} not taken; 401: another secret, 404: no such source, 503: try again")
