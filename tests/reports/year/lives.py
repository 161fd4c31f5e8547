"""A whole life, or as much of it as the year has."""

from __future__ import annotations

from tests.reports.year.life import Over
from tests.reports.year.mould import Id
from tests.reports.year.selling import DAY
from tests.reports.year.working import Working


class Drawn(Working):
    """Takes the decisions that the outside world takes in earnest."""

    def live(self) -> bool:
        """Steps until somebody is lost or the year is over; whether there is more to come."""
        try:
            self.arrive()
            if self.kind in ("visitor", "imported"):
                return False
            self._grow()
            if self._given_out():
                self._worked()
            self._rest()
        except Over:
            return False
        return bool(self.life.row["standing"] == "live")

    def _rest(self) -> None:
        """A few are let go, erased, or deleted in the CRM."""
        life, fate = self.life, self.dice.random()
        if fate > 0.03:
            return
        life.go(self.dice.uniform(DAY, 60 * DAY))
        if fate < 0.006:
            life.rest("erased")
            life.say("LeadErased", reason="request", touch_id=None)
            life.row |= {
                "standing": "gone",
                "erased": True,
                "enrolled": None,
                "next_step": None,
                "next_step_due_ms": None,
            }
        elif fate < 0.012:
            life.rest("deleted")
            life.say("RecordDeleted", crm="hubspot", crm_id=Id(f"7{life.lead_id[-6:]}"))
            life.row["standing"] = "gone"
        else:
            life.rest("retired")
            life.say("LeadRetired", days=365)
            life.row |= {"retired_ms": life.now, "next_step": None, "next_step_due_ms": None}
