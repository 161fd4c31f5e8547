"""`leadrelay crm doctor`: what is wrong between LeadRelay and the CRM, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from rich.table import Table

from leadrelay.cli.console import now, refuse, say
from leadrelay.cli.crm import findings
from leadrelay.cli.crm.account import Account, Endpoint, Vendor, opened
from leadrelay.cli.crm.importing import import_of
from leadrelay.cli.crm.telling import cell
from leadrelay.cli.deployed import STAGE, Stage
from leadrelay.ports.crm import RecordKey
from leadrelay.ports.crm_setup import Check
from leadrelay.ports.errors import PortError
from leadrelay.ports.records import SyncRecord, account_key, cursor_key
from leadrelay.ports.store import Store

Checks = list[Check]

_LOOKED_AT = 1000
"""So many rows of a list are read; who has more sees it in `parked list`."""


def doctor(stage: Stage = STAGE, crm: Vendor = None, endpoint: Endpoint = None) -> None:
    """Say what is wrong, each with what to do: the account, the people in the rules, what waits for a person.

    Asks only, and changes nothing. Exit code 1 when something is wrong, so that a schedule can watch it. What the CRM
    said is shown without the addresses and numbers that it quotes.
    """
    account = opened(stage, crm, endpoint)
    sections = [account.setup.check(), *_ours(account, now())]
    table = Table("", "what", "found", "do", title=f"{account.crm}, stage {stage}")
    for checks in sections:
        for check in _together(checks):
            table.add_row(_mark(check), cell(check.name), cell(check.detail), cell(check.fix))
        table.add_section()
    say(table)
    looks = [check for checks in sections for check in checks]
    wrong = sum(not check.ok for check in looks)
    if wrong:
        refuse(f"{wrong} of {len(looks)} not in order; what to do stands beside each")
    say(f"everything is in order{'; `!` is an advice' if any(check.fix for check in looks) else ''}")


def _ours(account: Account, at: datetime) -> Iterator[Checks]:
    """What only LeadRelay can know. What cannot be looked at is a finding, as it is for the account."""
    crm = account.crm
    yield _looked(
        ("people in the rules", lambda: findings.team(account.rules.team, account.setup.owners(), crm)),
        ("open records", lambda: [findings.outsiders(account.rules.team, account.setup.load(), crm, at)]),
    )
    store = account.deployed.store()
    yield _looked(
        ("deliveries", lambda: [findings.deliveries(account.rules.crm, store.load(account_key(crm)), crm, at)]),
        (findings.HEARD, lambda: [_heard(account)]),
        ("sources in shadow", lambda: [findings.shadows(account.rules.sources)]),
        ("import", lambda: [findings.half_imported(store.load(cursor_key(import_of(crm))))]),
        ("planned", lambda: [findings.planned(_rows(store, f"PLANNED#{crm}"))]),
        ("parked", lambda: findings.parked(_rows(store, f"PARKED#crm_{crm}"), crm)),
        ("second records", lambda: [findings.duplicates(_still_two(account, _rows(store, f"DUPLICATE#{crm}")), crm)]),
    )


def _heard(account: Account) -> Check:
    """Raises Misconfigured when a source listens and lacks the secret that it reads with."""
    found = findings.heard(account.rules.sources, account.crm)
    if found.ok:
        account.deployed.secrets().get(f"fetch/{account.crm}")
    return found


def _looked(*looks: tuple[str, Callable[[], Iterable[Check]]]) -> Checks:
    found: Checks = []
    for name, look in looks:
        try:
            found += look()
        except PortError as problem:
            found.append(Check(name, ok=False, detail="could not be looked at", fix=str(problem)))
    return found


def _rows(store: Store, name: str) -> list[SyncRecord]:
    """The rows of a list that belong there still: the index may be a moment behind."""
    records = store.load_all(store.listed(name, _LOOKED_AT))
    return [row for row in records if isinstance(row, SyncRecord) and _is_listed(row, name)]


def _is_listed(row: SyncRecord, name: str) -> bool:
    place = row.listing()
    return place is not None and place.name == name


def _still_two(account: Account, rows: list[SyncRecord]) -> list[SyncRecord]:
    """Those whose record still answers by its own id: a merged one is gone, or answers as the other."""
    keys = [RecordKey(lead_key=row.lead_id, crm_id=row.crm_id) for row in rows]
    shown = account.records().read(keys) if keys else []
    return [row for row, record in zip(rows, shown, strict=True) if record is not None and record.crm_id == row.crm_id]


def _together(checks: Checks) -> Checks:
    """What is wrong in the same way is one line: who is not let in hears it once, not for every question."""
    named: dict[tuple[str, str], list[str]] = {}
    for check in checks:
        if not check.ok:
            named.setdefault((check.detail, check.fix), []).append(check.name)
    wrong = [Check(", ".join(names), ok=False, detail=told, fix=fix) for (told, fix), names in named.items()]
    return [*wrong, *(check for check in checks if check.ok)]


def _mark(check: Check) -> str:
    """Wrong; in order with an advice; in order."""
    return "[red]✗[/]" if not check.ok else "[yellow]![/]" if check.fix else "[green]✓[/]"
