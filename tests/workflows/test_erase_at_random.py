"""Whatever somebody said, in whatever order: what is taken back might as well never have been said."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.records import LeadRecord, ident_key
from leadrelay.workflows.pseudonyms import Pseudonyms
from tests.system import System, noisy_rules
from tests.workflows import promises
from tests.workflows.erasing import deleted, form, hear

MAIL = "ada@firma.example"
PHONES = ("+48600700801", "+48600700802")

_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(("Ada", "Eva")),
        "job_title": st.sampled_from(("CEO", "Analyst", "Head of Sales")),
        "city": st.sampled_from(("Gdynia", "Sopot")),
        "phone": st.sampled_from(PHONES),
        "anonymous_id": st.sampled_from(("one", "two")),
    },
)
_SAID = st.lists(st.tuples(st.sampled_from(("demo", "newsletter", "contact")), _FIELDS), min_size=2, max_size=4)


def drafts(said: list[tuple[str, dict[str, str]]]) -> list[TouchDraft]:
    """Each by the same address, so that all of them are one person's."""
    return [form(str(number), intent, email=MAIL, **fields) for number, (intent, fields) in enumerate(said)]


def told(*said: TouchDraft) -> System:
    system = System(noisy_rules())
    hear(system, *said)
    return system


def known(record: LeadRecord) -> tuple[object, ...]:
    """What touches made of a lead, but for when it was: the reference hears the same at other times."""
    lead = record.lead
    attributions = [None if each is None else (each.touch_id, each.intent) for each in (lead.first, lead.last)]
    return (
        record.profile.plain(),
        lead.touches,
        {name: (each.count, each.touch_ids) for name, each in lead.signals.items()},
        attributions,
        lead.temperature,
        lead.asked_at is None,
        None if lead.last_touch is None else lead.last_touch.touch_id,
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_SAID, st.data())
def test_what_is_taken_back_might_as_well_never_have_been_said(
    said: list[tuple[str, dict[str, str]]], data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(said) - 1))
    every = drafts(said)
    system = told(*every, deleted(str(number)))
    [record] = system.leads()
    [reference] = told(*(each for at, each in enumerate(every) if at != number)).leads()
    assert known(record) == known(reference)
    promises.folded(system, record)
    promises.owned(record)
    pseudonyms = Pseudonyms(system.secrets)
    given_still = {str(each.get("phone")) for at, (_, each) in enumerate(said) if at != number}
    for phone in PHONES:
        place = system.store.load(ident_key("phone", pseudonyms.of("phone", phone)))
        assert (place is not None and place.lead_id == record.lead.lead_id) == (phone in given_still)
