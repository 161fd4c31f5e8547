"""What a deployed stack says about itself: names and addresses from its outputs. Used by the command line only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client
from leadrelay.ports.errors import Misconfigured


def outputs(stack: str, needed: Sequence[str]) -> dict[str, str]:
    """The outputs of a stack. Raises Misconfigured when it is not there or lacks one that is needed."""
    make: Any = client
    with speaking_to(f"stack {stack}"):
        cloud = make("cloudformation")
        try:
            found = cloud.describe_stacks(StackName=stack)["Stacks"]
        except cloud.exceptions.ClientError as error:
            if "does not exist" not in str(error):
                raise
            problem = f"there is no stack {stack} in this account and region; `make deploy` makes it"
            raise Misconfigured(problem) from None
    told = {one["OutputKey"]: one["OutputValue"] for one in found[0].get("Outputs", [])}
    missing = [name for name in needed if name not in told]
    if missing:
        raise Misconfigured(f"stack {stack} has no output {', '.join(missing)}; is it a LeadRelay stack?")
    return told
