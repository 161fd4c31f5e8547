"""What an owner put off, as the lead remembers it."""

from __future__ import annotations

from leadrelay.domain.model import Instant, Model


def kind_of(notice_id: str) -> str:
    """The kind of a notice, which its id begins with."""
    return notice_id.partition("-")[0]


class Snooze(Model):
    """The owner of this `hop` does not want to be reminded before `until` (UTC); `notice_id` is the reminder by which
    they said so."""

    notice_id: str
    hop: int
    until: Instant

    @property
    def notice(self) -> str:
        """The kind."""
        return kind_of(self.notice_id)
