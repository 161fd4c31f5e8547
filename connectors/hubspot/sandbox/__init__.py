"""A stand-in for HubSpot on loopback: the real client talks to it, and a page shows what a sales rep would see.

What it knows about HubSpot comes from the public guides; assumptions that no live account has confirmed are listed in
`UNCONFIRMED`, so that nobody takes a test against the sandbox for a test against HubSpot.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from connectors.hubspot.sandbox.dialect import HubSpotDialect
from leadrelay.local.crm_world import Owner, Sandbox, World, start

UNCONFIRMED = (
    "a stage written backwards answers 200 and stays as it was (switch: stage_rule)",
    "a 429 carries policyName and no Retry-After",
    "a batch with failed items answers 207 on v3 and 200 with `errors` on date versions",
    "reading the id of a merged contact answers with the contact it was merged into (switch: merged_ids)",
    "an inactive owner is refused with 400 and the property's name",
    "a value of a unique property that is taken answers 400 and names the record in its message",
    "a search filters and sorts by the time of the last change to the millisecond, and by hs_object_id as a number",
    "a changed record is in no search until the index has caught up (switches: search_lag, search_ragged)",
    "reading associations in a batch answers 207 with an error for each record that has none",
    "a write through the token shows as INTEGRATION with the app's id in webhooks, and in hs_object_source",
    "a mail of a sequence carries hs_sequence_id, and what automation made names it in hs_object_source",
    "a batch update of a merged contact's id answers with the id of the contact it was merged into",
    "the answer to a create or an update shows the properties that were sent, asked for or not",
    "an empty batch is refused with 403 where its scope is missing, and does nothing otherwise",
    "workflows are listed without their actions; a batch read leaves out those that do not exist",
    "a list's memberships and the workflows have the paths of their date versions as the client's paths suggest",
)
DEMO_TOKEN = "sandbox-token"  # noqa: S105 - of a server on loopback that keeps nothing


def serve(port: int = 0, token: str = DEMO_TOKEN, world: World | None = None) -> Sandbox:
    """Start a sandbox on loopback (port 0 takes a free one); use it as a context manager or call `close()`.

    Raises OSError when the port is taken.
    """
    kept = world or World()
    return start(kept, HubSpotDialect(kept, token), port)


def stand(owners: Sequence[Owner]) -> tuple[Sandbox, dict[str, str]]:
    """A sandbox with these owners, and the secret that opens it, as the connector wants it."""
    secret = {"token": secrets.token_hex(24)}
    world = World()
    for owner in owners:
        world.put_owner(owner)
    return serve(token=secret["token"], world=world), secret
