"""The objects of a new org with the fields that matter here, the custom fields deployed since, and who may see them.

One line is one field: name, type, and what else there is to say: `:80` length, `!` required, `-` read-only,
`>User,Group/Owner` what it refers to and under which name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from connectors.salesforce.sandbox.columns import Column
from leadrelay.local.crm_world import Record, World

EVERY = """
Id id -
IsDeleted boolean -
CreatedDate datetime -
CreatedById reference - >User/CreatedBy
LastModifiedDate datetime -
LastModifiedById reference - >User/LastModifiedBy
SystemModstamp datetime -
"""
PERSON = """
FirstName string :40
LastName string :80 !
Name string -
Email email :80
Phone phone :40
MobilePhone phone :40
Title string :128
LeadSource picklist
Description textarea :32000
HasOptedOutOfEmail boolean
DoNotCall boolean
MasterRecordId reference - >{kind}/MasterRecord
LastActivityDate date -
"""
ACTIVITY = """
Subject string :255
Description textarea :32000
OwnerId reference >User/Owner
WhoId reference >Lead,Contact/Who
WhatId reference >Account,Opportunity,Campaign/What
"""
OBJECTS = {
    "Lead": f"""{PERSON}
Company string :255 !
Status picklist
Rating picklist
Industry picklist
NumberOfEmployees int
Website url :255
Street textarea :255
City string :40
State string :80
PostalCode string :20
Country string :80
OwnerId reference >User,Group/Owner
IsUnreadByOwner boolean
IsConverted boolean -
ConvertedDate date -
ConvertedAccountId reference - >Account/ConvertedAccount
ConvertedContactId reference - >Contact/ConvertedContact
ConvertedOpportunityId reference - >Opportunity/ConvertedOpportunity
""",
    "Contact": f"""{PERSON}
AccountId reference >Account/Account
MailingCity string :40
MailingState string :80
MailingCountry string :80
OwnerId reference >User/Owner
""",
    "Account": """
Name string :255 !
Website url :255
Industry picklist
Type picklist
NumberOfEmployees int
BillingCountry string :80
Phone phone :40
OwnerId reference >User/Owner
MasterRecordId reference - >Account/MasterRecord
""",
    "Opportunity": """
Name string :120 !
StageName picklist !
CloseDate date !
Amount currency
CurrencyIsoCode picklist
AccountId reference >Account/Account
ContactId reference >Contact/Contact
CampaignId reference >Campaign/Campaign
OwnerId reference >User/Owner
IsClosed boolean -
IsWon boolean -
""",
    "OpportunityContactRole": """
OpportunityId reference ! >Opportunity/Opportunity
ContactId reference ! >Contact/Contact
Role picklist
IsPrimary boolean
""",
    "Task": f"""{ACTIVITY}
Status picklist
Priority picklist
Type picklist
TaskSubtype picklist
CallType picklist
CallDurationInSeconds int
CallDisposition string :255
ActivityDate date
CompletedDateTime datetime -
IsClosed boolean -
""",
    "Event": f"""{ACTIVITY}
StartDateTime datetime !
EndDateTime datetime !
ActivityDate date -
Type picklist
Location string :255
""",
    "Campaign": """
Name string :80 !
Status picklist
Type picklist
IsActive boolean
OwnerId reference >User/Owner
""",
    "CampaignMember": """
CampaignId reference ! >Campaign/Campaign
LeadId reference >Lead/Lead
ContactId reference >Contact/Contact
Status picklist
""",
    "User": """
Username string -
Name string -
FirstName string -
LastName string -
Email email -
IsActive boolean -
UserType string -
""",
    "Group": """
Name string -
DeveloperName string -
Type string -
Email email -
""",
    "QueueSobject": """
QueueId reference - >Group/Queue
SobjectType string -
""",
    "Organization": """
Name string -
IsSandbox boolean -
OrganizationType string -
DefaultLocaleSidKey string -
""",
    "PermissionSet": """
Name string - :80
Label string - :80
""",
    "PermissionSetAssignment": """
PermissionSetId reference ! >PermissionSet/PermissionSet
AssigneeId reference ! >User/Assignee
""",
    "FieldPermissions": """
ParentId reference - >PermissionSet/Parent
SobjectType string -
Field string -
PermissionsRead boolean -
PermissionsEdit boolean -
""",
    "AssignmentRule": """
Name string -
SobjectType string -
Active boolean -
""",
    "DuplicateRule": """
DeveloperName string -
MasterLabel string -
SobjectType string -
IsActive boolean -
""",
    "FlowDefinitionView": """
ApiName string -
Label string -
ProcessType string -
TriggerType string -
TriggerObjectOrEventLabel string -
IsActive boolean -
""",
    "ApexTrigger": """
Name string -
TableEnumOrId string -
Status string -
""",
    "ListView": """
Name string -
DeveloperName string -
SobjectType string -
""",
}
CALLS = ("Call", "Email", "Meeting", "Other")
PICKLISTS = {
    "Lead.Status": (
        *("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted"),
        *("New", "Attempting", "Connected", "Meeting Booked", "No Decision", "Unqualified", "Nurturing"),
    ),
    "Opportunity.StageName": (
        *("Prospecting", "Qualification", "Needs Analysis", "Proposal/Price Quote", "Negotiation/Review"),
        *("Closed Won", "Closed Lost"),
    ),
    "Task.Status": ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"),
    "Task.Priority": ("High", "Normal", "Low"),
    "Task.Type": CALLS,
    "Task.TaskSubtype": ("Task", "Email", "Call", "LinkedIn", "Cadence"),
    "Task.CallType": ("Inbound", "Outbound", "Internal"),
    "Event.Type": CALLS,
    "CampaignMember.Status": ("Sent", "Responded"),
}
DEFAULTS = {
    "Lead": {"Status": "Open - Not Contacted"},
    "Task": {"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"},
    "CampaignMember": {"Status": "Sent"},
}
WON, LOST, DONE = "Closed Won", "Closed Lost", "Completed"
TYPES = {
    "Checkbox": "boolean",
    "Currency": "currency",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "LongTextArea": "textarea",
    "Number": "double",
    "Phone": "phone",
    "Picklist": "picklist",
    "Text": "string",
    "TextArea": "textarea",
    "Url": "url",
}
"""The metadata API's words for types, and describe's."""


@lru_cache(maxsize=64)
def standard(kind: str) -> dict[str, Column]:
    """The fields every org has, by name."""
    text = (EVERY + OBJECTS[kind]).replace("{kind}", kind)
    return {column.name: column for column in (_column(kind, line) for line in text.split("\n") if line)}


def _column(kind: str, line: str) -> Column:
    name, type_, *rest = line.split()
    said = {word[0]: word[1:] for word in rest}
    refers, _, relationship = said.get(">", "").partition("/")
    return Column(
        name=name,
        type=type_,
        length=int(said.get(":", 0)),
        label=re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name),
        required="!" in said,
        writeable="-" not in said,
        values=PICKLISTS.get(f"{kind}.{name}", ()),
        refers=tuple(refers.split(",")) if refers else (),
        relationship=relationship,
    )


def deployed(field: Record) -> Column:
    """A custom field, from its record in the org."""
    said = field.values
    return Column(
        name=said["FullName"],
        type=TYPES[said["Type"]],
        length=int(said.get("Length", 0)),
        label=said["Label"],
        writeable="Formula" not in said,
        external_id=said.get("ExternalId") == "true",
        unique=said.get("Unique") == "true",
        calculated="Formula" in said,
        values=tuple(filter(None, said.get("Values", "").split("\n"))),
    )


class Schema:
    """What one user sees of an org's fields, for the time of one request."""

    def __init__(self, world: World, user_id: str) -> None:
        self._world = world
        self._user = user_id
        self._known: dict[str, dict[str, Column]] = {}

    def columns(self, kind: str) -> dict[str, Column]:
        """The visible fields of an object by name; raises KeyError for an object that is not there."""
        if kind not in self._known:
            self._known[kind] = {**standard(kind), **self._visible(kind)}
        return self._known[kind]

    def custom(self, kind: str) -> dict[str, Column]:
        """Every deployed field of an object, whether the user sees it or not."""
        found = (deployed(one) for one in self._world.all("CustomField") if one.values["Object"] == kind)
        return {column.name: column for column in found}

    def _visible(self, kind: str) -> dict[str, Column]:
        """A new custom field is hidden until a permission set shows it: field-level security starts with nobody."""
        custom = self.custom(kind)
        if not custom:
            return {}
        assigned = self._world.all("PermissionSetAssignment")
        sets = {one.values["PermissionSetId"] for one in assigned if one.values["AssigneeId"] == self._user}
        granted = {
            one.values["Field"]
            for one in self._world.all("FieldPermissions")
            if one.values["ParentId"] in sets and one.values.get("PermissionsRead") == "true"
        }
        return {name: column for name, column in custom.items() if f"{kind}.{name}" in granted}
