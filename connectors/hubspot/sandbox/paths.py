"""How HubSpot writes its paths: with a version in one of two places, or the dated one; the routes know one form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.hubspot.sandbox.errors import Bad
from connectors.hubspot.sandbox.kinds import BY_TYPE_ID, KINDS
from connectors.hubspot.sandbox.objects import VERBS
from leadrelay.local.crm_world import Request

DATE = r"(?P<date>\d{4}-\d{2}(?:-beta)?)"
NAMES = "|".join(re.escape(name) for name in (*KINDS, *BY_TYPE_ID))
KIND = rf"(?P<kind>{NAMES})"
OTHER = rf"(?P<other>{NAMES})"
VERB = rf"(?P<verb>{'|'.join(VERBS)})"
# Both ways to write a path, and the one form the routes know.
VERSIONS = (
    (re.compile(rf"/crm/(?:v[34]/objects|objects/{DATE})/"), "/objects/"),
    (re.compile(rf"/crm/(?:v4/associations|associations/{DATE})/"), "/associations/"),
    (re.compile(rf"/crm/(?:v3/properties|properties/{DATE})/"), "/properties/"),
    (re.compile(rf"/crm/(?:v3/owners|owners/{DATE})(?=/|$)"), "/owners"),
    (re.compile(rf"/crm/(?:v3/lists|lists/v3|lists/{DATE})/"), "/lists/"),
    (re.compile(rf"/crm/(?:v3/pipelines|pipelines/{DATE})/"), "/pipelines/"),
    (re.compile(rf"/automation/(?:v4/flows|flows/{DATE}|{DATE.replace('date', 'dated')}/flows)(?=/|$)"), "/flows"),
    (re.compile(rf"/account-info/(?:v3|{DATE})/"), "/account-info/"),
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request after its version is taken off: `dated` says that it came in a date version. `names` are the parts of
    its path, kinds by their own names."""

    request: Request
    dated: bool
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON object of the request, empty where there is none."""
        return self.request.body if isinstance(self.request.body, dict) else {}

    def with_names(self, found: Mapping[str, str]) -> Call:
        """The call with its path taken apart; a kind may be written as its type id."""
        plain = {name: BY_TYPE_ID.get(value, value) for name, value in found.items()}
        return replace(self, names=plain)


def unversioned(request: Request) -> Call:
    """The request in the one form. Raises Bad where HubSpot has no such path."""
    for pattern, form in VERSIONS:
        found = pattern.match(request.path)
        if found:
            path = form + request.path[found.end() :]
            return Call(replace(request, path=path), dated=any(found.groupdict().values()))
    raise Bad(404, "NOT_FOUND", "No such endpoint")
