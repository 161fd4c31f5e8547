"""What HubSpot checks before it writes: declared properties and types, list values, owners, unique values, stages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from connectors.hubspot.sandbox.errors import Bad, bad_input, exists, invalid
from connectors.hubspot.sandbox.kinds import CONTACTS, KINDS, OWNER
from leadrelay.local.crm_world import Property, Record, World

EMAIL, OTHER_EMAILS = "email", "hs_additional_emails"
STAGE = "lifecyclestage"
EMAIL_SHAPE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
LONGEST = 65_536
StageRule = Literal["ignore", "accept", "refuse"]
STAGE_RULES = ("ignore", "accept", "refuse")
MergedIds = Literal["follow", "gone"]
MERGED_IDS = ("follow", "gone")


def checked(world: World, kind: str, given: object, record: Record | None, stage_rule: StageRule) -> dict[str, str]:
    """The values as they will be kept. Raises Bad for what HubSpot refuses."""
    if not isinstance(given, dict):
        raise bad_input("properties must be an object")
    declared = world.properties(kind)
    values = {str(name): _value(world, declared, str(name), value) for name, value in given.items()}
    _required(kind, values, record)
    for name, value in values.items():
        if value and declared[name].unique:
            _unique(world, kind, name, value, record)
    return _staged(declared, values, record, stage_rule)


def _value(world: World, declared: Mapping[str, Property], name: str, value: Any) -> str:
    if name not in declared:
        raise invalid("PROPERTY_DOESNT_EXIST", name, f'Property "{name}" does not exist')
    if not isinstance(value, str):
        raise bad_input(f"Invalid input JSON: property {name} must be a string")
    text = value.strip().lower() if name == EMAIL else value
    if text:
        _fits(world, declared[name], text)
    return text


def _fits(world: World, prop: Property, value: str) -> None:
    if len(value) > LONGEST:
        raise invalid("PROPERTY_VALUE_TOO_LONG", prop.name, f"{prop.name} is longer than {LONGEST} characters")
    if prop.name == EMAIL and not EMAIL_SHAPE.fullmatch(value):
        raise invalid("INVALID_EMAIL", prop.name, "Email address is invalid")
    if prop.name == OWNER:
        owner = world.owner(value)
        if owner is None or not owner.active:
            raise invalid("INVALID_OWNER_ID", prop.name, f"{value} is not a valid owner id")
    if prop.options and value not in {option for option, _ in prop.options}:
        allowed = ", ".join(option for option, _ in prop.options)
        raise invalid("INVALID_OPTION", prop.name, f"{value} was not one of the allowed options: [{allowed}]")
    if prop.type == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise invalid("INVALID_NUMBER", prop.name, f"{value} was not a valid number.")
    if prop.type == "datetime" and not _is_time(value):
        raise invalid("INVALID_DATE", prop.name, f"{value} was not a valid long.")


def _is_time(value: str) -> bool:
    if value.isdigit():
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _required(kind: str, values: Mapping[str, str], record: Record | None) -> None:
    now = record.values if record else {}
    missing = [name for name in KINDS[kind].required if not values.get(name, now.get(name))]
    if missing:
        raise invalid("REQUIRED_FIELD", missing[0], f'Required property "{missing[0]}" is missing')


def _unique(world: World, kind: str, name: str, value: str, record: Record | None) -> None:
    holder = holder_of(world, kind, name, value)
    if holder is None or (record and holder.id == record.id):
        return
    if kind == CONTACTS and name == EMAIL:
        raise exists(holder.id)
    where = f"PropertyValueCoordinates{{propertyName={name}}}"
    raise Bad(
        400,
        "VALIDATION_ERROR",
        f"Cannot set {where} on {record.id if record else 'new'}. {holder.id} already has that value.",
    )


def holder_of(world: World, kind: str, name: str, value: str) -> Record | None:
    """Who has this value of a unique property; a contact also answers to its additional addresses."""
    if name != EMAIL:
        return world.find(kind, lambda record: record.values.get(name) == value)
    address = value.strip().lower()
    return world.find(kind, lambda record: address in addresses(record))


def addresses(record: Record) -> list[str]:
    """Every address a contact answers to."""
    others = record.values.get(OTHER_EMAILS, "").lower().split(";")
    return [address for address in (record.values.get(EMAIL, ""), *others) if address]


def _staged(
    declared: Mapping[str, Property], values: dict[str, str], record: Record | None, rule: StageRule
) -> dict[str, str]:
    """A stage moves forward only; backwards it must be cleared first, in a request of its own."""
    now, new = record.values.get(STAGE, "") if record else "", values.get(STAGE, "")
    order = [option for option, _ in declared[STAGE].options] if STAGE in declared else []
    if rule == "accept" or new not in order or now not in order or order.index(new) >= order.index(now):
        return values
    if rule == "refuse":
        raise invalid("LIFECYCLE_STAGE_BACKWARD", STAGE, f"{STAGE} cannot be set backward from {now} to {new}")
    return {name: value for name, value in values.items() if name != STAGE}
