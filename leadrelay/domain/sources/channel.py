"""The eight classes of channel by which money is planned.

A channel is as fine as RevOps likes it (`paid_social`, `trade_fair_berlin`); each belongs to one class, and reports of
different years and teams can be compared because the classes never change.
"""

from __future__ import annotations

from typing import Literal, get_args

ChannelClass = Literal["seo", "paid", "outbound", "webinar", "event", "partner", "referral", "direct"]
"""How somebody came: found us, was advertised to, was written to, at a webinar, at an event, sent by a partner, by
anybody else, or came by themselves."""

CLASSES: tuple[ChannelClass, ...] = get_args(ChannelClass)

CLASSIFIED = ("submission", "behaviour", "activity")
"""Kinds of touch that have a channel: what is done to a record, or found out about somebody, came by none."""
