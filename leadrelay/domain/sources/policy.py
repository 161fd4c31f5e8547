"""`sources.yaml`: the enabled sources, what each form means, and by which channel somebody came."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from leadrelay.domain.model import Model
from leadrelay.domain.sources.channel import CLASSES, ChannelClass
from leadrelay.domain.sources.spam import SpamPolicy

Temperature = Literal["hot", "warm"]


class FormPolicy(Model):
    """What one form of a source means; what is None is taken from the source. `partner` is the id of the partner who
    sends everybody who comes this way, such as a portal."""

    intent: str | None = None
    product: str | None = None
    campaign: str | None = None
    partner: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.:/+-]{1,64}$")
    map: dict[str, tuple[str, ...]] = Field(default_factory=dict)


Direction = Literal["inbound", "outbound"]
"""Who wrote first."""


class SourcePolicy(FormPolicy):
    """One source. `vendor` is the connector folder, `map` our field -> sender's field names (over the vendor's own
    defaults, `defaults`, which compiling copies from its connector.toml). `country` is assumed for phone numbers
    written without a country code (ISO 3166 alpha-2). `direction` is outbound where we wrote first and people only
    answer: campaigns of ours, lists that sales work through. `screen` says whether its touches may be spam; without it
    those whose sender is not proven may (a form plug-in proves its server, and not who typed). `shadow` decides
    everything about the source's leads and shows nothing: for going live step by step. `event_source` is the partner
    event source (EventBridge) whose bus brings this source's events, as AWS names it.

    `poll_seconds` asks the vendor for what we may have missed, every so many seconds. A touch that only such a question
    brought is a gap (SourceGap) if the sender's own delivery does not come within `gap_after_minutes` after it; None
    where the sender delivers nothing, and asking is how we hear. Once a day the last `check_days` whole days (UTC) are
    listed anew and counted, form by form; None: never."""

    vendor: str
    enabled: bool = True
    channel: str = "other"
    direction: Direction = "inbound"
    country: str | None = None
    forms: dict[str, FormPolicy] = Field(default_factory=dict)
    options: dict[str, JsonValue] = Field(default_factory=dict)
    defaults: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    poll_seconds: int | None = Field(default=None, ge=1, le=86_400)
    screen: bool | None = None
    gap_after_minutes: int | None = Field(default=None, ge=1, le=10_080)
    check_days: int | None = Field(default=None, ge=1, le=90)
    event_source: str | None = Field(default=None, pattern=r"^aws\.partner/[A-Za-z0-9._/-]{1,230}$")
    shadow: bool = False

    def form(self, form_id: str | None) -> FormPolicy:
        """The form's own policy, or an empty one."""
        return self.forms.get(form_id or "", FormPolicy())


class ChannelRule(Model):
    """A channel, by condition over `touch.*`; the first that holds wins."""

    channel: str
    if_: str = Field(alias="if")


class SourcesPolicy(Model):
    """`classes` says which class each channel belongs to; every channel that a source or a rule names has one,
    or bears its name.
    `intents` says how hot a touch of that intent is; an intent with no temperature never starts a contact clock.
    `events` are the behaviours that rules may count, each with its meaning; others are stored and score nothing."""

    sources: dict[str, SourcePolicy]
    channels: tuple[ChannelRule, ...] = ()
    classes: dict[str, ChannelClass] = Field(default_factory=dict)
    intents: dict[str, Temperature | None]
    events: dict[str, str] = Field(default_factory=dict)
    spam: SpamPolicy = SpamPolicy()

    def class_of(self, channel: str) -> ChannelClass | None:
        """The class of a channel; one that bears a class's name is of that class. None where nobody said it."""
        return self.classes.get(channel) or next((one for one in CLASSES if one == channel), None)
