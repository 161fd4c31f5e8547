"""The records of the table: what is stored under which key, when it is due, in which list it shows."""

from __future__ import annotations

from leadrelay.ports.records.companies import (
    OWNERS,
    Answered,
    Company,
    CompanyRecord,
    NamesRecord,
    PeopleRecord,
    company_key,
    names_key,
    people_key,
)
from leadrelay.ports.records.counts import CountRecord
from leadrelay.ports.records.deliveries import DeliveryRecord, RepeatRecord, delivery_key
from leadrelay.ports.records.leads import (
    IdentRecord,
    LeadRecord,
    ident_key,
    lead_key,
)
from leadrelay.ports.records.nights import (
    RescoreRecord,
    SupersededRecord,
    judged_by,
    rescore_key,
    superseded_key,
)
from leadrelay.ports.records.notices import DIGEST, NoticeRecord, ReaderRecord, notice_key, reader_key
from leadrelay.ports.records.outside import (
    AccountRecord,
    MapRecord,
    Refusal,
    SyncRecord,
    account_key,
    map_key,
    sync_key,
)
from leadrelay.ports.records.polls import CursorRecord, DayRecord, cursor_key, day_key
from leadrelay.ports.records.reps import PoolRecord, RepRecord, pool_key, rep_key
from leadrelay.ports.records.touches import (
    LogRecord,
    TouchRecord,
    TouchState,
    UnpublishedRecord,
    WordsRecord,
    touch_key,
    words_key,
)
from leadrelay.ports.store import Record

__all__ = [
    "DIGEST",
    "OWNERS",
    "RECORDS",
    "AccountRecord",
    "Answered",
    "Company",
    "CompanyRecord",
    "CountRecord",
    "CursorRecord",
    "DayRecord",
    "DeliveryRecord",
    "IdentRecord",
    "LeadRecord",
    "LogRecord",
    "MapRecord",
    "NamesRecord",
    "NoticeRecord",
    "PeopleRecord",
    "PoolRecord",
    "ReaderRecord",
    "Refusal",
    "RepRecord",
    "RepeatRecord",
    "RescoreRecord",
    "SupersededRecord",
    "SyncRecord",
    "TouchRecord",
    "TouchState",
    "UnpublishedRecord",
    "WordsRecord",
    "account_key",
    "company_key",
    "cursor_key",
    "day_key",
    "delivery_key",
    "ident_key",
    "judged_by",
    "lead_key",
    "map_key",
    "names_key",
    "notice_key",
    "people_key",
    "pool_key",
    "reader_key",
    "rep_key",
    "rescore_key",
    "superseded_key",
    "sync_key",
    "touch_key",
    "words_key",
]

RECORDS: tuple[type[Record], ...] = (
    TouchRecord,
    WordsRecord,
    DeliveryRecord,
    RepeatRecord,
    LogRecord,
    LeadRecord,
    IdentRecord,
    PoolRecord,
    RepRecord,
    SyncRecord,
    NoticeRecord,
    ReaderRecord,
    MapRecord,
    UnpublishedRecord,
    CursorRecord,
    DayRecord,
    CompanyRecord,
    PeopleRecord,
    NamesRecord,
    AccountRecord,
    RescoreRecord,
    SupersededRecord,
    CountRecord,
)
"""Every kind of record, for stores that must read them back."""
