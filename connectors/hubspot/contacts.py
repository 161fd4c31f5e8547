"""The contacts role: what was logged about a contact, read from the contact itself.

The search index, which polling reads, lags behind; associations do not. The kinds of records are asked about at the
same time, because somebody waits; one that HubSpot does not let us read hides no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from connectors.hubspot.engagements import ENGAGEMENTS, draft
from connectors.hubspot.lookup import CONTACTS
from connectors.hubspot.reading import LARGEST, Reading, reading
from connectors.hubspot.source import Options
from connectors.hubspot.transport import is_id
from connectors.kit.drafts import chosen
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.contacts import Contacts
from leadrelay.ports.enrich import QUICK
from leadrelay.ports.errors import PortError


def contacts(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Contacts:
    """One account. `secret` has the `token`, `endpoint` replaces HubSpot's address, `options` are those of the source.
    Raises Misconfigured."""
    wanted = chosen(Options, options, "the HubSpot source")
    return HubSpotContacts(reading(secret, endpoint, wanted.version, wanted.properties, timeout=QUICK))


class HubSpotContacts:
    """Implements `ports.contacts.Contacts` over one account."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def made(self, people: Sequence[str], since: datetime) -> Sequence[TouchDraft]:
        """See the port. Of each kind the newest hundred records of a person are looked at. What could not be read is
        raised only where nothing was found elsewhere."""
        found = self._reading.contacts([one for one in people if is_id(one)])
        ids = sorted({contact.crm_id for contact in found.values()})
        if not ids:
            return ()
        with ThreadPoolExecutor(max_workers=len(ENGAGEMENTS)) as threads:
            told = list(threads.map(lambda kind: self._tried(kind, ids, since), ENGAGEMENTS))
        made = [draft for part in told if not isinstance(part, PortError) for draft in part]
        troubles = [part for part in told if isinstance(part, PortError)]
        if troubles and not made:
            raise troubles[0]
        return made

    def _tried(self, kind: str, people: Sequence[str], since: datetime) -> list[TouchDraft] | PortError:
        try:
            return list(self._made(kind, people, since))
        except PortError as trouble:
            return trouble

    def _made(self, kind: str, people: Sequence[str], since: datetime) -> Iterator[TouchDraft]:
        """HubSpot's ids grow, so the highest are the newest."""
        engagement = ENGAGEMENTS[kind]
        for person, ids in self._reading.associated(CONTACTS, kind, people).items():
            for record_id, shown in self._reading.rows(kind, ids[-LARGEST:], engagement.asked):
                heard = engagement.heard(shown)
                if heard is not None and heard[1] >= since:
                    yield draft(record_id, person, heard)
