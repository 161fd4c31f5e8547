"""Saying it: the words of the reader, the links they may follow, and what their channel answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from leadrelay.domain.notices.digest import digest
from leadrelay.domain.notices.notice import Notice
from leadrelay.domain.notices.policy import Language
from leadrelay.domain.notices.readers import Reader
from leadrelay.domain.notices.text import text
from leadrelay.domain.notices.wording import Words
from leadrelay.domain.rules import Rules
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.notifier import Message, Notifier
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.links import Links

Addresses = tuple[tuple[str, str], ...]
"""Labels with the addresses behind them."""

_WHEN_MISCONFIGURED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message: sent; to be tried again after `wait`; `refused` for good, with the reason."""

    wait: timedelta | None = None
    refused: str | None = None


SENT = Fate()


@dataclass(frozen=True, slots=True)
class Voice:
    """`notifier` gives a channel by its connector and the path of its secret, `links` what people may follow to answer,
    `dictionary` the words of every language."""

    notifier: Callable[[str, str], Notifier]
    links: Links
    dictionary: Mapping[Language, Words]
    telemetry: Telemetry

    def tell(self, notice: Notice, reader: Reader) -> Fate:
        """One notice, with links for who may answer it."""
        words = self._words(reader, notice.rules)
        said, links = text(notice, reader, words), self._links(notice, reader, words)
        return self._send(Message(notice.key, said.title, said.body, links, _address(reader)), reader, notice.rules)

    def tell_all(self, key: str, notices: Sequence[Notice], reader: Reader) -> Fate:
        """Many as one, without links: what each wants is answered in the CRM. There is at least one."""
        rules = notices[0].rules
        said = digest(notices, reader, self._words(reader, rules))
        return self._send(Message(key, said.title, said.body, (), _address(reader)), reader, rules)

    def _words(self, reader: Reader, rules: Rules) -> Words:
        return self.dictionary[reader.language(rules.notices)]

    def _links(self, notice: Notice, reader: Reader, words: Words) -> Addresses:
        """A notice without links is better than none."""
        shared = reader.rep is None and not notice.rules.notices.channels[reader.channel].links
        if shared or not reader.owners:
            return ()
        try:
            return self.links.of(notice, reader.owners, words)
        except (Misconfigured, Retry) as trouble:
            self.telemetry.line("links_left_out", error=str(trouble))
            return ()

    def _send(self, message: Message, reader: Reader, rules: Rules) -> Fate:
        """A channel that is away is tried again; one that a person must mend as well, and they are told."""
        channel = rules.notices.channels[reader.channel]
        try:
            self.notifier(channel.notifier, channel.secret).send(message)
        except Retry as later:
            return Fate(wait=timedelta(seconds=later.after))
        except Misconfigured as wrong:
            self.telemetry.line("notify_misconfigured", channel=reader.channel, error=str(wrong))
            return Fate(wait=_WHEN_MISCONFIGURED)
        except Reject as refused:
            return Fate(refused=refused.reason)
        return SENT


def _address(reader: Reader) -> str:
    return "" if reader.rep is None else reader.rep.email
