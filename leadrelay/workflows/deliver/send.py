"""Sending a card: the person first, then owner, task and note; an unknown outcome is read before it is sent again."""

from __future__ import annotations

from collections.abc import Sequence

from leadrelay.domain.card.card import Card
from leadrelay.domain.rules import Rules
from leadrelay.ports.crm import Crm, WriteOp
from leadrelay.workflows.deliver.diff import created, digests, followers, person, task_digest
from leadrelay.workflows.deliver.progress import Progress


def send(card: Card, progress: Progress, crm: Crm, rules: Rules) -> None:
    """Carry the card to the CRM as far as it goes now. Raises Retry, Reject or Misconfigured from reading."""
    if progress.sync.unsure:
        progress.doubt(card.fields)
    upsert = person(card, progress.sync, rules.crm, f"{progress.sync.lead_id[:12]}-person")
    if upsert is not None:
        _write([upsert], progress, crm)
        if not progress.open or progress.sync.crm_id is None:
            return
        progress.sync = progress.sync.with_(values={**_kept(progress), **digests(card)})
    _look_up(card, progress, crm)
    _write(followers(card, progress.sync, rules.crm, rules.team), progress, crm)
    if progress.open and card.task is not None:
        owner = None if card.owner is None else rules.team.rep(card.owner).crm.get(progress.sync.crm)
        seen = {**progress.sync.values, "task": task_digest(card.task, owner)}
        progress.sync = progress.sync.with_(values=seen)


def _kept(progress: Progress) -> dict[str, str]:
    """What is remembered besides the person's fields."""
    return {name: value for name, value in progress.sync.values.items() if name == "task"}


def _look_up(card: Card, progress: Progress, crm: Crm) -> None:
    """Before anything is created a second time: which of it is there already? Upserts need no such question."""
    sync = progress.sync
    if sync.unsure and sync.crm_id is not None:
        for marked in crm.find_marked(sync.crm_id, created(card, sync)):
            progress.found(marked.op_id, marked.crm_id)
        progress.sure()


def _write(ops: Sequence[WriteOp], progress: Progress, crm: Crm) -> None:
    if not ops:
        return
    for op, result in zip(ops, crm.write(ops), strict=True):
        progress.note(op, result)
