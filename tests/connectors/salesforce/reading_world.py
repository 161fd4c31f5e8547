"""An org to read from: the sandbox with our fields deployed, a clock that stands until moved, and a rep's hands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.salesforce.fetch import SalesforceRecords
from connectors.salesforce.fields import default_maps
from connectors.salesforce.reading import Reading, reading
from connectors.salesforce.sandbox import DEMO_KEY, DEMO_SECRET, serve
from connectors.salesforce.sandbox.hands import Hands
from connectors.salesforce.sandbox.ids import shown
from connectors.salesforce.sandbox.query import Query
from connectors.salesforce.sandbox.schema import Schema
from connectors.salesforce.sandbox.store import ME, Row, Store
from connectors.salesforce.session import Answer
from connectors.salesforce.session import Org as Account
from connectors.salesforce.source import Options
from leadrelay.domain.touch import Touch
from leadrelay.local.crm_world import Owner, Sandbox, World
from leadrelay.ports.fetch import Completed

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = {"domain": "example.my", "consumer_key": DEMO_KEY, "consumer_secret": DEMO_SECRET}
REP, OTHER = shown("User", "11"), shown("User", "12")
QUEUE = shown("Group", "13")
KEY = "0123456789abcdef0123456789abcdef"


@dataclass(slots=True)
class Clock:
    """Time for the sandbox and for us: it stands still until it is moved."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def ahead(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Late(Store):
    """A store whose newest changes may not have come to light yet: `before` is what such a record shows until then."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.before: dict[str, Row] = {}

    def rows(self, kind: str, *, deleted: bool = False) -> list[Row]:
        return [self.before.get(row["Id"], row) for row in super().rows(kind, deleted=deleted)]


class InProcess(Account):
    """The sandbox's queries without the wire between."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._schema: Schema | None = None
        self.base = "/services/data/v62.0"

    def me(self) -> str:
        return ME

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: object,
    ) -> Answer:
        self._schema = self._schema or Schema(self._store.world, ME)
        asked = Query(self._store, self._schema, self.base)
        rows, _ = asked.answered((query or {})["q"], deleted=path == "/queryAll")
        return Answer(200, {"totalSize": len(rows), "done": True, "records": rows})


@dataclass(slots=True)
class Org:
    """The org and what is done in it; `hands` are a rep's, `api` writes as the integration does."""

    clock: Clock
    world: World
    sandbox: Sandbox | None
    reading: Reading
    store: Late
    hands: Hands = field(init=False)

    def __post_init__(self) -> None:
        self.hands = Hands(self.store)
        _deploy(self.store)

    def configure(self, **switches: object) -> None:
        """The sandbox's own switches."""
        if self.sandbox:
            self.sandbox.dialect.configure(switches)

    def records(self, **options: object) -> SalesforceRecords:
        return SalesforceRecords(self.reading, Options.model_validate(options), self.clock)

    def complete(self, fetch_id: str | None, **options: object) -> Completed:
        return self.records(**options).complete(touch(fetch_id))

    def lead(self, by: str = REP, **values: str) -> str:
        """Somebody with a name, a company and an address."""
        said = {"FirstName": "Ada", "LastName": "Example", "Company": "Example Ltd", "Email": "ada@example.com"}
        return self.store.create("Lead", {**said, "Status": "New", "OwnerId": REP, **values}, by)

    def contact(self, by: str = REP, **values: str) -> str:
        said = {"FirstName": "Ada", "LastName": "Example", "Email": "ada@example.com"}
        return self.store.create("Contact", {**said, "OwnerId": REP, **values}, by)

    def account(self, **values: str) -> str:
        return self.store.create("Account", {"Name": "Example Ltd", "OwnerId": REP, **values}, REP)

    def deal(self, contact: str | None = None, **values: str) -> str:
        said = {"Name": "Example deal", "StageName": "Prospecting", "CloseDate": "2026-06-30", "OwnerId": REP}
        made = self.store.create("Opportunity", {**said, **values}, REP)
        if contact:
            self.role(made, contact, primary=True)
        return made

    def role(self, deal: str, contact: str, *, primary: bool = False) -> str:
        values = {"OpportunityId": deal, "ContactId": contact, "IsPrimary": str(primary).lower()}
        return self.store.create("OpportunityContactRole", values, REP)

    def task(self, who: str, by: str = REP, **values: str) -> str:
        done = {"Status": "Completed", "WhoId": who, "OwnerId": REP}
        return self.hands.add("Task", {**done, **values}, by)

    def event(self, who: str, start: datetime, minutes: int = 30, **values: str) -> str:
        end = start + timedelta(minutes=minutes)
        times = {"StartDateTime": start.isoformat(), "EndDateTime": end.isoformat()}
        return self.hands.add("Event", {"WhoId": who, "OwnerId": REP, **times, **values}, REP)


@contextmanager
def org() -> Iterator[Org]:
    """Over the wire."""
    clock, world = _world()
    with serve(world=world) as sandbox:
        yield Org(clock, world, sandbox, reading(SECRET, sandbox.url), Late(world))


def quiet_org() -> Org:
    """Without the wire: the sandbox's queries, asked directly."""
    clock, world = _world()
    store = Late(world)
    return Org(clock, world, None, Reading(InProcess(store), default_maps()), store)


def _world() -> tuple[Clock, World]:
    clock = Clock()
    world = World(clock)
    for owner_id, kind in ((REP, "rep"), (OTHER, "other")):
        world.put_owner(Owner(owner_id, f"{kind}@example.org", kind.title(), "Example"))
    world.put_owner(Owner(QUEUE, "queue@example.org", "Queue", ""))
    return clock, world


def _deploy(store: Store) -> None:
    """Our fields on both objects, and the permission set that shows them to the integration user."""
    allowed = store.create("PermissionSet", {"Name": "LeadRelay", "Label": "LeadRelay"})
    store.create("PermissionSetAssignment", {"PermissionSetId": allowed, "AssigneeId": ME})
    for kind, known in default_maps().items():
        for one in known.fields.values():
            if one.label:
                shape: Mapping[str, object] = one.shape
                said = {"Object": kind, "FullName": one.name, "Label": one.label, "Type": one.type}
                listed = "\n".join(one.values.values()) if one.type == "Picklist" else ""
                store.create("CustomField", {**said, "Length": str(shape.get("length", 0)), "Values": listed})
                see = {"ParentId": allowed, "Field": f"{kind}.{one.name}", "PermissionsRead": "true"}
                store.create("FieldPermissions", see)


def touch(fetch_id: str | None) -> Touch:
    return Touch(
        touch_id="salesforce.1",
        kind="crm_change",
        source="salesforce",
        vendor="salesforce",
        trust="verified",
        received_at=START,
        occurred_at=START,
        fetch_id=fetch_id,
    )
