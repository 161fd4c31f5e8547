"""Salesforce's leads and contacts as the page shows them, in LeadRelay's words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from connectors.salesforce.activities import NOTE
from connectors.salesforce.fields import OWNER, Kind, default_maps
from connectors.salesforce.sandbox.ids import kind_of
from connectors.salesforce.sandbox.org import DONE
from connectors.salesforce.sandbox.store import ME, Row, Store
from leadrelay.local.crm_world import Card, NoteView, TaskView
from leadrelay.local.crm_world.page import moment

DUE = re.compile(r"Due (\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC")
PEOPLE: tuple[Kind, ...] = ("Lead", "Contact")


def cards(store: Store) -> list[Card]:
    """One card per open lead and per contact, with its tasks and notes."""
    with store.world.lock:
        tasks = store.rows("Task")
        people = [row for kind in PEOPLE for row in store.rows(kind) if row.get("IsConverted") != "true"]
        return [_card(store, row, [task for task in tasks if task.get("WhoId") == row["Id"]]) for row in people]


def _card(store: Store, row: Row, tasks: list[Row]) -> Card:
    kind: Kind = "Lead" if kind_of(row["Id"]) == "Lead" else "Contact"
    shown = {**_account(store, row), **default_maps()[kind].shown(row)}
    shown.pop(OWNER, None)
    todo = tuple(_task(store, task) for task in tasks if not _is_note(task))
    notes = tuple(_note(task) for task in reversed(tasks) if _is_note(task))
    owner_id = row.get("OwnerId", "")
    return Card(
        row["Id"],
        shown,
        owner_name(store, row),
        todo,
        notes,
        dict(sorted(row.items())),
        status=row.get("Status", ""),
        owner_id="" if owner_id == ME else owner_id,
        created_at=moment(row.get("CreatedDate")),
    )


def _account(store: Store, row: Row) -> dict[str, str]:
    """A contact's company is the account it belongs to."""
    account = store.row("Account", row["AccountId"]) if row.get("AccountId") else None
    return {"company": account["Name"]} if account else {}


def _is_note(task: Row) -> bool:
    """A note of ours is a task that was done when it was written: Salesforce's usual line of history."""
    return task.get("Status") == DONE and task.get("Subject", "").startswith(NOTE)


def _task(store: Store, task: Row) -> TaskView:
    texts = {"subject": task.get("Subject", "Task"), "body": task.get("Description", "")}
    owner, priority, done = owner_name(store, task), task.get("Priority", "").upper(), task.get("Status") == DONE
    return TaskView(**texts, due_at=_due(task), done=done, owner=owner, priority=priority)


def _due(task: Row) -> datetime | None:
    """The time in the description's first line, where we wrote it; else the end of the day."""
    exact = DUE.match(task.get("Description", ""))
    if exact:
        return moment(f"{exact[1]}T{exact[2]}:00+00:00")
    day = moment(task.get("ActivityDate"))
    return day + timedelta(days=1) if day else None


def _note(task: Row) -> NoteView:
    return NoteView(task.get("Description") or task.get("Subject", ""), moment(task.get("CreatedDate")))


def owner_name(store: Store, row: Row) -> str:
    """The user's or queue's name."""
    owner_id = row.get("OwnerId", "")
    owner = store.row(kind_of(owner_id), owner_id) if kind_of(owner_id) in {"User", "Group"} else None
    return owner["Name"] if owner else ""
