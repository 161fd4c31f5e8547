"""Looking a company up in the list that compiling copied into the rules."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.kit.domains import asked_domain
from leadrelay.domain.person.profile import Plain
from leadrelay.ports.enrich import AccountFound, Enricher
from leadrelay.ports.errors import Misconfigured

Rows = Mapping[str, Mapping[str, Plain]]


class CompanyList:
    """Companies by domain: our field -> its value."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def account(self, domain: str) -> AccountFound | None:
        """See the port. Raises Reject for what is no domain."""
        wanted = asked_domain(domain)
        row = self._rows.get(wanted)
        return None if row is None else AccountFound(domain=wanted, more=row)


def enricher(_secret: Mapping[str, str], _endpoint: str | None, options: Mapping[str, object]) -> Enricher:
    """The list of `options["rows"]`, as compiling wrote it. Raises Misconfigured without one."""
    rows = options.get("rows")
    if not isinstance(rows, Mapping):
        raise Misconfigured("the company list of enrichment.yaml has no `file`; deploy rules that name one")
    return CompanyList(rows)
