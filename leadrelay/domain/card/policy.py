"""`crm.yaml` and `notices.yaml`: which CRM, which fields are ours there, who hears what on which channel."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Model

FieldUse = Literal["own", "fill_if_empty", "forward_only", "never"]


class CrmPolicy(Model):
    """`vendor` is the connector folder. `fields` overrides what we do with a field of the card: `own` it, only
    `fill_if_empty`, `forward_only`, or `never` write it."""

    vendor: str
    fields: dict[str, FieldUse] = Field(default_factory=dict)
    next_step_task: bool = True
    assignment_note: bool = True


class Channel(Model):
    """A way to reach people. `notifier` is the connector folder, `secret` the path of its address and token."""

    notifier: str
    secret: str


class NoticeRule(Model):
    """Who hears of a kind of notice, and where. `to`: the lead's owner, the pool's manager, or RevOps."""

    notice: str
    to: tuple[Literal["owner", "manager", "revops"], ...]
    channel: str


class NoticesPolicy(Model):
    """A notice that no rule names is not said at all."""

    channels: dict[str, Channel] = Field(default_factory=dict)
    rules: tuple[NoticeRule, ...] = ()

    def named(self, notice: str) -> tuple[NoticeRule, ...]:
        """The rules for a kind of notice."""
        return tuple(rule for rule in self.rules if rule.notice == notice)
