"""The lead's own clock: how long somebody who asked waits until anybody reaches out, whoever has the lead meanwhile.

It counts from when they asked, so that no change of hands makes the wait look shorter, and ends with the first attempt
to reach them, or when it is said that the lead is not to be worked. Who asks again after that starts it again.
"""

from __future__ import annotations

from datetime import datetime

from leadrelay.domain.clocks.policy import TimedPolicy
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.waiting import owes_first_contact
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.tries import since as tried_since


def is_waited_for(lead: Lead, rules: Rules) -> bool:
    """Whether somebody is to reach out as soon as they can: not at a time of the person's own, and not while the lead
    is in a programme, rests, or may not be contacted."""
    called = lead.callback is not None and not lead.callback.served
    worked = lead.live and lead.merged_into is None and not lead.rests and lead.permission.may_contact
    return worked and not called and (lead.ownership.rep is not None or lead.ownership.waits is not None)


def waiting_since(lead: Lead) -> datetime | None:
    """Since when somebody waits for a contact (UTC): since they asked, else since it came to be owed; None where none
    is."""
    owed_since = _owed_since(lead)
    if owed_since is None or lead.asked_at is None or tried_since(lead.tries, lead.asked_at):
        return owed_since
    return min(lead.asked_at, owed_since)


def reached(lead: Lead, since: datetime, policy: TimedPolicy | None, rules: Rules, now: datetime) -> datetime | None:
    """The first attempt since then, whoever made it."""
    return min((each.at for each in tried_since(lead.tries, since)), default=None)


def _owed_since(lead: Lead) -> datetime | None:
    contact, owner = lead.clock("first_contact"), lead.ownership
    if contact is not None:
        return contact.started_at
    return owner.since if owner.waits is not None and owes_first_contact(lead) else None
