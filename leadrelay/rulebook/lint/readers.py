"""Who reads notices: everybody is somebody, has an address, and reads alone what is for them alone."""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.notices.policy import Night, NoticesPolicy, Quiet
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps


def people(draft: Draft) -> Iterator[Problem]:
    """Who is told in a way of their own is in the team, on a channel that is there."""
    policy, reps = draft.of(NoticesPolicy), [rep.id for rep in draft.of(TeamPolicy).reps]
    for name, person in policy.people.items():
        if name not in reps:
            message = f"'{name}' is nobody in team.yaml"
            yield draft.fault_at_key("notices", ("people", name), message, closest(name, reps))
        if person.channel is not None and person.channel not in policy.channels:
            message = f"unknown channel '{person.channel}'"
            place = ("people", name, "channel")
            yield draft.fault("notices", place, message, closest(person.channel, policy.channels))


def alone(draft: Draft) -> Iterator[Problem]:
    """A channel of one's own is nobody else's: its links answer for one person."""
    policy = draft.of(NoticesPolicy)
    shared = {rule.channel: "a rule" for rule in policy.rules}
    for name, person in policy.people.items():
        channel = policy.channels.get(person.channel or "")
        if channel is None or channel.personal:
            continue
        if person.channel in shared:
            others = f"'{person.channel}' is told to {shared[person.channel]} as well, and '{name}' would not read it"
            message = f"{others} alone; give them a channel of their own, or make the channel `personal`"
            yield draft.fault("notices", ("people", name, "channel"), message)
        shared.setdefault(person.channel or "", f"'{name}'")


def addresses(draft: Draft) -> Iterator[Problem]:
    """Who is told on a personal channel can be reached there."""
    policy, team = draft.of(NoticesPolicy), draft.of(TeamPolicy)
    ruled = any(policy.channels[rule.channel].personal for rule in policy.rules if rule.channel in policy.channels)
    own = {name for name, one in policy.people.items() if one.channel and _is_personal(policy, one.channel)}
    for number, rep in enumerate(team.reps):
        if not rep.email.strip() and (ruled or rep.id in own):
            message = f"'{rep.id}' has no `email`, and is told on a channel whose address holds it"
            yield draft.fault("team", ("reps", number), message)


def _is_personal(policy: NoticesPolicy, channel: str) -> bool:
    return channel in policy.channels and policy.channels[channel].personal


def nights(draft: Draft) -> Iterator[Problem]:
    """Quiet hours end: from a time to the same time is all day and all night."""
    policy = draft.of(NoticesPolicy)
    said: list[tuple[Steps, Quiet | None]] = [(("quiet",), policy.quiet)]
    said += [(("people", name, "quiet"), person.quiet) for name, person in policy.people.items()]
    for steps, quiet in said:
        if isinstance(quiet, Night) and _is_endless(quiet):
            yield draft.fault("notices", steps, f"from {quiet.from_} to {quiet.to} is always; they would hear nothing")


def _is_endless(night: Night) -> bool:
    """The day begins where the one before ends."""
    return len({_MIDNIGHT.get(time, time) for time in (night.from_, night.to)}) == 1


_MIDNIGHT = {"24:00": "00:00"}

CHECKS = (people, alone, addresses, nights)
