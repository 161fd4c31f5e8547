"""Touches, merges and unmerges in any sequence: everybody is one living lead, no alias goes in a circle, no touch is
lost or counted twice, who was told apart stays apart. And the order in which touches come makes no other people."""

from __future__ import annotations

from itertools import combinations
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from leadrelay.domain.lead import Lead
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.records import IdentRecord, LeadRecord
from leadrelay.workflows.identify import living
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.unmerge import Unmerge
from tests.system import System
from tests.workflows import promises
from tests.workflows.lives import draft

MAILS = (None, "ada@firma.example", "bob@other.example", "eva@gmail.com")
PHONES = (None, "+48601111222", "+48602222333")
BROWSERS = (None, "one", "two")


def touch(number: int, email: str | None, phone: str | None, browser: str | None) -> TouchDraft:
    said = {"email": email, "phone": phone, "anonymous_id": browser, "city": f"City {number}"}
    return draft(str(number), form="newsletter", **{name: value for name, value in said.items() if value})


class Merges(RuleBasedStateMachine):
    """A small town: three addresses, two telephones, two browsers."""

    def __init__(self) -> None:
        super().__init__()
        self.system = System()
        self.told = 0
        self.apart: list[tuple[str, str]] = []

    def leads(self) -> dict[str, Lead]:
        found = [record.lead for record in self.system.records() if isinstance(record, LeadRecord)]
        return {lead.lead_id: lead for lead in found}

    def aliases(self) -> list[str]:
        return sorted(lead_id for lead_id, lead in self.leads().items() if lead.merged_into)

    @rule(
        who=st.tuples(st.sampled_from(MAILS), st.sampled_from(PHONES), st.sampled_from(BROWSERS)).filter(any),
        proven=st.booleans(),
    )
    def somebody_speaks(self, who: tuple[str | None, str | None, str | None], proven: bool) -> None:
        self.told += 1
        self.system.tell(touch(self.told, *who), trust="verified" if proven else "unverified")
        self.system.later(minutes=1)

    @precondition(lambda self: self.aliases())
    @rule(number=st.integers(0, 9))
    def a_person_says_that_they_are_two(self, number: int) -> None:
        aliases = self.aliases()
        lost = aliases[number % len(aliases)]
        parting = Unmerge(
            self.system.store, self.system.rules, Pseudonyms(self.system.secrets), self.system.clock
        )(lost)  # fmt: skip
        self.system.settle()
        assert self.leads()[lost].merged_into is None
        self.apart.append((lost, parting.other))

    @invariant()
    def each_identity_leads_to_one_living_lead(self) -> None:
        for record in self.system.records():
            if isinstance(record, IdentRecord):
                lead = living(record.lead_id, self.system.store)
                assert lead is not None
                assert lead.lead.merged_into is None

    @invariant()
    def no_touch_is_lost_or_counted_twice(self) -> None:
        leads = self.leads()
        assert sum(lead.touches for lead in leads.values() if lead.merged_into is None) == self.told
        for record in self.system.leads():
            mine = [each for each in self.system.touches() if self._home(each.lead_id or "") == record.lead.lead_id]
            assert len(mine) == record.lead.touches

    @invariant()
    def who_was_told_apart_stays_apart(self) -> None:
        for one, other in self.apart:
            assert self._home(one) != self._home(other)

    @invariant()
    def the_log_is_the_lead(self) -> None:
        for record in self.system.records():
            if isinstance(record, LeadRecord):
                promises.folded(self.system, record)
        assert not self.system.failed

    def _home(self, lead_id: str) -> str:
        lead = living(lead_id, self.system.store)
        return "" if lead is None else lead.lead.lead_id


TestMerges = Merges.TestCase
TestMerges.settings = settings(
    max_examples=25, stateful_step_count=10, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

PEOPLE = (("ada@firma.example", "+48601111222", "one"), ("bob@other.example", "+48602222333", "two"))
SPOKEN = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([each for n in (1, 2, 3) for each in combinations(range(3), n)])),
    min_size=2,
    max_size=6,
)


def partition(spoken: list[tuple[int, int, tuple[int, ...]]]) -> set[frozenset[str]]:
    """Which of these touches are one person's, in this order."""
    system = System()
    for number, who, by in spoken:
        names = [name if place in by else None for place, name in enumerate(PEOPLE[who])]
        system.tell(touch(number, names[0], names[1], names[2]))
        system.settle()
    people: dict[str, set[str]] = {}
    for each in system.touches():
        lead = living(each.lead_id or "", system.store)
        people.setdefault("" if lead is None else lead.lead.lead_id, set()).add(each.touch.touch_id)
    return {frozenset(touches) for touches in people.values()}


@settings(max_examples=30, deadline=None)
@given(SPOKEN, st.randoms(use_true_random=False))
def test_the_order_in_which_touches_come_makes_no_other_people(
    spoken: list[tuple[int, tuple[int, ...]]], chance: Random
) -> None:
    told = [(number, who, by) for number, (who, by) in enumerate(spoken)]
    again = list(told)
    chance.shuffle(again)
    assert partition(told) == partition(again)
