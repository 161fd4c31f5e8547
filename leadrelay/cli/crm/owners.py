"""`leadrelay crm owners`: who can own records there, how much they have to do, and who is missing in team.yaml."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from connectors.kit.text import clean_line
from leadrelay.cli.console import errors, now, say
from leadrelay.cli.crm.account import Account, Endpoint, Vendor, opened
from leadrelay.cli.crm.telling import cell
from leadrelay.cli.deployed import STAGE, Stage
from leadrelay.domain.routing.team import Rep, TeamPolicy
from leadrelay.ports.crm_setup import CrmOwner
from leadrelay.ports.errors import PortError

AsYaml = Annotated[bool, typer.Option("--yaml", help="Only lines for team.yaml, of the active users it lacks.")]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NO_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""What YAML takes for something else than a text."""

_NO_ID = re.compile(r"[^a-z0-9]+")
_LINE = 200


def owners(stage: Stage = STAGE, crm: Vendor = None, endpoint: Endpoint = None, as_yaml: AsYaml = False) -> None:
    """Everybody who can own a record, with the id that `crm:` in team.yaml wants, and what they have open.

    With --yaml, what is missing in team.yaml is written as its lines: paste them, and put calendar and id right.
    """
    account = opened(stage, crm, endpoint)
    team, found = account.rules.team, account.setup.owners()
    if as_yaml:
        missing = list(lines(found, team, account.crm))
        sys.stdout.writelines(f"{line}\n" for line in missing or ["  # team.yaml lacks nobody"])
    else:
        load, at = _load(account), now()
        say(_table(found, load, team, account.crm, at))


def _load(account: Account) -> Mapping[str, int] | None:
    """None when it cannot be counted: the list of owners is worth having without it."""
    try:
        return account.setup.load()
    except PortError as problem:
        errors.print(f"open records are not counted: {problem}", style="yellow", markup=False)
        return None


def _table(
    found: Sequence[CrmOwner], load: Mapping[str, int] | None, team: TeamPolicy, crm: str, at: datetime
) -> Table:
    table = Table("id", "name", "e-mail", "kind", "active", "open records", "in team.yaml", title=f"Owners in {crm}")
    if load is not None:
        table.caption = f"open records as of {at:%Y-%m-%d %H:%M:%S} UTC"
    for owner in found:
        table.add_row(
            cell(owner.owner_id),
            cell(owner.name),
            cell(owner.email),
            owner.kind,
            "yes" if owner.active else "no",
            _open(owner, load),
            team.rep_in(crm, owner.owner_id) or "",
        )
    return table


def _open(owner: CrmOwner, load: Mapping[str, int] | None) -> str:
    """Who can own nothing any more is not counted by every CRM; that is not the same as having nothing open."""
    if load is None or (not owner.active and owner.owner_id not in load):
        return "?"
    return str(load.get(owner.owner_id, 0))


def lines(found: Iterable[CrmOwner], team: TeamPolicy, crm: str) -> Iterator[str]:
    """Lines for `reps:` of team.yaml: active users that no rep stands for. A rep with the same address lacks only the
    id: the line takes the place of theirs. Others are new, with RevOps's calendar until a person chooses."""
    missing = [
        owner for owner in found if owner.active and owner.kind == "user" and team.rep_in(crm, owner.owner_id) is None
    ]
    taken = {rep.id for rep in team.reps}
    for owner in missing:
        rep = next((rep for rep in team.reps if rep.email.casefold() == owner.email.casefold()), None)
        if rep is not None:
            yield f"  # takes the place of the line of {rep.id}:"
        else:
            rep = _new(owner, team, taken)
            taken.add(rep.id)
        yield _line(rep.with_(crm={**rep.crm, crm: owner.owner_id}))


def _new(owner: CrmOwner, team: TeamPolicy, taken: set[str]) -> Rep:
    email = clean_line(owner.email, _LINE)
    name = clean_line(owner.name, _LINE) or email
    wanted = _NO_ID.sub("_", (email.partition("@")[0] or name).casefold()).strip("_") or "rep"
    wanted = wanted if wanted[0].isalpha() else f"rep_{wanted}"
    numbered = (f"{wanted}_{number}" for number in range(2, len(taken) + 3))
    rep_id = next(free for free in (wanted, *numbered) if free not in taken)
    return Rep(id=rep_id, name=name, email=email, calendar=team.rep(team.revops).calendar)


def _line(rep: Rep) -> str:
    crm = ", ".join(f"{name}: {_quoted(owner_id)}" for name, owner_id in rep.crm.items())
    told = {"id": rep.id, "name": rep.name, "email": rep.email, "calendar": rep.calendar}
    said = ", ".join(f"{key}: {_text(value)}" for key, value in told.items())
    rest = "" if rep.active else ", active: false"
    return f"  - {{ {said}, crm: {{ {crm} }}{rest} }}"


def _text(value: str) -> str:
    """As it is when nobody could take it for anything but a text."""
    return value if _PLAIN.fullmatch(value) and value.casefold() not in _NO_TEXT else _quoted(value)


def _quoted(value: str) -> str:
    """A JSON text is a YAML text."""
    return json.dumps(value, ensure_ascii=False)
