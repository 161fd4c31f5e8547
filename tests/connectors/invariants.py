"""What holds for every draft, whatever its sender: a recorded expectation is checked against this too."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from leadrelay.domain.model import code
from leadrelay.domain.touch import CONTACT_EVENTS, CRM_EVENTS, TouchDraft
from leadrelay.ports.source import SecretValues

MAX_VALUE = 8192
EVENTFUL = frozenset({"behaviour", "activity", "crm_change"})


def check_draft(draft: TouchDraft, now: datetime, secrets: SecretValues) -> None:
    assert draft.key.strip()
    assert TouchDraft.model_validate_json(draft.model_dump_json()) == draft
    assert (draft.kind in EVENTFUL) == bool(draft.event)
    assert draft.kind != "crm_change" or draft.event in CRM_EVENTS
    assert draft.kind != "activity" or draft.event in CONTACT_EVENTS
    said = draft.words.answers or draft.fetch_id or draft.problem or draft.test or draft.event
    assert said or (draft.kind == "erasure" and draft.record), "says nothing, and no why"
    if draft.occurred_at:
        assert draft.occurred_at.utcoffset() == timedelta(0)
        assert draft.occurred_at <= now + timedelta(seconds=300)
    for value in draft.origin.model_dump().values():
        assert value is None or value == code(value), f"{value!r} is no code"
    for answer in draft.words.answers:
        assert answer.key
        assert answer.values
        for value in (answer.key, answer.label or "x", *answer.values):
            _check_text(value)
    written = draft.model_dump_json()
    assert not [value for values in secrets.values() for value in values if value in written], "a secret is kept"


def _check_text(value: str) -> None:
    assert value
    assert len(value.encode("utf-8")) <= MAX_VALUE
    assert unicodedata.is_normalized("NFC", value)
    assert not [char for char in value if char not in "\n\t" and unicodedata.category(char) in {"Cc", "Cf", "Cs"}]
