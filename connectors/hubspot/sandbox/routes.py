"""Which endpoint does what, and the scope a token needs for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from connectors.hubspot.sandbox.associations import Associations
from connectors.hubspot.sandbox.objects import Objects
from connectors.hubspot.sandbox.paths import KIND, OTHER, VERB, Call
from connectors.hubspot.sandbox.pipelines import pipelines
from connectors.hubspot.sandbox.schema import Account
from connectors.hubspot.sandbox.search import Search
from leadrelay.local.crm_world import Reply

Endpoint = Callable[[Call], Reply]
Route = tuple[str, re.Pattern[str], str, Endpoint]
"""Method, path, scope (`{kind}` stands for the kind in the path), and what answers."""
READ, WRITE = "crm.objects.{kind}.read", "crm.objects.{kind}.write"
SEE, MAKE = "crm.schemas.{kind}.read", "crm.schemas.{kind}.write"
FREE = frozenset({"tasks", "notes", "calls", "emails", "meetings", "communications"})
"""Activities need the scopes of contacts."""


def scope_of(scope: str, call: Call) -> str:
    """The scope's own name for a call."""
    kind = call.names.get("kind", "contacts")
    return scope.replace("{kind}", "contacts" if kind in FREE else kind)


def compiled(rows: Sequence[tuple[str, str, str, Endpoint]]) -> list[Route]:
    """Rows as routes."""
    return [(method, re.compile(path), scope, endpoint) for method, path, scope, endpoint in rows]


def records(objects: Objects, search: Search) -> list[Route]:
    """The objects themselves."""
    one = rf"/objects/{KIND}/(?P<id>\w+)"

    def batch(call: Call) -> Reply:
        return objects.batch(call.names["kind"], call.names.get("verb", "read"), call.body, dated=call.dated)

    def get(call: Call) -> Reply:
        return objects.get(call.names["kind"], call.names["id"], call.request.query)

    def update(call: Call) -> Reply:
        return objects.update(call.names["kind"], call.names["id"], call.body, call.request.query)

    return compiled(
        [
            ("POST", rf"/objects/{KIND}/batch/read", READ, batch),
            ("POST", rf"/objects/{KIND}/batch/{VERB}", WRITE, batch),
            ("POST", rf"/objects/{KIND}/merge", WRITE, lambda c: objects.merge(c.names["kind"], c.body)),
            ("POST", rf"/objects/{KIND}/search", READ, lambda c: search.find(c.names["kind"], c.body)),
            ("POST", rf"/objects/{KIND}", WRITE, lambda c: objects.create(c.names["kind"], c.body)),
            ("GET", rf"/objects/{KIND}", READ, lambda c: objects.page(c.names["kind"], c.request.query)),
            ("GET", rf"/objects/{KIND}/(?P<id>[^/]+)", READ, get),
            ("PATCH", rf"/objects/{KIND}/(?P<id>[^/]+)", WRITE, update),
            ("DELETE", one, WRITE, lambda c: objects.archive(c.names["kind"], c.names["id"])),
        ]
    )


def links(associations: Associations) -> list[Route]:
    """Associations and lists."""
    one = rf"/objects/{KIND}/(?P<id>\w+)/associations"

    def page(call: Call) -> Reply:
        return associations.page(call.names["kind"], call.names["id"], call.names["other"], call.request.query)

    def connect(call: Call) -> Reply:
        return associations.connect(*(call.names[name] for name in ("kind", "id", "other", "other_id")))

    def read(call: Call) -> Reply:
        return associations.read(call.names["kind"], call.names["other"], call.body)

    def members(call: Call) -> Reply:
        return associations.members(call.names["id"], call.names["verb"], call.request.body)

    return compiled(
        [
            ("GET", rf"{one}/{OTHER}", READ, page),
            ("PUT", rf"{one}/default/{OTHER}/(?P<other_id>\w+)", WRITE, connect),
            ("POST", rf"/associations/{KIND}/{OTHER}/batch/read", READ, read),
            ("PUT", r"/lists/(?P<id>\w+)/memberships/(?P<verb>add|remove)", "crm.lists.write", members),
        ]
    )


def settings(account: Account) -> list[Route]:
    """Properties, groups, owners and pipelines."""
    schema = rf"/properties/{KIND}"
    return compiled(
        [
            ("GET", schema, SEE, lambda c: account.properties(c.names["kind"])),
            ("GET", rf"{schema}/groups", SEE, lambda c: account.groups(c.names["kind"])),
            ("POST", rf"{schema}/groups", MAKE, lambda c: account.create_group(c.names["kind"], c.body)),
            ("POST", rf"{schema}/batch/create", MAKE, lambda c: account.create_properties(c.names["kind"], c.body)),
            ("POST", schema, MAKE, lambda c: account.create_property(c.names["kind"], c.body)),
            ("GET", rf"{schema}/(?P<name>\w+)", SEE, lambda c: account.property(c.names["kind"], c.names["name"])),
            ("GET", r"/owners/?", "crm.objects.owners.read", lambda c: account.owners(c.request.query)),
            ("GET", r"/owners/(?P<id>\w+)", "crm.objects.owners.read", lambda c: account.owner(c.names["id"])),
            ("GET", rf"/pipelines/{KIND}", READ, lambda c: pipelines(c.names["kind"])),
        ]
    )
