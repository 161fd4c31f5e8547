"""Log rows: one per commit, the outbox of its facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from leadrelay.domain.facts import Context, Fact, Metadata, say
from leadrelay.domain.model import Instant
from leadrelay.ports.records import (
    CursorRecord,
    LogRecord,
    NoticeRecord,
    PoolRecord,
    ReaderRecord,
    RepRecord,
    SyncRecord,
    TouchRecord,
)


def answering(metadata: Metadata, at: Instant, rules_version: str | None = None) -> Context:
    """The context of a commit that answers a fact; its rules unless others are named."""
    return Context(
        correlation_id=metadata.correlation_id,
        causation_id=metadata.fact_id,
        rules_version=rules_version or metadata.rules_version,
        at=at,
    )


def touch_log(touch: TouchRecord, facts: Sequence[Fact], context: Context) -> LogRecord:
    """The log row of a touch's commit; `touch` is the record as it is committed."""
    touch_id = touch.touch.touch_id
    return _row(_Place(f"TOUCH#{touch_id}", "LOG", touch_id, None), touch.version, facts, context, {})


def lead_log(
    lead_id: str, version: int, facts: Sequence[Fact], context: Context, decision: Mapping[str, JsonValue]
) -> LogRecord:
    """The log row of a lead's commit: folding all of them gives the lead."""
    return _row(_Place(f"LEAD#{lead_id}", "LOG", lead_id, lead_id), version, facts, context, decision)


def sync_log(sync: SyncRecord, facts: Sequence[Fact], context: Context) -> LogRecord:
    """The log row of a delivery: its own sequence, so that a busy CRM never holds up a decision."""
    lead_id = sync.lead_id
    place = _Place(f"LEAD#{lead_id}", f"SYNCLOG#{sync.crm}", f"{lead_id}:sync-{sync.crm}", lead_id)
    return _row(place, sync.version, facts, context, {})


def poll_log(cursor: CursorRecord, facts: Sequence[Fact], context: Context) -> LogRecord:
    """The log row of a source's turn to be asked."""
    name = f"POLL#{cursor.source}"
    return _row(_Place(name, "LOG", name.lower().replace("#", ":"), None), cursor.version, facts, context, {})


def source_log(cursor: CursorRecord, facts: Sequence[Fact], context: Context) -> LogRecord:
    """The log row of what was counted of a source, beside its days; `cursor` is the record as it is committed."""
    name = f"SOURCE#{cursor.source}"
    return _row(_Place(name, "LOG", name.lower().replace("#", ":"), None), cursor.version, facts, context, {})


def rep_log(rep: RepRecord, facts: Sequence[Fact], context: Context) -> LogRecord:
    """The log row of what happened to a rep; `rep` is the record as it is committed."""
    return _row(_Place(f"REP#{rep.rep_id}", "LOG", f"rep:{rep.rep_id}", None), rep.version, facts, context, {})


def pool_log(pool: PoolRecord, facts: Sequence[Fact], context: Context) -> LogRecord:
    """The log row of what a person said about a pool's turns; `pool` is the record as it is committed."""
    return _row(_Place(f"POOL#{pool.pool_id}", "LOG", f"pool:{pool.pool_id}", None), pool.version, facts, context, {})


def notice_log(notice: NoticeRecord, facts: Sequence[Fact], context: Context) -> LogRecord:
    """The log row of a notice, beside what it is about."""
    about, notice_id = notice.lead_id or f"source:{notice.source}", notice.notice_id
    pk, stream = notice.key().pk, f"NOTICELOG#{notice_id}"
    place = _Place(pk, stream, f"{about}:notice-{notice_id}", notice.lead_id or None)
    return _row(place, notice.version, facts, context, {})


def reader_log(reader: ReaderRecord, facts: Sequence[Fact], context: Context) -> LogRecord:
    """The log row of what waits for a reader; `reader` is the record as it is committed."""
    name = reader.reader
    return _row(_Place(f"READER#{name}", "LOG", f"reader:{name}", None), reader.version, facts, context, {})


@dataclass(frozen=True, slots=True)
class _Place:
    """A log's partition, the prefix of its rows, the name its fact ids begin with, and whose log it is."""

    pk: str
    stream: str
    name: str
    lead_id: str | None


def _row(
    place: _Place, version: int, facts: Sequence[Fact], context: Context, decision: Mapping[str, JsonValue]
) -> LogRecord:
    return LogRecord(
        version=1,
        pk=place.pk,
        sk=f"{place.stream}#{version:010d}",
        cause=context.causation_id,
        rules_version=context.rules_version,
        at=context.at,
        facts=say(facts, f"{place.name}:{version}", place.lead_id, context),
        decision=dict(decision),
    )
