"""Whom of ours they talk to: believed only from who proves it, under a name that was given for it."""

from __future__ import annotations

import pytest

from leadrelay.domain.person.talks_with import REP, talks_with
from leadrelay.domain.sources.policy import FormPolicy, SourcePolicy
from leadrelay.domain.touch import Answer, Origin, Touch, TouchKind, Trust, Words
from tests.domain.people import NOW
from tests.system import default_rules

TEAM = default_rules().team
HOSTED = SourcePolicy(vendor="calendly", defaults={REP: ("host",)})


def said(value: str, key: str = "host", more: tuple[str, ...] = ()) -> Words:
    return Words(answers=(Answer(key=key, values=(value, *more)),))


def rep(words: Words, source: SourcePolicy = HOSTED, trust: Trust = "verified", kind: TouchKind = "activity") -> object:
    touch = Touch(
        touch_id="calendly.1",
        kind=kind,
        source="calendly",
        vendor="calendly",
        trust=trust,
        received_at=NOW,
        occurred_at=NOW,
        origin=Origin(form="demo"),
    )
    return talks_with(touch, words, source, TEAM)


@pytest.mark.parametrize("value", ["anna", "anna@example.com", " Anna@Example.COM "])
def test_a_rep_is_named_by_id_or_address(value: str) -> None:
    assert rep(said(value)) == "anna"


@pytest.mark.parametrize("value", ["", "nobody", "ada@example.com", "Anna (SDR)"])
def test_who_is_not_of_the_team_is_nobody(value: str) -> None:
    assert rep(said(value)) is None


def test_of_several_hosts_the_first_of_the_team_counts() -> None:
    assert rep(said("room@example.com", more=("milica@example.com", "anna@example.com"))) == "milica"


def test_only_who_proves_it_is_believed_and_no_provider_of_data_is() -> None:
    assert rep(said("anna"), trust="unverified") is None
    assert rep(said("anna"), kind="enrichment") is None


@pytest.mark.parametrize("key", ["rep", REP, "owner", "lead.owner"])
def test_a_visitor_cannot_name_a_rep_under_a_name_that_nobody_gave_for_it(key: str) -> None:
    assert rep(said("anna", key=key)) is None


def test_a_form_may_name_a_field_of_its_own() -> None:
    source = SourcePolicy(vendor="csv", forms={"demo": FormPolicy(map={REP: ("Met by",)})})
    assert rep(said("Anna", key="met_by"), source) == "anna"
    assert rep(said("Anna", key="met_by"), source.with_(forms={})) is None
