"""The control endpoint under `/__world/`: how tests and the demo reach into a running sandbox.

    GET  /__world/state | journal | settings | owners
    POST /__world/faults    {"kind": "429", "times": 1, "match": "regex over 'METHOD /path'", "hold": 30}
    POST /__world/owners    [{"email": …, "first_name": …, "last_name": …, "id"?: …, "active"?: true}, …]
                            (`id` as the vendor writes ids, where plain numbers are none)
    POST /__world/settings  the dialect's switches
    POST /__world/by_hand   {"id": …, "act": "owner | status | call", "value": …}: what a person does on the page
    POST /__world/edit      {"action": "create | update | merge | delete | forget", "kind": …, "id"?: …, "values"?: {…},
                             "links"?: [[kind, id], …]}: anything else a person does, see `hands`
    POST /__world/reset

It has no password (the server listens on loopback only), so it insists on JSON: a web page in a browser cannot send
that to another origin without asking first, and nobody answers the question. The page's own forms are no JSON; they are
taken when the browser says that they come from this very server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from leadrelay.local.crm_world import page
from leadrelay.local.crm_world.records import Owner
from leadrelay.local.crm_world.state import World

if TYPE_CHECKING:
    from leadrelay.local.crm_world.server import Dialect, Request

PREFIX = "/__world/"
FORM = "application/x-www-form-urlencoded"
LOOPBACK = frozenset({"127.0.0.1", "localhost"})
Answer = tuple[int, Any] | tuple[int, Any, Mapping[str, str]]


def answer(world: World, dialect: Dialect, request: Request) -> Answer:
    """Status, JSON body, and headers where there are some, for a request under the prefix."""
    name = request.path.removeprefix(PREFIX).rstrip("/")
    if request.method == "GET" and name in _QUESTIONS:
        return 200, _QUESTIONS[name](world, dialect)
    if request.method != "POST" or name not in _ORDERS:
        return 404, {"error": f"no such control: {request.line}"}
    form = name == "by_hand" and request.media_type == FORM
    if form and not _is_same_origin(request):
        return 403, {"error": "a form of another page"}
    if not form and request.media_type != "application/json":
        return 415, {"error": "send application/json"}
    try:
        with world.lock:
            done = _ORDERS[name](world, dialect, request.form if form else request.body)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return 400, {"error": f"{type(error).__name__}: {error}"}
    return (303, None, {"Location": _back(request.form)}) if form else (200, done)


def _is_same_origin(request: Request) -> bool:
    """Whether the browser sends this from a page of this server, under a name that only this machine has."""
    host = request.headers.get("host", "")
    return host.partition(":")[0] in LOOPBACK and request.headers.get("origin") == f"http://{host}"


def _back(form: Mapping[str, str]) -> str:
    """To the page where the form was: the person's own, which does not refresh itself while somebody types."""
    return f"/contacts/{quote(form['id'], safe='')}"


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


def _by_hand(world: World, dialect: Dialect, body: Mapping[str, Any]) -> Any:
    hands = page.hands_of(dialect)
    if hands is None:
        raise ValueError("nobody can change the records of this sandbox on its page")
    acts: dict[str, Callable[[str, str], object]] = {
        "owner": hands.give,
        "status": hands.set_status,
        "call": hands.log_call,
    }
    with world.acting("hand"):
        acts[str(body["act"])](str(body["id"]), str(body.get("value", "")))
    return {}


def _edit(world: World, _: Dialect, body: Mapping[str, Any]) -> Any:
    links = [(str(kind), str(record_id)) for kind, record_id in body.get("links", [])]
    values = {str(name): str(value) for name, value in body.get("values", {}).items()}
    record = world.by_hand(str(body["action"]), str(body["kind"]), str(body.get("id", "")), values, links)
    return record.plain() if record else {}


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
    "by_hand": _by_hand,
    "edit": _edit,
    "reset": _reset,
}
