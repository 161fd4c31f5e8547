"""Permission: whether somebody may be called, written to, contacted at all, by everything that they and the CRM said.

A refusal holds until a newer yes that is proven: nobody takes back in another's name. Who refuses all contact refuses
each purpose. What people ticked in the CRM ("do not call") holds until it is unticked there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.person.consent import CALLS, CONTACT, MAIL, Consent, Statement, newest
from leadrelay.domain.person.policy import ConsentPolicy

How = Literal["call", "any"]
"""What is forbidden: a call, or any contact."""

FORBIDS: Mapping[How, str] = {"call": CALLS, "any": CONTACT}
"""What is forbidden -> the purpose whose refusal forbids it."""


class Forbidden(Model):
    """`who` says so: the name of a source or of a CRM; `since` when we heard of it (UTC)."""

    who: str
    since: Instant


class Permission(Model):
    """What a lead keeps of it, without personal data: for each purpose that was spoken of whether it is `allowed`; what
    is `forbidden`; the purposes that records of the CRM refuse (`refused_there`, by `crm/record`)."""

    allowed: dict[str, bool] = Field(default_factory=dict)
    forbidden: dict[How, Forbidden] = Field(default_factory=dict)
    refused_there: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def may_contact(self) -> bool:
        """Whether anybody may reach out at all."""
        return "any" not in self.forbidden

    @property
    def may_call(self) -> bool:
        """Whether anybody may call. Who said nothing may be called: they left their number."""
        return not self.forbidden

    @property
    def may_mail(self) -> bool:
        """Whether a programme may write: only a person's own refusal, or the CRM's, forbids it."""
        return self.may_contact and self.allowed.get(MAIL) is not False

    def shown(self, record: str, purposes: tuple[str, ...]) -> Permission:
        """After a record (`crm/record`) showed what it refuses."""
        others = {name: held for name, held in self.refused_there.items() if name != record}
        return self.with_(refused_there={**others, record: purposes} if purposes else others)

    def together(self, other: Permission) -> Permission:
        """Two people who are one: what the records of either refuse, is refused; the stricter wins. The rest follows
        from the profile that they have together."""
        forbidden = {**other.forbidden, **self.forbidden}
        return self.with_(refused_there={**other.refused_there, **self.refused_there}, forbidden=forbidden)


def standing(purpose: str, consents: Mapping[str, Consent], policy: Mapping[str, ConsentPolicy]) -> Statement | None:
    """The statement that holds for a purpose now, a refusal or a yes; None where nothing was said."""
    own = consents.get(purpose, Consent())
    refusal = newest(own.refused, consents.get(CONTACT, Consent()).refused)
    lifts = own.proven if purpose != CONTACT else newest(*(each.proven for each in consents.values()))
    if refusal is not None and (lifts is None or lifts.at <= refusal.at):
        return refusal
    waits = purpose in policy and policy[purpose].double_opt_in
    return own.proven if waits else newest(own.proven, own.unproven)


def allowed(
    consents: Mapping[str, Consent], refused_there: Mapping[str, tuple[str, ...]], policy: Mapping[str, ConsentPolicy]
) -> dict[str, bool]:
    """For each purpose that was spoken of whether it is allowed."""
    ticked = {purpose for purposes in refused_there.values() for purpose in purposes}
    held = {purpose: standing(purpose, consents, policy) for purpose in sorted({*policy, *consents})}
    said = {purpose: each.given for purpose, each in held.items() if each is not None}
    return {**said, **dict.fromkeys(sorted(ticked), False)}


def forbidding(
    consents: Mapping[str, Consent], refused_there: Mapping[str, tuple[str, ...]], policy: Mapping[str, ConsentPolicy]
) -> dict[How, str]:
    """What is forbidden, with who says so."""
    found: dict[How, str] = {}
    for how, purpose in FORBIDS.items():
        said = standing(purpose, consents, policy)
        there = sorted(record for record, purposes in refused_there.items() if purpose in purposes)
        if there:
            found[how] = there[0].partition("/")[0]
        elif said is not None and not said.given:
            found[how] = said.source
    return found


def told(
    consents: Mapping[str, Consent], refused_there: Mapping[str, tuple[str, ...]], policy: Mapping[str, ConsentPolicy]
) -> str | None:
    """Every purpose in a few words for people: "calls: no, in hubspot; mail: yes, 3 Nov 2026, website"."""
    ticked = {
        purpose: record.partition("/")[0] for record in sorted(refused_there) for purpose in refused_there[record]
    }
    return "; ".join(_said(consents, ticked, policy)) or None


def _said(
    consents: Mapping[str, Consent], ticked: Mapping[str, str], policy: Mapping[str, ConsentPolicy]
) -> Iterator[str]:
    for purpose in sorted({*policy, *consents, *ticked}):
        said = standing(purpose, consents, policy)
        if purpose in ticked:
            yield f"{purpose}: no, in {ticked[purpose]}"
        elif said is not None:
            yield f"{purpose}: {'yes' if said.given else 'no'}, {said.at:%-d %b %Y}, {said.source}"


_CALL, _ANY = "Write, do not call", "Do not contact"
_REWORDED = (f"{_CALL}: refused (", f"{_ANY}: refused (")
_NO_CALLS = frozenset({"Follow up", "Answer the new request", "Get in touch", "Get back in touch"})
"""Steps of our own that can be done in writing."""


def worded(what: str, permission: Permission, *, in_queue: bool) -> str:
    """A next step as it may be done. The rules' words for what a rep does mean a call, so they give way where nobody
    may call; what a queue does (nobody calls from there) is kept behind it."""
    what = _as_planned(what)
    if permission.may_call:
        return what or "Get in touch"
    how: How = "call" if permission.may_contact else "any"
    guard = f"{_ANY if how == 'any' else _CALL}: refused ({permission.forbidden[how].who})"
    written = in_queue or (how == "call" and (what in _NO_CALLS or what.startswith("Say why")))
    return f"{guard}. {what}" if what and written else guard


def _as_planned(what: str) -> str:
    """The step without what `worded` made of it; "" where that gave way altogether."""
    return what.partition("). ")[2] if what.startswith(_REWORDED) else what
