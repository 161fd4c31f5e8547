"""A touch: one inbound fact as its sender said it.

What a source says is a `TouchDraft`: it has no lead, owner, score or stage, so a payload cannot assign them.
Ingest gives it an id and stores it in two items: the `Touch` (codes only, may travel) and its `Words` (personal data,
removed by retention or erasure).
"""

from __future__ import annotations

import hashlib
from typing import Literal

from leadrelay.domain.model import Instant, Model

TouchKind = Literal["submission", "behaviour", "activity", "crm_change", "enrichment", "erasure"]

NOT_THEIRS = frozenset({"crm_change", "enrichment"})
"""Kinds of touch that are no sign of life: what was done to the record, and what somebody found out."""

Trust = Literal["verified", "unverified"]
"""`verified`: the sender proved a secret. `unverified` (browser forms) never merges leads nor overwrites a
verified field."""


class Answer(Model):
    """One answered field: the sender's key for it, the label people saw, and the values as text."""

    key: str
    values: tuple[str, ...]
    label: str | None = None


class Words(Model):
    """Everything the sender said about the person, in the sender's own names; `score` translates it.

    Keeping the sender's words means that a mapping fix heals touches that were parked as unmappable.
    """

    answers: tuple[Answer, ...] = ()
    anonymous_id: str | None = None
    user_agent: str | None = None

    def value(self, key: str) -> str | None:
        """First non-empty value of the answer with this exact key, or None."""
        return next((value for answer in self.answers if answer.key == key for value in answer.values if value), None)


class Origin(Model):
    """Where it appeared, in codes that reports need. Never personal data: pass each through `model.code`. `referrer` is
    the host that sent the visitor, `partner` the id of the partner who did."""

    form: str | None = None
    form_name: str | None = None
    page: str | None = None
    campaign: str | None = None
    campaign_id: str | None = None
    ad_group: str | None = None
    ad: str | None = None
    medium: str | None = None
    origin_source: str | None = None
    click_id: str | None = None
    referrer: str | None = None
    partner: str | None = None
    country: str | None = None
    language: str | None = None


class Deal(Model):
    """A deal as the CRM shows it. `amount` in minor units of `currency` (ISO 4217)."""

    state: Literal["open", "won", "lost"]
    amount: int | None = None
    currency: str | None = None


class CrmRecord(Model):
    """What a touch from a CRM is about, in ids and codes. `person` is the CRM's id of the person's record, `record_id`
    that of the deal or activity (the person's own id for kind `person`).

    What the record shows now, None where it was not told or is empty: `owner` the CRM's owner id, `status` and `stage`
    in our words (the CRM's own where we have none), `reason` why it was lost or given back, `decision_maker` and
    `timing` what is known of a lead that is too early, `refuses` the purposes for which somebody ticked "do not" there
    (`calls`, `mail`, `contact`). `was` are the ids that became this person by a merge or a conversion in the CRM.
    """

    crm: str
    kind: Literal["person", "deal", "activity"]
    person: str
    record_id: str
    owner: str | None = None
    status: str | None = None
    stage: str | None = None
    reason: str | None = None
    decision_maker: str | None = None
    timing: str | None = None
    refuses: tuple[str, ...] | None = None
    was: tuple[str, ...] = ()
    deal: Deal | None = None


CRM_EVENTS = ("created", "edited", "deleted", "deal", "imported")
"""What happens to a record in a CRM: the `event` of a touch of kind `crm_change`."""

CONTACT_EVENTS = ("call", "email", "meeting", "meeting_booked", "social", "sms", "whatsapp")
"""What a rep does to reach somebody: the `event` of a touch of kind `activity`. Never what a machine sent."""


Speaker = Literal["theirs", "ours"]
"""Who said something in a conversation: the person, or somebody of ours."""


MACHINE = "machine_open"
"""The medium of a touch that no person made: a mail program that opens every mail for its user, a scanner that follows
every link. A source that can tell says so in `origin.medium`; such a touch is kept and counts for nothing."""


OPENED = "email_opened"
"""The event of a mail of ours that was opened. It makes nobody a lead: a campaign to fifty thousand addresses would
make tens of thousands who have asked for nothing. Whoever follows a link, or is known already, did more."""


class TouchDraft(Model):
    """What `Source.parse` returns for each touch of a delivery.

    `key` is the sender's own identity of the touch (lead id, response token): it becomes the touch id and so the
    idempotency key, for ever. `occurred_at` is the sender's time, if it gave one. `fetch_id` is set when the sender
    gave only an id and the rest must be fetched. `event` names a behaviour or activity (`pricing_page_viewed`,
    `call`). An `enrichment` is what somebody else knows of a person that we know: it is learnt like what we look up,
    makes no lead and merges none. `suspicion` marks probable spam: stored and visible, never routed. `problem` says
    why the touch cannot be understood although it is authentic: stored and parked. `test` marks the sender's own test
    button. `record` is set for what happened in a CRM; its `words` then use our field names (`lead.email`). `talk`
    marks a message of a conversation and says whose: the CRM keeps it in a note, as its answers `text` (`said`,
    where it is ours), `attached`, `button` and `edited` have it.
    """

    kind: TouchKind
    key: str
    words: Words = Words()
    origin: Origin = Origin()
    event: str | None = None
    occurred_at: Instant | None = None
    fetch_id: str | None = None
    suspicion: str | None = None
    problem: str | None = None
    test: bool = False
    record: CrmRecord | None = None
    talk: Speaker | None = None


class Touch(Model):
    """A stored touch, without personal data. Times are UTC; `source` is the name in the rules, `vendor` its folder.
    `cleared` is the suspicion that a person looked at and found wrong. `delivery` names the raw request that brought
    it, or came after it was found in the sender's list; None where there was none (yet): a list, a file, a look-up."""

    touch_id: str
    kind: TouchKind
    source: str
    vendor: str
    trust: Trust
    received_at: Instant
    occurred_at: Instant
    origin: Origin = Origin()
    event: str | None = None
    fetch_id: str | None = None
    suspicion: str | None = None
    cleared: str | None = None
    problem: str | None = None
    test: bool = False
    record: CrmRecord | None = None
    talk: Speaker | None = None
    delivery: str | None = None


def touch_id(source: str, key: str) -> str:
    """`source.` and 32 hex of the sender's key: equal for ever for the same touch, of one length and charset."""
    return f"{source}.{hashlib.sha256(key.encode()).hexdigest()[:32]}"
