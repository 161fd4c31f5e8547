"""What a lead comes back to after the CRM gave no answer: it was said there once, and is not said again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.memory.crm import MemoryCrm
from leadrelay.ports.crm import PutNote, RetryLater, Unknown, WriteOp, WriteResult
from leadrelay.workflows.deliver.claim import LEASE
from tests.system import Crash, System, noisy_rules
from tests.workflows import lives
from tests.workflows.delivering import PlannedCrm, sync
from tests.workflows.test_from_crm import from_crm, heard


@pytest.mark.parametrize("dies", [False, True])
def test_the_note_of_a_stage_that_was_left_before_anybody_looked(dies: bool) -> None:
    """Whether the CRM did not answer, or the worker died before it could say how far it came."""
    crm, tries = PlannedCrm(), list[str]()
    system = System(noisy_rules(), crm=crm)

    def done_unheard(op: WriteOp) -> WriteResult | None:
        if not isinstance(op, PutNote) or "note-stage-" not in op.op_id or len(tries) > 1:
            return None
        tries.append(op.op_id)
        if len(tries) == 1:
            return RetryLater(op.op_id, 5, "record")
        MemoryCrm.write(crm, [op])
        if dies:
            raise Crash
        return Unknown(op.op_id)

    crm.plan = done_unheard
    lives.send(system, lives.demo())
    system.later(seconds=10)
    stage = system.leads()[0].lead.stage
    given_back = from_crm(next(iter(crm.people)), status="nurturing", reason="no budget", timing="next_year")
    heard(system, given_back, after=1)
    for _ in range(3):
        system.later(seconds=LEASE / timedelta(seconds=1))
    assert (system.leads()[0].lead.stage, sync(system).unsure) == ("recycled", ())
    lives.send(system, lives.demo(submission="submission-0002"))
    system.later(minutes=2)
    assert system.leads()[0].lead.stage == stage
    assert [note.op_id for note in crm.notes.values()].count(tries[0]) == 1
