"""Consent: what somebody allowed and refused, for which purpose, with the words they saw, when, and where.

Of the statements about one purpose three are kept: the newest refusal, the newest proven yes and the newest unproven
one. Each is a maximum, so the same statements in any order, any number of times, and merged in any way, leave the same.
What they mean together is said in `permission`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.person import normal
from leadrelay.domain.person.policy import ConsentPolicy
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import MACHINE, Answer, Touch, Words

CALLS, CONTACT, MAIL = "calls", "contact", "mail"
"""Purposes that decisions know: calls, any contact at all, and mails. The rules may name more."""

GIVEN, REFUSED = "consent", "refuse"
"""In a source's map: `consent.mail` is a field whose yes allows mails, `refuse.mail` one whose yes refuses them."""

_TEXT_LIMIT = 500


class Statement(Model):
    """One yes or no. `text` is what the person saw beside the box, `at` when they said it (UTC). `proven`: the sender
    proved a secret, and where the purpose wants a double opt-in it is the confirmation."""

    given: bool
    at: Instant
    proven: bool
    source: str
    touch_id: str
    text: str = ""

    def order(self) -> tuple[Instant, str, str, bool, str]:
        """By time, then by touch: never by the order of arrival."""
        return (self.at, self.touch_id, self.text, self.proven, self.source)


class Consent(Model):
    """What still matters of everything said about one purpose."""

    refused: Statement | None = None
    proven: Statement | None = None
    unproven: Statement | None = None

    def heard(self, said: Statement) -> Consent:
        """With this statement; the newer one of its kind stays."""
        kind = "refused" if not said.given else "proven" if said.proven else "unproven"
        return self.with_(**{kind: newest(getattr(self, kind), said)})

    def statements(self) -> Iterator[Statement]:
        """Those that are kept."""
        yield from filter(None, (self.refused, self.proven, self.unproven))


def newest(*statements: Statement | None) -> Statement | None:
    """The last one said."""
    return max(filter(None, statements), key=Statement.order, default=None)


def together(known: Mapping[str, Consent], news: Iterable[tuple[str, Statement]]) -> dict[str, Consent]:
    """The consents after these statements, each with its purpose."""
    consents = dict(known)
    for purpose, said in news:
        consents[purpose] = consents.get(purpose, Consent()).heard(said)
    return consents


def merged(one: Mapping[str, Consent], other: Mapping[str, Consent]) -> dict[str, Consent]:
    """Both people's as one person's."""
    return together(one, ((purpose, said) for purpose, each in other.items() for said in each.statements()))


def statements(
    touch: Touch, words: Words, intent: str | None, source: SourcePolicy, policy: Mapping[str, ConsentPolicy]
) -> tuple[tuple[str, Statement], ...]:
    """What a touch says about each purpose: by its answers, and by what it is (`unsubscribed`, or a form with the
    intent `newsletter`). What a record of the CRM shows is a state and no statement: `CrmRecord.refuses`; what a
    machine does in a person's mailbox agrees to nothing."""
    if touch.record is not None or touch.origin.medium == MACHINE:
        return ()
    said = {"behaviour": touch.event, "submission": intent}.get(touch.kind)
    return tuple(chain(_answered(touch, words, source, policy), _by_doing(touch, said, policy)))


def _answered(
    touch: Touch, words: Words, source: SourcePolicy, policy: Mapping[str, ConsentPolicy]
) -> Iterator[tuple[str, Statement]]:
    names = names_of(source, touch.origin.form, policy)
    for answer in words.answers:
        meant = names.get(normal.field_name(answer.key)) or names.get(normal.field_name(answer.label or ""))
        yes = None if meant is None else _yes(answer)
        if meant is None or yes is None or (meant[0] == REFUSED and not yes):
            continue  # a box "do not call" that nobody ticked allows nothing
        kind, purpose = meant
        given = kind == GIVEN
        proven = touch.trust == "verified" and not policy[purpose].double_opt_in
        yield purpose, _statement(touch, given=given and yes, proven=proven, text=answer.label or answer.key)


def _by_doing(touch: Touch, said: str | None, policy: Mapping[str, ConsentPolicy]) -> Iterator[tuple[str, Statement]]:
    """A double opt-in is confirmed by something they do after the form, never by the form itself."""
    for purpose, spec in policy.items():
        if said is not None and said in (*spec.given_by, *spec.refused_by):
            confirms = touch.kind == "behaviour" or not spec.double_opt_in
            proven = touch.trust == "verified" and confirms
            yield purpose, _statement(touch, given=said in spec.given_by, proven=proven, text=said)


def _statement(touch: Touch, *, given: bool, proven: bool, text: str) -> Statement:
    return Statement(
        given=given,
        at=touch.occurred_at,
        proven=proven,
        source=touch.source,
        touch_id=touch.touch_id,
        text=text[:_TEXT_LIMIT],
    )


def names_of(
    source: SourcePolicy, form_id: str | None, policy: Mapping[str, ConsentPolicy]
) -> dict[str, tuple[str, str]]:
    """Sender's name in normal form -> (what its yes means, purpose); the most specific map wins."""
    maps: list[Mapping[str, tuple[str, ...]]] = [
        {f"{GIVEN}.{purpose}": (f"{GIVEN}.{purpose}", *spec.says) for purpose, spec in policy.items()},
        {f"{REFUSED}.{purpose}": (f"{REFUSED}.{purpose}", *spec.refuses) for purpose, spec in policy.items()},
        source.defaults,
        source.map,
        source.form(form_id).map,
    ]
    found: dict[str, tuple[str, str]] = {}
    for field, names in chain.from_iterable(each.items() for each in maps):
        kind, _, purpose = field.partition(".")
        if kind in (GIVEN, REFUSED) and purpose in policy:
            found |= {normal.field_name(name): (kind, purpose) for name in names}
    return found


def _yes(answer: Answer) -> bool | None:
    """Yes or no; None where it cannot be read. Senders of boxes send a word, a sentence that begins with one ("Yes, I
    agree"), or the text beside the box when it was ticked."""
    said = [value.strip() for value in answer.values if value.strip()]
    if not said:
        return None
    if said[0] in (answer.label, answer.key):
        return True
    whole = normal.flag(said[0])
    return normal.flag(said[0].partition(" ")[0].strip(",.;:!")) if whole is None else whole
