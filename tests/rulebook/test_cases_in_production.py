"""An explanation is only worth something if production decides the same: golden leads through the real workflows."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadrelay.ports.records import RepRecord
from leadrelay.rulebook.case import Case, Outcome, read_case
from leadrelay.rulebook.explain import explain, outcome_of
from tests.rulebook.editing import PROJECT
from tests.system import System


def _postable(case: Case) -> bool:
    """A signed web form sends submissions and behaviours; a call comes from elsewhere, an unproven word from a browser,
    of time that passes the sweep tells, and of companies who knows them."""
    proven = all(touch.trust == "verified" for touch in case.touches)
    sent = all(touch.source == "website" and touch.kind != "activity" for touch in case.touches)
    return case.until is None and not case.company and proven and sent


CASES = [path for path in sorted((PROJECT / "infra" / "cases").glob("*.yaml")) if _postable(read_case(path))]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_webhooks_end_where_the_explanation_says(path: Path) -> None:
    case, system = read_case(path), System()
    for rep, said in case.reps.items():
        system.store.put(RepRecord(version=1, rep_id=rep, state=said.state(case.touches[0].at)))
    for number, touch in enumerate(case.touches):
        system.clock.set(touch.at)
        body = {
            "submission_id": f"sample-{number:04d}",
            "fields": touch.fields,
            "form": touch.form,
            "event": touch.event,
        }
        utm = {"utm_source": touch.origin.origin_source, "utm_medium": touch.origin.medium}
        click, _, value = (touch.origin.click_id or "").partition(":")
        said = {**body, **utm, "referrer": touch.origin.referrer, click: value or None}
        reply = system.post({key: value for key, value in said.items() if value is not None})
        assert reply.status == 200
        system.settle()
    (record,) = system.leads()
    assert _but_for_chance(outcome_of(record.lead), case) == _but_for_chance(
        explain(case, system.rules_now).outcome, case
    )
    assert not system.failed


def _but_for_chance(outcome: Outcome, case: Case) -> Outcome:
    """Between equals the hash of the lead's id decides, and a case has another id."""
    return outcome if "rep" in case.expect.model_fields_set else outcome.with_(rep=None, sdr=None, ae=None)


def test_most_cases_take_part() -> None:
    assert len(CASES) >= 14
