"""Each sender's sample is genuine and understood: found by its folder, so adding a vendor adds it here.

Options and secrets are those of the vendor's own cases, so every mode that has a case is tried.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from connectors import registry
from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Touch, TouchDraft, Words, touch_id
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.fetch import Completed
from leadrelay.ports.sample import Person, Sample, Sent, Visit
from leadrelay.ports.source import Malformed, SecretValues, SourceSettings, Unauthentic
from tests.connectors.cases import all_cases, secrets, settings, source, source_vendors
from tests.connectors.invariants import check_draft
from tests.rulebook.editing import changed, compiled, copied

NOW = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
WHO = Person(
    "Zoë", "Sample", "zoe@amber.example", "+12025550143", "Head of Data", "Amber", "Poland", "Software", 120
)  # fmt: skip
FORM = "650000000001"
"""An id that every sender could have given: digits, and the end of a record's."""
VISIT = Visit(
    "any", WHO, FORM, "visit-0001", "Please call me, it's about a “first” project.", utm={"campaign": "spring"}
)
VENDORS = source_vendors()
CRMS = frozenset(vendor for vendor in VENDORS if "crm" in registry.roles(vendor))
"""A CRM's sample is a change of a record, and says nothing of the person."""

Set = tuple[str, SourceSettings, SecretValues]


def _sets() -> Iterator[Any]:
    """Vendor, settings and secrets of each way in which a genuine case was set up."""
    seen: set[str] = set()
    for vendor, path, case in all_cases():
        made = settings(case)
        known = json.dumps([vendor, made.options], default=str, sort_keys=True)
        if "sample" in registry.roles(vendor) and "drafts" in case["expect"] and known not in seen:
            seen.add(known)
            yield pytest.param((vendor, made, {**secrets(case), **_trial(vendor)}), id=f"{vendor}-{path.stem}")


def _trial(vendor: str) -> dict[str, tuple[str, ...]]:
    """The secrets that must fit together, where a vendor has such."""
    together = getattr(registry.load("sample", vendor), "trial_secrets", dict)
    return {name: (value,) for name, value in together().items()}


SETS = list(_sets())


def _sent(one: Set, visit: Visit = VISIT, at: datetime = NOW) -> Sent:
    vendor, made, known = one
    sample = cast(Sample, registry.load("sample", vendor))
    return sample.build(visit, made, known, at)


def _drafts(one: Set, visit: Visit = VISIT, at: datetime = NOW) -> list[TouchDraft]:
    sent = _sent(one, visit, at)
    return list(source(one[0]).parse(sent.delivery(), one[1], at))


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_sender_has_a_sample(vendor: str) -> None:
    assert "sample" in registry.roles(vendor)
    assert any(one.values[0][0] == vendor for one in SETS)


@pytest.mark.parametrize("one", SETS)
def test_it_is_genuine(one: Set) -> None:
    vendor, made, known = one
    delivery = _sent(one).delivery()
    assert all(name == name.lower() for name in delivery.headers)
    assert source(vendor).challenge(delivery, made, known) is None
    trust = source(vendor).verify(delivery, made, known, NOW)
    assert trust == ("unverified" if made.options.get("mode") == "browser" else "verified")


@pytest.mark.parametrize("one", SETS)
def test_nobody_else_could_have_sent_it(one: Set) -> None:
    """With other secrets it is refused; what a page sends keeps none."""
    vendor, made, known = one
    if made.options.get("mode") == "browser" or _sent(one).door == "mail":
        pytest.skip("nothing to keep secret")
    other = dict.fromkeys(known, ("another-invented-secret-0123456789",)) | _trial(vendor)
    with pytest.raises((Unauthentic, Malformed)):
        source(vendor).verify(_sent((vendor, made, other)).delivery(), made, known, NOW)


@pytest.mark.parametrize("one", SETS)
def test_it_becomes_touches_that_make_sense(one: Set) -> None:
    drafts = _drafts(one)
    assert drafts
    for draft in drafts:
        check_draft(draft, NOW, one[2])
        assert draft.problem is None
        assert not draft.test
        assert not draft.suspicion


@pytest.mark.parametrize("one", SETS)
def test_a_visit_is_one_touch_and_another_visit_another(one: Set) -> None:
    keys = [draft.key for draft in _drafts(one)]
    assert [draft.key for draft in _drafts(one)] == keys
    other = replace(VISIT, key="visit-0002")
    assert not {draft.key for draft in _drafts(one, other)} & set(keys)


@pytest.mark.parametrize("one", SETS)
def test_nothing_of_the_secret_stays(one: Set) -> None:
    kept = source(one[0]).keep(_sent(one).delivery())
    assert not [value for values in one[2].values() for value in values if value.encode() in kept]


@pytest.mark.parametrize("one", SETS)
def test_a_missing_secret_is_named(one: Set) -> None:
    if one[1].options.get("mode") == "browser" or _sent(one).door == "mail":
        pytest.skip("it needs none")
    with pytest.raises(KeyError) as caught:
        _sent((one[0], one[1], {}))
    assert caught.value.args[0] in registry.manifest(one[0]).secrets


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """The company's own rules, with a source of every vendor."""
    folder = copied(tmp_path_factory.mktemp("rules"))
    rows = [f"  sample_{vendor}: {{vendor: {vendor}, intent: contact_request}}" for vendor in VENDORS]
    changed(folder, "sources", "\nsources:\n", "\n".join(["", "sources:", *rows, ""]))
    return compiled(folder).rules


@pytest.mark.parametrize("one", [one for one in SETS if one.values[0][0] not in CRMS])
def test_the_person_is_understood_with_the_vendors_own_names(one: Set, rules: Rules) -> None:
    words, heard = _heard(one, rules, VISIT)
    assert heard.values.get("lead.email") == WHO.email or heard.values.get("lead.phone") == WHO.phone
    assert heard.identities
    assert {answer.key for answer in words.answers} & set(registry.manifest(one[0]).fields)


@pytest.mark.parametrize("one", [one for one in SETS if one.values[0][0] not in CRMS])
def test_what_nobody_knows_the_names_of_is_not_understood(one: Set, rules: Rules) -> None:
    """Only of senders that name their fields; a call or a booking always says who it is."""
    _, heard = _heard(one, rules, replace(VISIT, mapped=False))
    assert heard.values.get("account.name") is None


@pytest.mark.parametrize("one", [one for one in SETS if one.values[0][0] in CRMS])
def test_a_crms_sample_names_a_record(one: Set) -> None:
    (draft,) = _drafts(one)
    assert draft.kind == "crm_change"
    assert draft.fetch_id
    assert FORM in draft.fetch_id


def _heard(one: Set, rules: Rules, visit: Visit) -> tuple[Words, Heard]:
    (draft,) = _drafts(one, visit)
    touch = _touch(f"sample_{one[0]}", one[0], draft)
    completed = _completed(one, visit, touch)
    words = completed.words if completed else draft.words
    return words, understood(touch, words, rules, NOW)


def _touch(name: str, vendor: str, draft: TouchDraft) -> Touch:
    return Touch(
        touch_id=touch_id(name, draft.key),
        kind=draft.kind,
        source=name,
        vendor=vendor,
        trust="verified",
        received_at=NOW,
        occurred_at=draft.occurred_at or NOW,
        origin=draft.origin,
        event=draft.event,
        fetch_id=draft.fetch_id,
    )


def _completed(one: Set, visit: Visit, touch: Touch) -> Completed | None:
    """What the vendor's own stand-in says when it is asked for the lead."""
    later = _sent(one, visit).later
    if later is None:
        return None
    serve = registry.load("sandbox", one[0]).serve
    known = {"access_token": "an-access-token-of-the-samples", "app_secret": "an-app-secret-of-the-samples"}
    taken = {name: value for name, value in known.items() if name in inspect.signature(serve).parameters}
    with closing(serve(**taken)) as sandbox:
        sandbox.world.add([dict(later)])
        fetch = registry.load("fetch", one[0]).fetch(known, sandbox.url, one[1].options)
        found = fetch.complete(touch)
        assert isinstance(found, Completed)
        return found


@pytest.mark.parametrize("one", [one for one in SETS if one.values[0][0] in {"segment", "zoom", "standard_webhooks"}])
def test_who_can_tell_of_a_behaviour_does(one: Set) -> None:
    (draft,) = _drafts(one, replace(VISIT, event="webinar_attended"))
    assert (draft.kind, draft.event) == ("behaviour", "webinar_attended")


@pytest.mark.parametrize("vendor", ["tiktok", "google_ads", "linkedin", "hubspot", "salesforce"])
def test_a_form_that_the_sender_cannot_have_is_refused(vendor: str) -> None:
    one = next(one.values[0] for one in SETS if one.values[0][0] == vendor)
    with pytest.raises(ValueError):  # noqa: PT011 each sender says it in its own words
        _sent(one, replace(VISIT, form="demo"))


def test_a_vendor_without_samples_is_named() -> None:
    with pytest.raises(Misconfigured, match="'csv' has no role 'sample'"):
        registry.load("sample", "csv")
