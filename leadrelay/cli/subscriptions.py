"""What a sender says of its webhooks, judged: is there one that comes to us, and is it on?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadrelay.ports.crm_setup import Check
from leadrelay.ports.errors import Misconfigured, PortError
from leadrelay.ports.fetch import Subscribed, Subscription


def checked(fetcher: Subscribed, wanted: str, steps: str) -> Iterator[Check]:
    """One finding for each thing whose deliveries should come to `wanted`; `steps` is where it is told how to connect.
    What cannot be looked at is a finding too."""
    try:
        found = fetcher.subscriptions()
    except PortError as trouble:
        fix = str(trouble) if isinstance(trouble, Misconfigured) else "try again later"
        yield Check("webhooks", ok=False, detail=str(trouble), fix=fix)
        return
    if not found:
        yield Check("webhooks", ok=False, detail="nothing to look at", fix="name the forms in the source's options")
    for about, webhooks in found:
        yield _judged(about, webhooks, wanted, steps)


def _judged(about: str, webhooks: Sequence[Subscription], wanted: str, steps: str) -> Check:
    ours = [each for each in webhooks if not each.url or _same(each.url, wanted)]
    notes = ", ".join(sorted({each.note for each in ours if each.note}))
    if any(each.active for each in ours):
        return Check(about, ok=True, detail="delivers", fix=next((each.note for each in ours if each.active), ""))
    if ours:
        detail = f"switched off ({notes})" if notes else "switched off"
        return Check(about, ok=False, detail=detail, fix=f"switch it on again, and look at why it was: {steps}")
    others = f"; {len(webhooks)} go elsewhere" if webhooks else ""
    return Check(about, ok=False, detail=f"no webhook to {wanted}{others}", fix=f"connect it: {steps}")


def _same(one: str, other: str) -> bool:
    """What follows the question mark may be a secret of ours."""
    return one.partition("?")[0].rstrip("/") == other.rstrip("/")
