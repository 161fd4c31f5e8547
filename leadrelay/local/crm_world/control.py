"""The control endpoint under `/__world/`: how tests and the demo reach into a running sandbox.

    GET  /__world/state | journal | settings | owners
    POST /__world/faults    {"kind": "429", "times": 1, "match": "regex over 'METHOD /path'", "hold": 30}
    POST /__world/owners    [{"email": …, "first_name": …, "last_name": …, "id"?: …, "active"?: true}, …]
    POST /__world/settings  the dialect's switches
    POST /__world/reset

It has no password (the server listens on loopback only), so it insists on JSON: a web page in a browser cannot send
that to another origin without asking first, and nobody answers the question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from leadrelay.local.crm_world.records import Owner
from leadrelay.local.crm_world.state import World

if TYPE_CHECKING:
    from leadrelay.local.crm_world.server import Dialect, Request

PREFIX = "/__world/"
Answer = tuple[int, Any]


def answer(world: World, dialect: Dialect, request: Request) -> Answer:
    """Status and JSON body for a request under the prefix."""
    name = request.path.removeprefix(PREFIX).rstrip("/")
    if request.method == "GET" and name in _QUESTIONS:
        return 200, _QUESTIONS[name](world, dialect)
    if request.method != "POST" or name not in _ORDERS:
        return 404, {"error": f"no such control: {request.line}"}
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return 415, {"error": "send application/json"}
    try:
        return 200, _ORDERS[name](world, dialect, request.body)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return 400, {"error": f"{type(error).__name__}: {error}"}


def _owners(world: World, _: Dialect) -> Any:
    return [asdict(owner) for owner in world.owners()]


def _journal(world: World, _: Dialect) -> Any:
    return [asdict(asked) for asked in world.journal()]


def _state(world: World, _: Dialect) -> Any:
    return world.state()


def _settings(_: World, dialect: Dialect) -> Any:
    return dialect.configure({})


def _add_fault(world: World, _: Dialect, body: Mapping[str, Any]) -> Any:
    options = {name: body[name] for name in ("times", "match", "hold") if name in body}
    world.fail(str(body["kind"]), **options)
    return {"faults_left": world.faults.left()}


def _add_owners(world: World, dialect: Dialect, body: list[Mapping[str, Any]]) -> Any:
    for item in body:
        owner_id = str(item.get("id") or world.next_id())
        names = str(item.get("first_name", "")), str(item.get("last_name", ""))
        world.put_owner(Owner(owner_id, str(item["email"]), *names, active=bool(item.get("active", True))))
    return _owners(world, dialect)


def _configure(_: World, dialect: Dialect, body: Mapping[str, object]) -> Any:
    return dialect.configure(body)


def _reset(world: World, _: Dialect, __: Any) -> Any:
    world.reset()
    return {}


_QUESTIONS: dict[str, Callable[[World, Dialect], Any]] = {
    "state": _state,
    "journal": _journal,
    "settings": _settings,
    "owners": _owners,
}
_ORDERS: dict[str, Callable[[World, Dialect, Any], Any]] = {
    "faults": _add_fault,
    "owners": _add_owners,
    "settings": _configure,
    "reset": _reset,
}
