"""Lead mails of portals: not the person writes, but a portal about a person, always in the same lines.

A pattern names the portal by the domain it writes from, and the labels that stand before each value. Only text is
compared, letter by letter without case: whoever can read the mail can write its pattern.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from connectors.email.address import Address
from connectors.email.trust import within
from leadrelay.domain.model import Model

_MARKS = "*-•· \t|"


class Portal(Model):
    """One kind of lead mail. `sender` is the domain of From (below it counts too), `subject` text that the subject
    holds, "" for any. `labels` maps what stands before a value to the name of the answer; `until` are the beginnings
    of lines with which the lead ends, `long` the answers that have several lines. `reply_to` says that the person's
    address is in Reply-To. `form` is the form that the rules know it by; the portal's name without one. `partner` is
    the id of the partner who gets the credit."""

    name: str = Field(pattern=r"[a-z][a-z0-9_-]{0,39}")
    sender: str = Field(pattern=r"[a-z0-9-]+(\.[a-z0-9-]+)+")
    subject: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    long: tuple[str, ...] = ("message",)
    until: tuple[str, ...] = ()
    reply_to: bool = False
    form: str | None = None
    partner: str | None = Field(default=None, pattern=r"[A-Za-z0-9_.:/+-]{1,64}")

    def wrote(self, writer: Address, subject: str) -> bool:
        """Whether this is one of its mails."""
        return within(writer.domain, self.sender) and self.subject.lower() in subject.lower()

    def answers(self, text: str) -> dict[str, str]:
        """What stands behind the labels. A value is the rest of its line or, that being empty, the next line; one of
        `long` goes on until the next label or the end. The first of a label counts."""
        found: dict[str, list[str]] = {}
        open_name: str | None = None
        for line in self._lines(text):
            label, rest = self._labelled(line)
            if label is not None:
                open_name = None if label in found else label
                found.setdefault(label, [rest] if rest else [])
            elif open_name is not None and (line.strip() or open_name in self.long):
                found[open_name].append(line.strip())
            if open_name is not None and open_name not in self.long and found[open_name]:
                open_name = None
        return {name: "\n".join(lines).strip() for name, lines in found.items() if "".join(lines)}

    def _lines(self, text: str) -> Iterator[str]:
        ends = tuple(end.lower() for end in self.until)
        for line in text.split("\n"):
            if ends and line.strip(_MARKS).lower().startswith(ends):
                return
            yield line

    def _labelled(self, line: str) -> tuple[str | None, str]:
        """The answer that begins on this line, and the rest of it; the longest label that fits."""
        bare = line.strip(_MARKS)
        for label in sorted(self.labels, key=len, reverse=True):
            start = label.rstrip(": ").lower()
            if not bare.lower().startswith(start):
                continue
            rest = bare[len(start) :].lstrip("* ")
            if not rest or rest[0] in ":|\t=":
                return self.labels[label], rest.lstrip(":|=" + _MARKS).strip()
        return None, ""
