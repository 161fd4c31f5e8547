"""The contacts role: tasks done and calendar events of one person, whatever polling has read by now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connectors.kit.drafts import chosen
from connectors.kit.wild import Wild
from connectors.salesforce.attempts import ASKED, Attempt, Attempts
from connectors.salesforce.ids import long_id
from connectors.salesforce.reading import Reading, not_understood, reading
from connectors.salesforce.source import Options
from connectors.salesforce.sweep import CHANGED, soql_time
from connectors.salesforce.values import at_path
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.contacts import Contacts
from leadrelay.ports.enrich import QUICK
from leadrelay.ports.source import Malformed

NEWEST = 200
"""Rows of each kind that are looked at."""


def contacts(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Contacts:
    """One account; `secret` as for the CRM role, `endpoint` a sandbox on this machine, `options` those of the source.
    Raises Misconfigured."""
    wanted = chosen(Options, options, "the Salesforce source")
    return SalesforceContacts(reading(secret, endpoint, wanted.fields, timeout=QUICK), wanted)


class SalesforceContacts:
    """Implements `ports.contacts.Contacts` over one account."""

    def __init__(self, reading: Reading, options: Options) -> None:
        self._reading = reading
        self._attempts = Attempts(reading, options)

    def made(self, people: Sequence[str], since: datetime) -> Sequence[TouchDraft]:
        """See the port. Who was converted is asked for as the contact they became: their activities moved with them."""
        ids = [full for one in people if (full := long_id(one, "Lead") or long_id(one, "Contact"))]
        if not ids:
            return ()
        try:
            ids = [*ids, *self._became(ids)]
            return [one.draft() for one in self._made(ids, since) if one.at >= since]
        except Malformed as error:
            raise not_understood(error) from None

    def _became(self, people: Sequence[str]) -> Iterator[str]:
        leads = [one for one in people if long_id(one, "Lead")]
        if leads:
            rest = "WHERE Id IN {ids} AND IsConverted = true"
            for row in self._reading.select(("Id", "ConvertedContactId"), "Lead", rest, ids=leads).rows:
                contact = long_id(at_path(row, "ConvertedContactId"), "Contact")
                yield from () if contact is None else (contact,)

    def _made(self, people: Sequence[str], since: datetime) -> Iterator[Attempt]:
        yield from self._attempts.tasks(self._rows("Task", "IsClosed = true AND ", people, since))
        yield from self._attempts.events(self._rows("Event", "", people, since))

    def _rows(self, kind: str, only: str, people: Sequence[str], since: datetime) -> Sequence[Wild]:
        """What was entered or changed since then: nothing that was done later can be older."""
        rest = (
            f"WHERE WhoId IN {{ids}} AND {only}{CHANGED} >= {{since:literal}} "
            f"ORDER BY {CHANGED} DESC, Id DESC LIMIT {NEWEST}"
        )
        return self._reading.select(ASKED[kind], kind, rest, ids=list(people), since=soql_time(since)).rows
