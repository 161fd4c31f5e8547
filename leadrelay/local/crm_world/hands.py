"""What a person does in the CRM's own pages: the edits that an integration has to live with.

    create   a record, associated with `links`: a call that was logged, a deal that was opened
    update   some values: the owner, a status, the stage of a deal
    merge    the record named in `links` into this one
    delete   the record
    forget   the record, because the person asked for it

No rule of the vendor's API is applied: people may do what programs may not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from leadrelay.local.crm_world.records import Record

if TYPE_CHECKING:
    from leadrelay.local.crm_world.state import World

Values = Mapping[str, str]
Links = Sequence[tuple[str, str]]


def act(world: World, action: str, kind: str, record_id: str, values: Values, links: Links) -> Record | None:
    """The record as it is now, None when it was deleted. Raises KeyError where there is no such record, ValueError for
    an unknown action."""
    if action not in _ACTIONS:
        raise ValueError(f"unknown action {action!r}; known: {', '.join(_ACTIONS)}")
    return _ACTIONS[action](world, kind, record_id, values, links)


def _create(world: World, kind: str, _: str, values: Values, links: Links) -> Record:
    record = world.create(kind, values)
    for link in links:
        world.link((kind, record.id), link)
    return record


def _update(world: World, kind: str, record_id: str, values: Values, _: Links) -> Record:
    return world.update(kind, record_id, values)


def _merge(world: World, kind: str, record_id: str, _: Values, links: Links) -> Record:
    return world.merge(kind, record_id, links[0][1])


def _delete(world: World, kind: str, record_id: str, _: Values, __: Links) -> None:
    if world.get(kind, record_id) is None:
        raise KeyError(record_id)
    world.delete(kind, record_id)


def _forget(world: World, kind: str, record_id: str, _: Values, __: Links) -> None:
    if world.get(kind, record_id) is None:
        raise KeyError(record_id)
    world.delete(kind, record_id, "forgotten")


_ACTIONS: dict[str, Callable[[World, str, str, Values, Links], Record | None]] = {
    "create": _create,
    "update": _update,
    "merge": _merge,
    "delete": _delete,
    "forget": _forget,
}
