"""Rolling rules out to a deployed stack."""

from __future__ import annotations

from typing import Any

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.bundles import Bundles
from leadrelay.aws.clients import client
from leadrelay.aws.configuration import Profile
from leadrelay.aws.rules_release import RulesRelease
from leadrelay.cli.console import refuse, say
from leadrelay.ports.errors import Misconfigured

_NEEDED = ("RulesBucket", "RulesApplication", "RulesEnvironment", "RulesProfile", "RulesStrategy")


def deploy(stack: str, version: str, text: str, *, wait: bool) -> None:
    """Deploy a bundle to the stack and say what changed. Exits 1 when the roll-out is rolled back."""
    outputs = _outputs(stack)
    bucket, application, environment, profile, strategy = (outputs[name] for name in _NEEDED)
    release = RulesRelease(Profile(application, environment, profile), Bundles(bucket), strategy)
    in_force = next((one.rules_version for one in release.history() if one.good), None)
    if in_force == version:
        say(f"{stack} already has rules {version}: nothing to do")
        return
    started = release.deploy(version, text)
    say(f"{stack}: rules {in_force or 'none'} → {version}, deployment {started.number}")
    if wait:
        _watch(release, started.number)


def _watch(release: RulesRelease, number: int) -> None:
    seen = None
    for now in release.watch(number):
        if (now.state, now.percent) != seen:
            say(f"{now.state.lower()} {now.percent:.0f} %")
        seen = (now.state, now.percent)
        if not now.running and not now.good:
            refuse(f"deployment {number} ended as {now.state}: the rules before it stay in force")


def _outputs(stack: str) -> dict[str, str]:
    """What the stack says about itself. Raises Misconfigured when it is not there or not ours."""
    make: Any = client
    with speaking_to(f"stack {stack}"):
        cloud = make("cloudformation")
        try:
            found = cloud.describe_stacks(StackName=stack)["Stacks"]
        except cloud.exceptions.ClientError as error:
            if "does not exist" not in str(error):
                raise
            raise Misconfigured(
                f"there is no stack {stack} in this account and region; `make deploy` makes it"
            ) from None
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found[0].get("Outputs", [])}
    missing = [name for name in _NEEDED if name not in outputs]
    if missing:
        raise Misconfigured(f"stack {stack} has no output {', '.join(missing)}; is it a LeadRelay stack?")
    return outputs
