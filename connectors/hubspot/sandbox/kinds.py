"""The kinds of records a HubSpot account has, as far as we use them: their properties, and how they are associated."""

from __future__ import annotations

from dataclasses import dataclass, field

CONTACTS, COMPANIES, DEALS = "contacts", "companies", "deals"
Options = tuple[tuple[str, str], ...]


def options(*values: str) -> Options:
    """List values whose labels are made from their names."""
    return tuple((value, value.replace("_", " ").capitalize()) for value in values)


STAGES: Options = (
    ("subscriber", "Subscriber"),
    ("lead", "Lead"),
    ("marketingqualifiedlead", "Marketing Qualified Lead"),
    ("salesqualifiedlead", "Sales Qualified Lead"),
    ("opportunity", "Opportunity"),
    ("customer", "Customer"),
    ("evangelist", "Evangelist"),
    ("other", "Other"),
)
STATUSES = options(
    *("NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL"),
    *("UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. `type_id` names it in webhooks and in some paths, `one` in webhooks and errors; `created` and
    `changed` are the properties with its times; `shown` are given without being asked for."""

    type_id: str
    one: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    lists: dict[str, Options] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    created: str = "hs_createdate"
    changed: str = "hs_lastmodifieddate"


OWNER = "hubspot_owner_id"
WHEN = ("hs_timestamp",)
KINDS: dict[str, Kind] = {
    CONTACTS: Kind(
        *("0-1", "contact"),
        texts=(
            *("firstname", "lastname", "phone", "company", "jobtitle", "country", "industry"),
            *("hs_additional_emails", "hs_merged_object_ids", "hs_email_optout", OWNER),
        ),
        lists={"lifecyclestage": STAGES, "hs_lead_status": STATUSES},
        shown=("email", "firstname", "lastname"),
        created="createdate",
        changed="lastmodifieddate",
    ),
    COMPANIES: Kind(
        *("0-2", "company"),
        texts=("name", "domain", "industry", "country", OWNER),
        numbers=("numberofemployees",),
        lists={"lifecyclestage": STAGES},
        shown=("name", "domain"),
        created="createdate",
    ),
    DEALS: Kind(
        *("0-3", "deal"),
        texts=("dealname", "pipeline", "dealstage", "deal_currency_code", "closed_lost_reason", OWNER),
        numbers=("amount",),
        times=("closedate",),
        shown=("dealname", "amount", "dealstage", "pipeline"),
        created="createdate",
    ),
    "tasks": Kind(
        *("0-27", "task"),
        texts=("hs_task_subject", "hs_task_body", "hs_task_type", "hs_task_reminders", OWNER),
        times=WHEN,
        lists={
            "hs_task_status": options("NOT_STARTED", "IN_PROGRESS", "COMPLETED", "WAITING", "DEFERRED"),
            "hs_task_priority": options("NONE", "LOW", "MEDIUM", "HIGH"),
        },
        required=WHEN,
    ),
    "notes": Kind("0-46", "note", texts=("hs_note_body", OWNER), times=WHEN, required=WHEN),
    "calls": Kind(
        *("0-48", "call"),
        texts=("hs_call_title", "hs_call_body", "hs_call_disposition", OWNER),
        numbers=("hs_call_duration",),
        times=WHEN,
        lists={
            "hs_call_direction": options("INBOUND", "OUTBOUND"),
            "hs_call_status": options("BUSY", "CANCELED", "COMPLETED", "FAILED", "NO_ANSWER", "MISSED", "QUEUED"),
        },
        required=WHEN,
    ),
    "emails": Kind(
        *("0-49", "email"),
        texts=("hs_email_subject", "hs_email_text", "hs_email_headers", "hs_sequence_id", OWNER),
        times=WHEN,
        lists={
            "hs_email_direction": options("EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL"),
            "hs_email_status": options("BOUNCED", "FAILED", "SCHEDULED", "SENDING", "SENT"),
        },
        required=(*WHEN, "hs_email_direction"),
    ),
    "meetings": Kind(
        *("0-47", "meeting"),
        texts=("hs_meeting_title", "hs_meeting_body", OWNER),
        times=(*WHEN, "hs_meeting_start_time", "hs_meeting_end_time"),
        lists={"hs_meeting_outcome": options("SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED")},
        required=WHEN,
    ),
    "communications": Kind(
        *("0-18", "communication"),
        texts=("hs_communication_body", "hs_communication_logged_from", OWNER),
        times=WHEN,
        lists={"hs_communication_channel_type": options("SMS", "LINKEDIN_MESSAGE", "WHATS_APP")},
        required=(*WHEN, "hs_communication_channel_type"),
    ),
}
ACTIVITIES = ("tasks", "notes", "calls", "emails", "meetings", "communications")
SOURCE = "hs_object_source"
"""How a record came to be: `CRM_UI` by hand, `INTEGRATION` through a token."""

# (from, to): the association types HubSpot defines between two kinds, the plain one first.
ASSOCIATIONS: dict[tuple[str, str], tuple[int, ...]] = {
    ("tasks", CONTACTS): (204,),
    ("notes", CONTACTS): (202,),
    ("calls", CONTACTS): (194,),
    ("emails", CONTACTS): (198,),
    ("meetings", CONTACTS): (200,),
    ("communications", CONTACTS): (81,),
    (CONTACTS, "tasks"): (203,),
    (CONTACTS, "notes"): (201,),
    (CONTACTS, "calls"): (193,),
    (CONTACTS, "emails"): (197,),
    (CONTACTS, "meetings"): (199,),
    (CONTACTS, "communications"): (82,),
    (DEALS, CONTACTS): (3,),
    (CONTACTS, DEALS): (4,),
    (DEALS, COMPANIES): (341, 5),
    (COMPANIES, DEALS): (342, 6),
    (CONTACTS, COMPANIES): (279, 1),
    (COMPANIES, CONTACTS): (280, 2),
    ("tasks", COMPANIES): (192,),
    ("notes", COMPANIES): (190,),
    ("tasks", DEALS): (216,),
    ("notes", DEALS): (214,),
}
BY_TYPE_ID = {kind.type_id: name for name, kind in KINDS.items()}
