"""`docs/connectors.md`: every sender in one table, then each vendor's folder, as its `connector.toml` tells it: how to
connect it step by step, what it sends, and what to look at when it does not work. Generated, never edited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors import registry
from connectors.registry import Manifest
from leadrelay.rulebook.markdown import BY_HAND, paragraph, points, steps, table
from leadrelay.rulebook.vendors import card_fields, manifest, sender_names, with_role

_ADDRESS = "<ApiUrl>/in/{name}"
_BEFORE = """
A sender becomes a *source*: a name in `infra/rules/sources.yaml`, an address, and secrets.

1. **Name it.** Every sender stands in `infra/rules/sources.yaml` already, most of them with `enabled: false`: take
   that away, put your own form ids in, and say what each form means (`intent`, `product`). `leadrelay rules check`
   says what is wrong.
2. **Store its secrets**, before the sender gets the address: a source without them refuses everybody. Their names are
   in the section of each vendor; a value may be a list while it is changed ([Rotate a secret](runbooks/secrets.md)).

   ```sh
   aws secretsmanager create-secret --name leadrelay/<stage>/source/<source> --secret-string file://secrets.json
   ```

   Vendors that are asked for what they have (role `fetch` below) read with what is stored in the same form as
   `leadrelay/<stage>/fetch/<folder>`.
3. **Release it:** `make deploy-rules`. From then on the address answers: `<ApiUrl>/in/<source>`, where ApiUrl is an
   output of the stack. Below, the source bears the name of its vendor's folder.
4. **Connect the sender**, as its section says, and press its test button.
5. **See that it works.** `leadrelay send <source> --to <ApiUrl>` sends a genuine sample (an invented lead; real to
   who gets it). `leadrelay parse <source> --headers H.json --body B` shows, offline, what any delivery becomes and
   why it is refused; `leadrelay parked list` shows what nobody understood yet.
"""
_ANSWERS = (
    ("200", "stored, or known already, or about nobody", "nothing"),
    ("400", "the body is not what this sender sends", "`leadrelay parse` with the same body says where and why"),
    ("401", "the sender is not proven", "secret, address and clock; `leadrelay parse --verify` says which"),
    ("404", "no source of that name is enabled", "`enabled` in sources.yaml, `make deploy-rules`, the spelling"),
    ("413, 415", "too large, or in an encoding that is not read", "the sender's batch size; no gzip"),
    ("503", "we could not store it, or its secret is missing", "the log group says which; the sender tries again"),
)
_LABELS = {
    "challenge": "Handshake",
    "authentication": "Proof",
    "dedupe": "Repeats are known by",
    "answer": "Success is",
}


def connectors_page() -> str:
    """The whole page."""
    lines = ["# Connectors", "", BY_HAND, "", *_every_sender(), *_how_to_connect(), *_folders()]
    for vendor in registry.vendors():
        lines += _vendor(vendor)
    return "\n".join(lines).rstrip() + "\n"


def _every_sender() -> Iterator[str]:
    senders = with_role("source")
    yield from (f"## All {len(senders)} senders", "")
    yield "How the address is checked, how a delivery proves its sender, by what a repeat is known, what the sender"
    yield "takes for success, and what was never seen from the live service. Lists come with `leadrelay upload`."
    yield ""
    rows = [(f"[{told.name}](#{_anchor(told.name)})", *_contract(told).values()) for told in map(_manifest, senders)]
    yield from table(("source", "challenge", "authentication", "dedupe key", "answer", "unverified"), rows)


def _how_to_connect() -> Iterator[str]:
    yield from ("## How to connect a sender", "", *_BEFORE.strip().splitlines(), "")
    yield from ("What the sender's log shows, and what to do:", "")
    yield from table(("answer", "means", "look at"), _ANSWERS)


def _folders() -> Iterator[str]:
    yield from ("## All folders", "", "One folder per vendor under `connectors/`, one file per role.", "")
    rows = [(_manifest(vendor).name, f"`{vendor}`", ", ".join(registry.roles(vendor))) for vendor in registry.vendors()]
    yield from table(("vendor", "folder", "roles"), rows)


def _vendor(vendor: str) -> Iterator[str]:
    told = _manifest(vendor)
    yield from (f"## {told.name}", "")
    yield from paragraph(told.about)
    yield from (f"Documentation: {told.docs}", "")
    yield from _connecting(vendor, told)
    yield from _sending(vendor, told)
    if shown := card_fields(vendor):
        there = manifest(vendor)["crm"]["fields"]
        yield from table(("card", "its name there"), [(f"`{name}`", f"`{there[name]['name']}`") for name in shown])
    if said := sender_names(vendor):
        yield from ("Its fields, as they are understood without a `map` of your own:", "")
        yield from table(("its field", "ours"), [(f"`{name}`", f"`{ours}`") for name, ours in said.items()])


def _connecting(vendor: str, told: Manifest) -> Iterator[str]:
    address = _ADDRESS.format(name=vendor)
    if told.connect:
        yield from ("### Connect it", "")
        yield from steps(_plain(step.replace("{url}", address)) for step in told.connect)
    if told.secrets:
        yield from _named("secret", told.secrets)
    if told.trouble:
        yield from ("### When it does not work", "")
        yield from points(map(_plain, told.trouble))


def _sending(vendor: str, told: Manifest) -> Iterator[str]:
    if told.sends:
        yield from ("### What it sends, and what it becomes", "", "```text", told.sends.strip(), "```", "")
    yield from paragraph(told.ack, "Answer it expects: ")
    said = {_LABELS[name]: value for name, value in _contract(told).items() if name in _LABELS and value}
    if said:
        yield from table(("contract", ""), said.items())
    body = {"body": f"{told.body_kib} KiB"} if "source" in registry.roles(vendor) else {}
    if body or told.limits:
        yield from _named("limit", {**body, **told.limits})
    yield from paragraph(told.contract.unverified, "Not verified: ")


def _named(title: str, found: Mapping[str, Any]) -> Iterator[str]:
    return table((title, ""), [(f"`{name}`", value) for name, value in found.items()])


def _contract(told: Manifest) -> dict[str, str]:
    return told.contract.model_dump()


def _manifest(vendor: str) -> Manifest:
    return registry.manifest(vendor)


def _plain(text: str) -> str:
    """Text with what stands in angle brackets outside of code kept as it is: Markdown takes it for HTML."""
    parts = text.split("`")
    return "`".join(part if number % 2 else part.replace("<", "\\<") for number, part in enumerate(parts))


def _anchor(name: str) -> str:
    """As Markdown readers make the address of a heading."""
    kept = "".join(char for char in name.lower() if char.isalnum() or char in " -_")
    return kept.replace(" ", "-")
