"""The world as Salesforce tables: rows with ids, system fields and what follows from other fields.

Deleting is a mark, as in the recycle bin: the record stays for `queryAll` and for the list of deleted records. Users
and queues are the world's owners, told apart by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from connectors.salesforce.sandbox.columns import wire_time
from connectors.salesforce.sandbox.ids import kind_of, long_form, number_of, shown
from connectors.salesforce.sandbox.org import DONE, LOST, WON
from leadrelay.local.crm_world import Owner, Record, World

Row = Mapping[str, str]
ME = shown("User", "1")
ORG = shown("Organization", "1")
INTEGRATION = Owner(ME, "integration@example.test", "Integration", "User")


class Store:
    """Reads and writes rows. Writes inside `undoable` are taken back when it ends with an error."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._undo: list[Callable[[], object]] = []
        self._depth = 0

    # -- reading

    def row(self, kind: str, record_id: str) -> Row | None:
        """The row with this id, deleted ones too."""
        record_id = long_form(record_id)
        if kind in OWNERS:
            owner = self.world.owner(record_id)
            return OWNERS[kind](owner) if owner and kind_of(owner.id) == kind else None
        record = self.world.get(kind, number_of(record_id)) if kind_of(record_id) == kind else None
        return self._row(record) if record else None

    def rows(self, kind: str, *, deleted: bool = False) -> list[Row]:
        """Every row of an object, oldest first."""
        if kind in OWNERS:
            return [OWNERS[kind](owner) for owner in self.world.owners() if kind_of(owner.id) == kind]
        if kind in FIXED:
            return FIXED[kind](self.world)
        rows = [self._row(record) for record in self.world.all(kind)]
        return rows if deleted else [row for row in rows if row["IsDeleted"] == "false"]

    def holders(self, kind: str, field: str, text: str) -> list[Row]:
        """The rows with this value of a kept field, whatever its case, oldest first."""
        wanted = text.lower()
        records = self.world.all(kind)
        found = [record for record in records if record.values.get(field, "").lower() == wanted]
        return [row for record in found if (row := self._row(record))["IsDeleted"] == "false"]

    def _row(self, record: Record) -> Row:
        at, changed = wire_time(record.created_at), wire_time(record.updated_at)
        system = {"Id": shown(record.kind, record.id), "IsDeleted": "false"}
        times = {"CreatedDate": at, "LastModifiedDate": changed, "SystemModstamp": changed}
        by = {"CreatedById": ME, "LastModifiedById": ME}
        return {**by, **record.values, **system, **times, **_derived(record.kind, record.values)}

    # -- writing

    def create(self, kind: str, values: Mapping[str, str], by: str = ME) -> str:
        """A new row; returns its id."""
        record = self.world.create(kind, {"CreatedById": by, "LastModifiedById": by, **values})
        self._remember(lambda: self.world.delete(kind, record.id))
        return shown(kind, record.id)

    def change(self, kind: str, record_id: str, values: Mapping[str, str], by: str = ME) -> None:
        """Other values for some fields; "" empties one."""
        number = number_of(record_id)
        old = self.world.get(kind, number)
        before = {name: old.values.get(name, "") for name in (*values, "LastModifiedById")} if old else {}
        self.world.update(kind, number, {**values, "LastModifiedById": by})
        self._remember(lambda: self.world.update(kind, number, before))

    def remove(self, kind: str, record_id: str, by: str = ME, master: str = "") -> None:
        """Into the recycle bin; `master` is the record it was merged into."""
        self.change(kind, record_id, {"Deleted": "true", "MasterRecordId": master}, by)

    @contextmanager
    def undoable(self) -> Iterator[None]:
        """All of it or nothing; one inside another is undone with the outer one."""
        start = len(self._undo)
        self._depth += 1
        try:
            yield
        except BaseException:
            while len(self._undo) > start:
                self._undo.pop()()
            raise
        finally:
            self._depth -= 1
            if not self._depth:
                self._undo.clear()

    def _remember(self, undo: Callable[[], object]) -> None:
        if self._depth:
            self._undo.append(undo)


def _derived(kind: str, values: Mapping[str, str]) -> dict[str, str]:
    """Fields that follow from others."""
    derived = {"IsDeleted": values.get("Deleted", "false")}
    if kind in {"Lead", "Contact"}:
        derived["Name"] = " ".join(filter(None, (values.get("FirstName"), values.get("LastName"))))
    if kind == "Opportunity":
        stage = values.get("StageName")
        derived |= {"IsWon": str(stage == WON).lower(), "IsClosed": str(stage in {WON, LOST}).lower()}
    if kind == "Task":
        derived["IsClosed"] = str(values.get("Status") == DONE).lower()
    if kind == "Event":
        derived["ActivityDate"] = values.get("StartDateTime", "")[:10]
    return derived


def _user(owner: Owner) -> Row:
    names = {"FirstName": owner.first_name, "LastName": owner.last_name, "Name": owner.name}
    place = {"Email": owner.email, "Username": owner.email, "UserType": "Standard"}
    return {"Id": owner.id, "IsDeleted": "false", **names, **place, "IsActive": str(owner.active).lower()}


def _queue(owner: Owner) -> Row:
    names = {"Name": owner.name, "DeveloperName": owner.name.replace(" ", "_"), "Email": owner.email}
    return {"Id": owner.id, "IsDeleted": "false", **names, "Type": "Queue"}


def _organization(_: World) -> list[Row]:
    return [{"Id": ORG, "IsDeleted": "false", "Name": "Sandbox", "IsSandbox": "true", "OrganizationType": "Developer"}]


def _queue_objects(world: World) -> list[Row]:
    """Queues take leads and tasks; contacts always belong to a person."""
    queues = [owner.id for owner in world.owners() if kind_of(owner.id) == "Group"]
    pairs = ((queue, kind) for queue in queues for kind in ("Lead", "Task"))
    return [
        {"Id": shown("QueueSobject", str(place)), "IsDeleted": "false", "QueueId": queue, "SobjectType": kind}
        for place, (queue, kind) in enumerate(pairs, 1)
    ]


OWNERS: dict[str, Callable[[Owner], Row]] = {"User": _user, "Group": _queue}
FIXED: dict[str, Callable[[World], list[Row]]] = {"Organization": _organization, "QueueSobject": _queue_objects}
