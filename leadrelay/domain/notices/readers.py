"""Who reads a notice, and where: each person on a channel of their own, or together on a shared one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leadrelay.domain.notices.notice import Notice
from leadrelay.domain.notices.policy import Language, NoticeRule, NoticesPolicy
from leadrelay.domain.routing.team import Rep


@dataclass(frozen=True, slots=True)
class Reader:
    """One person who reads alone (`rep`), or a shared channel. `people` are whom the rules name, `owners` those of them
    who may answer. `at_night`: what is told does not wait."""

    channel: str
    rep: Rep | None
    people: tuple[Rep, ...]
    owners: tuple[Rep, ...]
    at_night: bool

    @property
    def id(self) -> str:
        """A code: the channel, with the rep where only they read."""
        return self.channel if self.rep is None else f"{self.channel}:{self.rep.id}"

    def language(self, policy: NoticesPolicy) -> Language:
        """The person's own, else that of the channel, else the common one."""
        own = None if self.rep is None else policy.person(self.rep.id).language
        return own or policy.channels[self.channel].language or policy.language

    def zone(self, notice: Notice) -> str:
        """The calendar whose clocks they read: their own, or that of the lead's owner."""
        team = notice.rules.team
        rep = self.rep or team.rep(notice.lead.ownership.rep or team.revops)
        return rep.calendar


def readers(notice: Notice) -> tuple[Reader, ...]:
    """Everybody who is told, each channel or person once, in the order of the rules."""
    found: dict[str, Reader] = {}
    for rule in notice.rules.notices.named(notice.kind):
        for reader in _of_rule(rule, notice):
            known = found.get(reader.id)
            found[reader.id] = reader if known is None else _both(known, reader)
    return tuple(found.values())


def reader_of(channel: str, rep: str | None, notices: Sequence[Notice]) -> Reader:
    """Who reads all of these (one at least) on a channel, alone if it is a rep."""
    team = notices[0].rules.team
    alone = None if rep is None else team.rep(rep)
    found = Reader(channel, alone, () if alone is None else (alone,), (), False)
    for reader in (reader for notice in notices for reader in readers(notice) if reader.id == found.id):
        found = _both(found, reader)
    return found


def _of_rule(rule: NoticeRule, notice: Notice) -> Iterator[Reader]:
    policy, owners = notice.rules.notices, _answering(rule, notice)
    shared = None if policy.channels[rule.channel].personal else rule.channel
    for rep in dict.fromkeys(rep.id for role in rule.to for rep in people_of(role, notice)):
        person, own = notice.rules.team.rep(rep), policy.person(rep).channel
        alone = own is not None or shared is None
        answers = tuple(each for each in owners if each.id == rep)
        yield Reader(own or rule.channel, person if alone else None, (person,), answers, rule.at_night)


def _both(first: Reader, second: Reader) -> Reader:
    return Reader(
        first.channel,
        first.rep,
        _once(first.people, second.people),
        _once(first.owners, second.owners),
        first.at_night or second.at_night,
    )


def _once(first: Sequence[Rep], second: Sequence[Rep]) -> tuple[Rep, ...]:
    known = {rep.id for rep in first}
    return (*first, *(rep for rep in second if rep.id not in known))


def people_of(role: str, notice: Notice) -> Sequence[Rep]:
    """The people of a role; where nobody has it, or who has it has left the team, RevOps stands in."""
    team, pool = notice.rules.team, notice.pool
    known = {rep.id for rep in team.reps}
    roles: dict[str, Sequence[str | None]] = {
        "owner": (notice.needed.rep,),
        "manager": (None if pool is None else pool.manager,),
        "revops": (team.revops,),
        "pool": () if pool is None else [rep for rep in pool.reps if rep not in notice.lead.ownership.skipped],
        "chain": (_in_chain(notice),),
    }
    return [team.rep(rep if rep is not None and rep in known else team.revops) for rep in roles[role] or (None,)]


def _in_chain(notice: Notice) -> str | None:
    """Level 1 is the manager, then who is named above, in the end RevOps."""
    if notice.pool is None:
        return None
    chain = (notice.pool.manager, *notice.pool.escalation, notice.rules.team.revops)
    return chain[min(max(notice.needed.level, 1), len(chain)) - 1]


def _answering(rule: NoticeRule, notice: Notice) -> Sequence[Rep]:
    """Whom the notice was asked for as the owner, or all whom the lead is open to; what each may answer by now is for
    the links to say. Nobody answers for a source."""
    if notice.needed.source is not None:
        return ()
    role = "owner" if notice.lead.ownership.waits is None else "pool"
    return people_of(role, notice) if role in rule.to else ()
