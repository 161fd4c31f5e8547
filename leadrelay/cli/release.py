"""Rolling rules out to a deployed stack."""

from __future__ import annotations

from leadrelay.aws.bundles import Bundles
from leadrelay.aws.configuration import Profile
from leadrelay.aws.rules_release import RulesRelease
from leadrelay.aws.stack import outputs
from leadrelay.cli.console import refuse, say

_NEEDED = ("RulesBucket", "RulesApplication", "RulesEnvironment", "RulesProfile", "RulesStrategy")


def deploy(stack: str, version: str, text: str, *, wait: bool, only_first: bool = False) -> None:
    """Deploy a bundle to the stack and say what changed. Exits 1 when the roll-out is rolled back.

    `only_first` leaves a stack alone that has rules already.
    """
    release = _release(stack)
    in_force = next((one.rules_version for one in release.history() if one.good), None)
    if in_force == version:
        say(f"{stack} already has rules {version}: nothing to do")
        return
    if in_force is not None and only_first:
        say(f"{stack} has rules {in_force}; `make deploy-rules` replaces them")
        return
    started = release.deploy(version, text)
    say(f"{stack}: rules {in_force or 'none'} → {version}, deployment {started.number}")
    if wait:
        _watch(release, started.number)


def rollback(stack: str, *, wait: bool) -> None:
    """Bring the version back that was in force before. Raises Misconfigured when there is none."""
    release = _release(stack)
    back = release.rollback()
    say(f"{stack}: back to rules {back.rules_version}, deployment {back.number}")
    if wait and back.running:
        _watch(release, back.number)


def _release(stack: str) -> RulesRelease:
    told = outputs(stack, _NEEDED)
    bucket, application, environment, profile, strategy = (told[name] for name in _NEEDED)
    return RulesRelease(Profile(application, environment, profile), Bundles(bucket), strategy)


def _watch(release: RulesRelease, number: int) -> None:
    seen = None
    for now in release.watch(number):
        if (now.state, now.percent) != seen:
            say(f"{now.state.lower()} {now.percent:.0f} %")
        seen = (now.state, now.percent)
        if not now.running and not now.good:
            refuse(f"deployment {number} ended as {now.state}: the rules before it stay in force")
