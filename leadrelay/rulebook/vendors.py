"""What a vendor's folder offers to the rules: its roles, its names for our fields, its options."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import connectors
from connectors import registry
from leadrelay.domain.card.policy import Budget, CrmPolicy
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.talks_with import REP


def has_role(vendor: str, role: str) -> bool:
    """Whether the folder exists and holds this role."""
    return vendor in registry.vendors() and role in registry.roles(vendor)


def with_role(role: str) -> tuple[str, ...]:
    """Every vendor that plays a role."""
    return tuple(vendor for vendor in registry.vendors() if role in registry.roles(vendor))


def lists_days(vendor: str) -> int | None:
    """How many days back a vendor's list can be read anew; None where it cannot."""
    if not has_role(vendor, "fetch"):
        return None
    found = getattr(registry.load("fetch", vendor), "LISTS_DAYS", None)
    return found if isinstance(found, int) else None


def options_of(vendor: str, role: str = "source") -> type[BaseModel] | None:
    """The model of the options that a vendor takes in a role, or None when it takes none."""
    if not has_role(vendor, role):
        return None
    found = getattr(registry.load(role, vendor), "Options", None)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def takes_file(vendor: str) -> bool:
    """Whether a provider of companies is a file beside the rules."""
    return bool(manifest(vendor).get("enrich", {}).get("file"))


def sender_names(vendor: str) -> dict[str, str]:
    """The sender's own field name -> our field, as the vendor's folder says by default."""
    return dict(manifest(vendor).get("fields", {}))


def own_names(vendor: str, fields: FieldsPolicy) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Our field -> the vendor's own names for it; fields that this company does not keep are left out, but for the rep
    whom the person talks to."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for said, ours in sender_names(vendor).items():
        found[ours].append(said)
    return ((ours, tuple(names)) for ours, names in sorted(found.items()) if ours in {*fields.fields, REP})


def card_fields(vendor: str) -> tuple[str, ...]:
    """The fields of a card that a CRM can hold, in our words."""
    return tuple(manifest(vendor).get("crm", {}).get("fields", {}))


def card_values(vendor: str, field: str) -> frozenset[str] | None:
    """The values of a card's field that the CRM has, or is told to leave alone; None where it takes any."""
    there = manifest(vendor).get("crm", {}).get("fields", {}).get(field, {})
    return frozenset({*there["values"], *there.get("leave", ())}) if there.get("values") else None


def budget(crm: CrmPolicy) -> Budget:
    """The CRM's own rate, where crm.yaml does not say what this company's account has."""
    limits = manifest(crm.vendor).get("crm", {}).get("limits", {})
    return Budget.model_validate({**limits, **crm.budget.model_dump(exclude_unset=True)})


@cache
def manifest(vendor: str) -> Mapping[str, Any]:
    """The vendor's `connector.toml` as it is written; empty when there is no such vendor."""
    if vendor not in registry.vendors():
        return {}
    return tomllib.loads((Path(connectors.__path__[0]) / vendor / "connector.toml").read_text("utf-8"))
