"""`leadrelay crm setup`: the fields, views and rights that LeadRelay needs in the account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from leadrelay.cli.console import refuse, say
from leadrelay.cli.crm.account import Endpoint, Vendor, opened
from leadrelay.cli.crm.telling import cell
from leadrelay.cli.deployed import STAGE, Stage
from leadrelay.ports.crm_setup import SchemaOp

Plan = Annotated[bool, typer.Option("--plan", help="Show what would be created, and change nothing.")]

_ORDER = ("group", "field", "view", "permission")


def setup(stage: Stage = STAGE, crm: Vendor = None, endpoint: Endpoint = None, plan: Plan = False) -> None:
    """Create the fields, views and rights that LeadRelay needs there. Running it again changes nothing.

    What is there is left as it is: fields of the account's own are never changed, and nothing is ever deleted. Whoever
    is to see the new fields may need the right to; `leadrelay crm doctor` says what is left to do.
    """
    account = opened(stage, crm, endpoint)
    missing = account.setup.plan()
    if not missing:
        say(f"{account.crm}: nothing is missing")
        return
    say(_shown(missing, f"{account.crm}: {len(missing)} missing"))
    if plan:
        say("nothing was changed; without --plan they are created")
        return
    for line in account.setup.apply(missing):
        say(cell(line))
    left = account.setup.plan()
    if left:
        refuse(f"{account.crm}: still missing: {', '.join(op.name for op in left)}; run it again, then `doctor`")
    say(f"{account.crm}: nothing is missing any more")


def _shown(ops: Sequence[SchemaOp], title: str) -> Table:
    table = Table("what", "how many", "names", title=title)
    for kind in _ORDER:
        names = [op.name for op in ops if op.kind == kind]
        if names:
            table.add_row(kind, str(len(names)), cell(", ".join(names)))
    return table
