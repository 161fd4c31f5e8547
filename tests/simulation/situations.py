"""Rare situations: a run that never reached one has proven nothing about it."""

from __future__ import annotations

from collections import Counter

LEAST = 0.01
"""Each must occur in at least this share of the seeds."""

SITUATIONS = (
    "a dead letter",
    "dead letters redriven",
    "parked work redriven",
    "a worker died",
    "died right after a commit",
    "killed by its time-out",
    "the answer of a commit was lost",
    "a slow answer",
    "a message was lost",
    "the stream gave a batch up",
    "the sweep said a fact again",
    "a sweep was skipped",
    "a sweep was doubled",
    "clocks of several leads in one sweep",
    "nobody swept for a long time",
    "the sweep raced a decision",
    "two changed one record",
    "a contact was found by a second look",
    "the CRM was away when it was asked about a contact",
    "a contact corrected a breach",
    "a contact withdrew the question for another owner",
    "a former owner's clock was met",
    "a rep who let leads lie was set away",
    "two leads wanted the same turn",
    "two leads became one",
    "a sender repeated an accepted touch",
    "a malformed delivery was refused",
    "a touch was set aside with its reason",
    "a poison touch was met",
    "a message that nobody can read beside good ones",
    "a CRM write done, its answer lost",
    "an unknown outcome was looked up",
    "the CRM answered in part",
    "the CRM refused for good",
    "the CRM was asked during an outage",
    "the CRM was away for more than an hour",
    "the CRM's wish to wait was obeyed",
    "a worker met another's lease",
    "a person edited the CRM",
    "a person merged CRM records",
    "a person changed the owner in the CRM",
    "a person logged a call in the CRM",
    "a person called in the last minute",
    "a deal was won in the CRM",
    "a person gave a lead back",
    "what waited for a reader was told together",
    "a rep answered by a link",
    "a link was followed again",
    "a link came after the next assignment",
    "a person deleted a record",
    "a person entered somebody into the CRM",
    "a contact that was always in the CRM was edited",
    "a person's choice of owner was heard",
    "a lead in shadow was decided",
    "a lead in shadow went live",
    "the CRM refused one field",
    "our share of the CRM's rate was used up",
    "an owner lost the lead by the clock",
    "who asks again has an owner who is not there",
    "another team took over",
    "a lead at rest came back",
    "a sequence ended",
    "nobody could take the lead",
    "a lead was open to all of its pool",
    "a lead that waited was taken up",
    "a lead was handed over for a rep who is away",
    "the manager took who waited too long",
    "leads were given out together",
    "a rep at the cap was passed over",
    "a rep who is away was passed over",
    "a lead waited in its pool",
    "a lead that was given back did not count as a turn",
    "a contact in time",
    "a contact too late",
    "rules changed in flight",
    "rules rolled back in flight",
    "an upgrade with messages in flight",
    "a clock was wrong",
    "a clock jumped",
    "a clock was breached before it warned",
    "a score faded overnight",
    "colleagues met in an account",
    "two invocations at the same time",
)


def too_rare(seen: Counter[str], seeds: int) -> list[str]:
    """Situations that did not occur often enough."""
    return [name for name in SITUATIONS if seen[name] < LEAST * seeds]


def table(seen: Counter[str], seeds: int) -> str:
    """Each situation with the share of seeds it occurred in, rarest first."""
    rows = sorted(SITUATIONS, key=lambda name: (seen[name], name))
    return "\n".join(f"  {100 * seen[name] / seeds:6.2f} %  {name}" for name in rows)
