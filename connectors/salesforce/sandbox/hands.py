"""What people do in Salesforce's own pages: the edits that an integration has to live with.

No rule of the API is applied, and what is changed carries a person's id, not the integration's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.salesforce.sandbox.columns import wire_time
from connectors.salesforce.sandbox.ids import kind_of, number_of, shown
from connectors.salesforce.sandbox.org import DONE, PICKLISTS
from connectors.salesforce.sandbox.store import ME, Row, Store

SOMEBODY = shown("User", "2")  # a person without a name, where nobody else could have done it
COPIED = ("FirstName", "LastName", "Email", "Phone", "MobilePhone", "Title", "OwnerId", "LeadSource")
CONVERTED = "Closed - Converted"


@dataclass(frozen=True, slots=True)
class Hands:
    """A person at the keyboard; `store` is the org."""

    store: Store

    # -- what the page offers

    def owners(self) -> list[tuple[str, str]]:
        """Who can be given a record: id and name."""
        users = [row for row in self.store.rows("User") if row["IsActive"] == "true"]
        return [(row["Id"], row["Name"]) for row in (*users, *self.store.rows("Group"))]

    def statuses(self) -> list[tuple[str, str]]:
        """The values of a lead's status."""
        return [(value, value) for value in PICKLISTS["Lead.Status"] if value != CONVERTED]

    def give(self, person_id: str, owner_id: str) -> None:
        """Another owner. Raises KeyError for an unknown person or owner."""
        if self.store.row(kind_of(owner_id), owner_id) is None:
            raise KeyError(owner_id)
        self.change(person_id, {"OwnerId": owner_id})

    def set_status(self, person_id: str, status: str) -> None:
        """Another lead status. Raises KeyError for an unknown person or status."""
        if status not in PICKLISTS["Lead.Status"] or kind_of(person_id) != "Lead":
            raise KeyError(status)
        self.change(person_id, {"Status": status})

    def log_call(self, person_id: str, about: str) -> str:
        """A call, done now; returns the task's id. Raises KeyError for an unknown person."""
        person = self._row(person_id)
        day = self.store.world.now().date().isoformat()
        values = {"Subject": about or "Call", "TaskSubtype": "Call", "Type": "Call", "CallType": "Outbound"}
        return self.add("Task", {**values, "WhoId": person["Id"], "Status": DONE, "ActivityDate": day})

    # -- anything else

    def add(self, kind: str, values: Mapping[str, str], by: str = "") -> str:
        """A record made by hand; returns its id."""
        now = wire_time(self.store.world.now())
        done = {"CompletedDateTime": now} if kind == "Task" and values.get("Status") == DONE else {}
        return self.store.create(kind, {**done, **values}, by or self._person(values))

    def change(self, record_id: str, values: Mapping[str, str], by: str = "") -> None:
        """Other values. Raises KeyError for an unknown record."""
        row = self._row(record_id)
        self.store.change(kind_of(record_id), row["Id"], values, by or self._person(row))

    def delete(self, record_id: str, by: str = "") -> None:
        """Into the recycle bin. Raises KeyError for an unknown record."""
        row = self._row(record_id)
        self.store.remove(kind_of(record_id), row["Id"], by or self._person(row))

    def merge(self, winner_id: str, loser_id: str) -> None:
        """Two leads or two contacts become one: empty fields are filled from the loser, what hung on it moves over, and
        it is deleted with the winner as its master. Raises KeyError for unknown or different ones."""
        winner, loser = self._row(winner_id), self._row(loser_id)
        kind = kind_of(winner_id)
        if kind != kind_of(loser_id) or winner["Id"] == loser["Id"]:
            raise KeyError(loser_id)
        columns = self.store.world.get(kind, number_of(loser["Id"]))
        kept = {name: text for name, text in (columns.values if columns else {}).items() if not winner.get(name)}
        by = self._person(winner)
        self.store.remove(kind, loser["Id"], by, master=winner["Id"])
        self.store.change(kind, winner["Id"], kept, by)
        self._move(loser["Id"], winner["Id"], by)

    def convert(self, lead_id: str, opportunity: str = "") -> dict[str, str]:
        """A lead becomes a contact of an account, and with a name an opportunity; returns their ids by object. The lead
        stays, read-only, and its tasks hang on the contact. Raises KeyError for an unknown lead or a converted one."""
        lead = self._row(lead_id)
        if lead.get("IsConverted") == "true" or kind_of(lead_id) != "Lead":
            raise KeyError(lead_id)
        by, owner = self._person(lead), lead.get("OwnerId", "")
        made = {"Account": self.store.create("Account", {"Name": lead["Company"], "OwnerId": owner}, by)}
        contact = {name: lead[name] for name in COPIED if lead.get(name)}
        own = {name: text for name, text in lead.items() if name.endswith("__c") and self._shared(name)}
        made["Contact"] = self.store.create("Contact", {**contact, **own, "AccountId": made["Account"]}, by)
        if opportunity:
            made["Opportunity"] = self._opportunity(opportunity, made, owner, by)
        self._close(lead, made, by)
        self._move(lead["Id"], made["Contact"], by)
        return made

    def _opportunity(self, name: str, made: Mapping[str, str], owner: str, by: str) -> str:
        close = self.store.world.now().date().isoformat()
        links = {"AccountId": made["Account"], "ContactId": made["Contact"], "OwnerId": owner}
        values = {"Name": name, "StageName": "Prospecting", "CloseDate": close, **links}
        made_id = self.store.create("Opportunity", values, by)
        role = {"OpportunityId": made_id, "ContactId": made["Contact"], "IsPrimary": "true"}
        self.store.create("OpportunityContactRole", role, by)
        return made_id

    def _close(self, lead: Row, made: Mapping[str, str], by: str) -> None:
        today = self.store.world.now().date().isoformat()
        ids = {f"Converted{kind}Id": made_id for kind, made_id in made.items()}
        values = {"IsConverted": "true", "ConvertedDate": today, "Status": CONVERTED, **ids}
        self.store.change("Lead", lead["Id"], values, by)

    def _shared(self, name: str) -> bool:
        """Custom fields of a lead reach the contact where an admin mapped them: here, where both have the name."""
        fields = self.store.world.all("CustomField")
        return any(one.values["Object"] == "Contact" and one.values["FullName"] == name for one in fields)

    def _move(self, old: str, new: str, by: str) -> None:
        for kind, names in {"Task": ("WhoId",), "Event": ("WhoId",), "CampaignMember": ("LeadId", "ContactId")}.items():
            for row in self.store.rows(kind):
                for name in names:
                    if row.get(name) == old:
                        self.store.change(kind, row["Id"], self._place(kind, name, new), by)
        for row in self.store.rows("OpportunityContactRole"):
            if row.get("ContactId") == old:
                self.store.change("OpportunityContactRole", row["Id"], {"ContactId": new}, by)

    def _place(self, kind: str, name: str, new: str) -> dict[str, str]:
        if kind != "CampaignMember":
            return {name: new}
        return {"LeadId": "", "ContactId": "", f"{kind_of(new)}Id": new}

    def _row(self, record_id: str) -> Row:
        row = self.store.row(kind_of(record_id), record_id)
        if row is None or row["IsDeleted"] == "true":
            raise KeyError(record_id)
        return row

    def _person(self, row: Mapping[str, str]) -> str:
        """Who did it: the record's owner, where that is a person and not the integration."""
        owner = row.get("OwnerId", "")
        return owner if kind_of(owner) == "User" and owner != ME else SOMEBODY
