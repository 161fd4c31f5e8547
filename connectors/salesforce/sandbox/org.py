"""A new org as data: its objects with the fields that matter here, its lists, and what a new record starts with.

One line is one field: name, type, and what else there is to say: `:80` length, `!` required, `-` read-only,
`>User,Group/Owner` what it refers to and under which name.
"""

from __future__ import annotations

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
