"""The base tables: what facts become before anything is counted.

`<table>.sql` makes each from the table `facts` (every fact once). Times are milliseconds since 1970 (UTC), so that both
engines subtract them alike; amounts are minor units. A person who was two leads is one row, under the id that remains.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.domain.reporting.row import Type

LEAD_ROWS: Mapping[str, Type] = {
    "lead_id": "text",
    "captured_ms": "int",  # when we first heard of them
    "standing": "text",  # visitor | imported | shadow | live | gone: `visitor` never said who they are
    "erased": "bool",
    "touches": "int",  # submissions, behaviour and activities
    # where they came from: of the first and of the last touch that tells
    "first_source": "text",
    "first_channel": "text",
    "first_class": "text",
    "first_campaign": "text",
    "first_form": "text",
    "first_partner": "text",
    "last_source": "text",
    "last_channel": "text",
    "last_class": "text",
    "last_campaign": "text",
    "last_form": "text",
    "last_partner": "text",
    "intent": "text",  # of the last submission
    "product": "text",
    "temperature": "text",  # hot | warm: the hottest that they asked
    "segment": "text",
    "persona": "text",
    "icp": "bool",
    "fields": "text",  # JSON object: fields marked `report: true`, by name
    # score, 0 to 100: when first told, when it became MQL, now, and the highest
    "first_score": "int",
    "mql_score": "int",
    "score": "int",
    "top_score": "int",
    "fit": "int",
    "engagement": "int",
    # when each stage was reached first; a stage that was jumped over was not reached
    "stage": "text",
    "subscriber_ms": "int",
    "lead_ms": "int",
    "mql_ms": "int",
    "sal_ms": "int",
    "sql_ms": "int",
    "opportunity_ms": "int",
    "customer_ms": "int",
    "evangelist_ms": "int",
    "disqualified_ms": "int",
    "qualifications": "text",  # JSON object: qualification -> ms of the first time
    # whose it is, and how it got there
    "rep": "text",
    "pool": "text",
    "queue": "text",
    "rule": "text",
    "hops": "int",
    "needed_ms": "int",  # an owner was first needed
    "assigned_ms": "int",  # first given to a rep or a queue
    "rep_ms": "int",  # first given to a rep
    "synced_ms": "int",  # first shown in the CRM
    "contacted_ms": "int",  # the first contact by sales
    "attempts": "int",
    "meeting_ms": "int",  # the first meeting booked
    # what sales said of it
    "status": "text",
    "disposition": "text",  # accepted | rejected | recycled, the latest
    "accepted_ms": "int",
    "rejected_ms": "int",
    "recycled_ms": "int",
    "reactivated_ms": "int",  # first came back after it was given back
    "reason": "text",  # of the latest disposition
    "rejected_reason": "text",  # of the latest rejection, whatever followed
    "recycled_reason": "text",
    "lacks": "text",  # comma list: criteria of sla.yaml that were not met when it was handed over; null: none
    "retired_ms": "int",
    "next_step": "text",
    "next_step_due_ms": "int",
    "enrolled": "text",  # nurture sequence it is in now
    # deals: their number, the amounts of those in the currency of the latest, the latest loss
    "deals": "int",
    "deal_opened_ms": "int",
    "won_ms": "int",
    "lost_ms": "int",
    "lost_reason": "text",
    "open_amount": "int",
    "won_amount": "int",
    "currency": "text",
}

CLOCK_ROWS: Mapping[str, Type] = {
    "lead_id": "text",
    "kind": "text",  # assignment, first_contact, lead_clock … as in clocks
    "hop": "int",
    "policy": "text",
    "rep": "text",  # whose it was: of that assignment
    "pool": "text",
    "started_ms": "int",
    "due_ms": "int",
    "warned_ms": "int",
    "breached_ms": "int",
    "met_ms": "int",
    "in_time": "bool",  # null until it is met or breached; a breach that turned out wrong counts as met
    "owner_seconds": "int",  # business seconds from the assignment until it was met
    "lead_seconds": "int",  # elapsed seconds from the capture
    "stopped_ms": "int",  # ended without being met
    "stopped_why": "text",
}

ASSIGNMENT_ROWS: Mapping[str, Type] = {
    "lead_id": "text",
    "hop": "int",
    "at_ms": "int",
    "why": "text",  # new, breach, hand_off, override …
    "rule": "text",
    "pool": "text",
    "rep": "text",
    "queue": "text",
    "waits": "text",  # backlog | claim: it waits, nobody has it yet
    "counted": "text",  # hot | other: the turns of its pool by which it was given; null where it was nobody's turn
    "score": "int",  # the lead's at that time
    "needed_ms": "int",
    "ended_ms": "int",  # the next assignment, null while it holds
    "accepted_ms": "int",  # by this rep, in this hop
    "rejected_ms": "int",
    "recycled_ms": "int",
    "contacted_ms": "int",
    "attempts": "int",
    "meetings": "int",
    "log": "text",  # the lead whose log has it: two leads that became one had an assignment 1 each
    "rank": "int",  # the order of assignments; those of the lead that remains come last
}

ACTIVITY_ROWS: Mapping[str, Type] = {
    "lead_id": "text",
    "at_ms": "int",
    "kind": "text",  # attempt | meeting
    "channel": "text",
    "rep": "text",  # who had the lead then
    "pool": "text",
}

DEAL_ROWS: Mapping[str, Type] = {
    "lead_id": "text",
    "deal_id": "text",
    "opened_ms": "int",
    "won_ms": "int",
    "lost_ms": "int",
    "reason": "text",
    "amount": "int",  # the latest told, in minor units
    "currency": "text",
    "rep": "text",  # who had the lead when the deal was opened
    "pool": "text",
}

TOUCH_ROWS: Mapping[str, Type] = {
    "lead_id": "text",  # null where it is nobody's: parked
    "touch_id": "text",
    "source": "text",
    "kind": "text",
    "received_ms": "int",
    "ready_ms": "int",
    "identified_ms": "int",
    "channel": "text",
    "class": "text",
    "parked_ms": "int",
    "parked_why": "text",
}

GAP_ROWS: Mapping[str, Type] = {
    "lead_id": "text",  # always null
    "source": "text",
    "form": "text",
    "day": "text",
    "day_ms": "int",
    "theirs": "int",
    "ours": "int",
    "found": "int",
    "gone": "int",
}

BASE: Mapping[str, Mapping[str, Type]] = {
    "lead_rows": LEAD_ROWS,
    "clock_rows": CLOCK_ROWS,
    "assignment_rows": ASSIGNMENT_ROWS,
    "activity_rows": ACTIVITY_ROWS,
    "deal_rows": DEAL_ROWS,
    "touch_rows": TOUCH_ROWS,
    "gap_rows": GAP_ROWS,
}
"""Each base table with its columns, in order, and their types."""
