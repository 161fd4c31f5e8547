"""Finding a vendor's code by its name.

Names come from the enabled rules, never from a URL: a URL segment is looked up in the rules first. Even so, a name is
compared with the folders that exist before anything is imported, so that no text can name a module.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType

from pydantic import ConfigDict, Field

from leadrelay.domain.model import Model
from leadrelay.ports.errors import Misconfigured

ROLES = ("source", "upload", "fetch", "contacts", "crm", "setup", "enrich", "attendance", "notify", "sample", "sandbox")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HOME = Path(__file__).parent


class Contract(Model):
    """One row of the table of all senders: how the address is proven to be ours (`challenge`), how a delivery proves
    its sender (`authentication`), by what a repeat is known (`dedupe`), what it takes for success (`answer`), and what
    was never seen from the live service (`unverified`)."""

    challenge: str = ""
    authentication: str = ""
    dedupe: str = ""
    answer: str = ""
    unverified: str = ""


class Manifest(Model):
    """A vendor's `connector.toml`: what people and the documentation need to know about it.

    `secrets` maps a secret's name to its meaning, `fields` the sender's own field names to ours (`lead.email`);
    `limits` are the vendor's, `body_kib` is the largest body it may send (in 1024 bytes; more than 4096 would not come
    through the gateway in every spelling), `ack` says what it takes for success, `requirements` which libraries each
    function needs for it. `connect` are the steps, in order, by which a person connects the sender; {url} stands for
    the address to paste; `trouble` says what to look at when it does not work. Sections of single roles are left to
    those roles.
    """

    model_config = ConfigDict(extra="ignore")

    name: str
    docs: str
    about: str
    sends: str = ""
    ack: str = ""
    connect: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()
    contract: Contract = Contract()
    body_kib: int = Field(default=256, ge=1, le=4096)
    limits: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    fields: dict[str, str] = Field(default_factory=dict)
    requirements: dict[str, tuple[str, ...]] = Field(default_factory=dict)


@cache
def vendors() -> tuple[str, ...]:
    """Every vendor that exists: the folders with a `connector.toml`, by name."""
    return tuple(
        sorted(path.parent.name for path in _HOME.glob("*/connector.toml") if _NAME.fullmatch(path.parent.name))
    )


def roles(vendor: str) -> tuple[str, ...]:
    """The roles a vendor plays: its modules, or packages, that bear a role's name."""
    folder = _folder(vendor)
    return tuple(
        role for role in ROLES if any((folder / file).is_file() for file in (f"{role}.py", f"{role}/__init__.py"))
    )


def load(role: str, vendor: str) -> ModuleType:
    """The module `connectors.<vendor>.<role>`. Raises Misconfigured when there is no such vendor or role."""
    if role not in roles(vendor):
        raise Misconfigured(f"connector {vendor!r} has no role {role!r}; it has: {', '.join(roles(vendor))}")
    return importlib.import_module(f"connectors.{vendor}.{role}")


@cache
def manifest(vendor: str) -> Manifest:
    """The vendor's `connector.toml`. Raises Misconfigured when there is no such vendor."""
    return Manifest.model_validate(tomllib.loads((_folder(vendor) / "connector.toml").read_text("utf-8")))


def body_limit(vendor: str) -> int:
    """Bytes that a delivery of this vendor may have. Raises Misconfigured when there is no such vendor."""
    return manifest(vendor).body_kib * 1024


def _folder(vendor: str) -> Path:
    if vendor not in vendors():
        raise Misconfigured(f"no connector named {vendor!r}; there are: {', '.join(vendors())}")
    return _HOME / vendor
