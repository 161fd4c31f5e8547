"""A stand-in for Salesforce on loopback: the real client talks to it, and a page shows what a sales rep would see.

What it knows about Salesforce comes from the public guides; assumptions that no live org has confirmed are listed in
`UNCONFIRMED`, so that nobody takes a test against the sandbox for a test against Salesforce.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from connectors.salesforce.sandbox.dialect import SalesforceDialect
from connectors.salesforce.sandbox.oauth import Client
from leadrelay.local.crm_world import Owner, Sandbox, World, start

UNCONFIRMED = (
    "a deleted record answers 404 ENTITY_IS_DELETED, to reading as to writing",
    "an unknown field in one record of a collection fails that record alone, with INVALID_FIELD",
    "a duplicate in a collection names the record it was matched with, as a single answer does",
    "requests inside a composite one do not inherit Sforce-Auto-Assign: each needs it in its own httpHeaders",
    "Status of a lead and other lists are restricted",
    "a lead goes to the default owner when the header is missing, also where the org has no assignment rule",
    "in a collection an external id that several records carry is refused with DUPLICATE_EXTERNAL_ID",
    "a zip that cannot be opened is a failed deployment with an errorMessage, not a refused request",
    "a list view may have fields of ours for columns, under their API names, and FULL_NAME",
    "Owner.Type of a record in a queue is Queue",
    "an outbound message shows the record as it is when the message is sent",
)
DOMAIN = "sandbox.my"  # under salesforce.com
DEMO_KEY, DEMO_SECRET = "sandbox-key", "sandbox-secret"  # of a server on loopback that keeps nothing


def serve(
    port: int = 0,
    key: str = DEMO_KEY,
    secret: str = DEMO_SECRET,
    world: World | None = None,
    public_key: str = "",
) -> Sandbox:
    """Start a sandbox on loopback (port 0 takes a free one); use it as a context manager or call `close()`.

    `public_key` (PEM) is what signed assertions are checked with. Raises OSError when the port is taken.
    """
    kept = world or World()
    return start(kept, SalesforceDialect(kept, Client(key, secret, public_key)), port)


def stand(owners: Sequence[Owner]) -> tuple[Sandbox, dict[str, str]]:
    """A sandbox with these owners, and the secret that opens it, as the connector wants it."""
    secret = {"domain": DOMAIN, "consumer_key": secrets.token_hex(16), "consumer_secret": secrets.token_hex(24)}
    world = World()
    for owner in owners:
        world.put_owner(owner)
    return serve(key=secret["consumer_key"], secret=secret["consumer_secret"], world=world), secret
