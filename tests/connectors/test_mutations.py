"""Genuine deliveries of every vendor with one thing in them wrong: read, refused or kept with a reason, and never else.

The changes are systematic (`mutations.py`: every place of every case) and, on top, at random, several at once.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.source import Delivery, Malformed, Unauthentic
from tests.connectors.cases import (
    Case,
    all_cases,
    body,
    delivery,
    now,
    secrets,
    settings,
    source,
    source_vendors,
)
from tests.connectors.invariants import check_draft
from tests.connectors.mutations import changes, kind_of

CASES: dict[str, list[Case]] = defaultdict(list)
for _vendor, _, _case in all_cases():
    if "drafts" in _case["expect"]:
        CASES[_vendor].append(_case)

SAYS_WHAT_IT_IS: dict[str, set[str]] = {
    "contact_form_7": set(),
    "elementor": set(),
    "google_ads": set(),
    "gravity_forms": set(),
    "jotform": set(),
    "linkedin": {"type", "leadAction"},
    "meta": {"object", "entry", "entry.*.changes", "entry.*.changes.*.field"},
    "tally": {"eventType"},
    "tiktok": {"object", "entry"},
    "typeform": {"event_type"},
    "webflow": {"triggerType"},
    "wpforms": set(),
}
"""Senders all of whose deliveries are leads, and the places that say that one is: whatever else is wrong, the lead
stays."""


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


@cache
def _tried(vendor: str) -> list[tuple[Case, str, list[TouchDraft]]]:
    """Every change of a vendor's deliveries that was no longer refused, and what it was read as."""
    found = []
    for case, (name, content) in changes(vendor):
        try:
            found.append((case, name, _read(vendor, case, delivery(case, content))))
        except Malformed:
            continue
        except Exception as error:
            raise AssertionError(f"{vendor}: {name}") from error
    return found


@pytest.mark.parametrize("vendor", source_vendors())
def test_whatever_one_place_holds_it_is_drafts_or_malformed(vendor: str) -> None:
    """Wrong types in every field, every field missing or doubled; and the kept body reads the same."""
    assert len(_tried(vendor)) > 100


@pytest.mark.parametrize("vendor", SAYS_WHAT_IT_IS)
def test_no_lead_vanishes_because_one_place_is_wrong(vendor: str) -> None:
    """An authentic lead that we cannot read is kept with its reason; only what says that it is none makes it none."""
    lost = [name for case, name, drafts in _tried(vendor) if case["expect"]["drafts"] and not drafts]
    places = {name.split(" becomes ")[0].removesuffix(" is missing").removesuffix(" is doubled") for name in lost}
    assert places <= SAYS_WHAT_IT_IS[vendor]


@pytest.mark.parametrize("vendor", source_vendors())
def test_a_field_that_is_missing_never_makes_it_another_persons(vendor: str) -> None:
    """What is missing is missing: nothing else moves into its place."""
    for case, name, drafts in _tried(vendor):
        if not name.endswith(" is missing") or kind_of(case) == "lines":
            continue
        whole = [TouchDraft.model_validate(one) for one in case["expect"]["drafts"]]
        strange = _addresses(drafts) - _addresses(whole)
        assert not strange, f"{vendor}: {name}"


def _addresses(drafts: Sequence[TouchDraft]) -> set[str]:
    """What is said to be somebody's mail address, under which name."""
    answers = (answer for draft in drafts for answer in draft.words.answers)
    return {f"{answer.key}={value}" for answer in answers for value in answer.values if "@" in value}


steps = st.lists(
    st.tuples(
        st.sampled_from(["cut", "noise", "copy", "flip"]), st.floats(0, 1), st.floats(0, 1), st.binary(max_size=9)
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("vendor", source_vendors())
@examples(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data(), done=steps)
def test_bytes_changed_at_random_anywhere(
    vendor: str, data: st.DataObject, done: Sequence[tuple[str, float, float, bytes]]
) -> None:
    case = data.draw(st.sampled_from(CASES[vendor]))
    content = body(case)
    for how, first, second, noise in done:
        content = _damaged(content, how, first, second, noise)
    attack = delivery(case, content)
    for step in (source(vendor).challenge, lambda *given: source(vendor).verify(*given, now(case))):
        try:
            step(attack, settings(case), secrets(case))
        except (Unauthentic, Malformed):
            continue
    try:
        _read(vendor, case, attack)
    except Malformed:
        return


def _read(vendor: str, case: Case, attack: Delivery) -> list[TouchDraft]:
    module = source(vendor)
    drafts = list(module.parse(attack, settings(case), now(case)))
    assert len({draft.key for draft in drafts}) == len(drafts)
    for draft in drafts:
        check_draft(draft, now(case), {})
    kept = Delivery(attack.method, attack.headers, attack.query, module.keep(attack), attack.door)
    assert list(module.parse(kept, settings(case), now(case))) == drafts, "what is kept reads otherwise"
    return drafts


def _damaged(content: bytes, how: str, first: float, second: float, noise: bytes) -> bytes:
    start, end = sorted((int(first * len(content)), int(second * len(content))))
    if how == "cut":
        return content[:start] + content[end:]
    if how == "noise":
        return content[:start] + noise + content[start:]
    if how == "copy":
        return content[:end] + content[start:]
    at = min(start, len(content) - 1)
    return content[:at] + bytes([content[at] ^ (noise or b"\x01")[0]]) + content[at + 1 :] if content else content
