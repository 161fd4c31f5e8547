"""Each fault about consents, relations and who may not be contacted, at its place, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rulebook.editing import changed, copied, problems

_MAIL = "given_by: [{}]\n    refused_by: [unsubscribed, group_unsubscribed, spam_reported]\n    {}"
"""How the purpose `mail` is given and refused in the default rules."""

FAULTS = [
    (
        "routing",
        'lead.relation == "supplier"',
        'lead.relation == ‸"suplier"',
        "'lead.relation' is never 'suplier'",
        "supplier",
    ),
    (
        "routing",
        "do_not_contact: do_not_contact",
        "do_not_contact: ‸do_not_kontact",
        "team.yaml has no queue 'do_not_kontact'",
        "do_not_contact",
    ),
    ("segments", "  - id: supplier\n", "  - id: ‸supliers\n", "no rule of routing.yaml asks for 'supliers'", None),
    ("segments", "  - id: student\n", "  - id: ‸supplier\n", "'supplier' is taken", None),
    (
        "segments",
        'if: account.domain in ["competitor.example"',
        'if: ‸lead.relation == "student" or account.domain in ["competitor.example"',
        "'lead.relation' is not known yet here",
        None,
    ),
    (
        "segments",
        'mentions(lead.job_title, ["student",',
        'mentions(‸lead.job_titel, ["student",',
        "unknown field 'lead.job_titel'",
        "lead.job_title",
    ),
    (
        "team",
        "next_step: Forward to purchasing, next_step_days: 5, status: unqualified",
        "next_step: Forward to purchasing, next_step_days: 5, status: ‸unqualifed",
        "unknown status 'unqualifed'",
        "unqualified",
    ),
    (
        "fields",
        "refused_by: [unsubscribed, group",
        "refused_by: [‸unsubscribe, group",
        "'unsubscribe' never happens",
        "unsubscribed",
    ),
    (
        "fields",
        "given_by: [newsletter, subscription_confirmed, group_resubscribed]",
        "given_by: [‸newsleter]",
        "'newsleter' never happens",
        "newsletter",
    ),
    (
        "fields",
        _MAIL.format("newsletter, subscription_confirmed, group_resubscribed", "double_opt_in: false"),
        _MAIL.format("newsletter", "‸double_opt_in: true"),
        "nothing confirms it",
        None,
    ),
    (
        "fields",
        "refuses: [unsubscribe, opt out,",
        "refuses: [unsubscribe, opt out, ‸Opt_In,",
        "'Opt_In' already means consent.mail",
        None,
    ),
    (
        "sources",
        "      contact: { intent: contact_request }\n",
        "      contact: { intent: contact_request, map: { ‸consent.mial: [box] } }\n",
        "unknown field 'consent.mial'",
        "consent.mail",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "message", "suggestion"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_fault_is_named_at_its_character(
    tmp_path: Path, file: str, old: str, new: str, message: str, suggestion: str | None
) -> None:
    rules = copied(tmp_path)
    place = changed(rules, file, old, new)
    found = [one for one in problems(rules) if (one.line, one.column) == place]
    assert [(message in one.message, one.suggestion) for one in found] == [(True, suggestion)], problems(rules)


def test_a_box_means_one_thing_alone(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "fields", "refuses: [unsubscribe, opt out,", "refuses: [do-not-call, opt out,")
    assert [one.message for one in problems(rules)] == ["'do not call' already means refuse.mail"]
