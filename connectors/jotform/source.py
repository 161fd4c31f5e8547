"""Jotform.

Jotform signs nothing: what proves it is a secret of ours in the address it posts to (`?token=`). It sends that address
back inside the body, so the token is taken out before anything is kept. Answers are read from `rawRequest` only: the
readable `pretty` cannot be taken apart again where an answer holds a comma or a colon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from connectors.kit import form_body, json_body, replies, signing, utm
from connectors.kit.drafts import MAX_ANSWERS, VALUE_BYTES, answer, collect, flatten, options, unreadable
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings

_ON_TOP = frozenset({"formID", "submissionID", "formTitle", "rawRequest"})
_QUESTION = re.compile(r"q[0-9]{1,6}_(.+)")
_SUBMISSION = re.compile(r"[0-9]{1,32}")
_SECONDS = re.compile(r"[0-9]{1,6}")
_PHONE = ("country", "area", "phone")
"""The parts of a number that is asked for in pieces."""


class Options(Model):
    """What RevOps sets: who fills the form faster than `min_fill_seconds` is suspected (0: nobody is)."""

    min_fill_seconds: int = 0


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`?token=` is one of ours. Raises Unauthentic, Misconfigured."""
    signing.check_token(signing.usable(secrets, "token"), delivery.parameter("token"))
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """One submission; one whose `rawRequest` is no JSON is kept with that reason. Raises Malformed when the body is no
    form of Jotform's."""
    chosen = options(Options, settings)
    body = form_body.read(delivery.header("content-type"), keep(delivery), _ON_TOP)
    if body.get("rawRequest").missing:
        raise Malformed("form:no_rawRequest")
    try:
        return [_draft(body, chosen)]
    except Malformed as error:
        return [_kept(body, unreadable(keep(delivery), error))]


def keep(delivery: Delivery) -> bytes:
    """Without the token of our address, which `webhookURL` repeats."""
    token, body = delivery.parameter("token"), delivery.body
    if len(token) < signing.MIN_SECRET_BYTES:  # no secret: nothing was proven with it
        return body
    once = quote(token, safe="", errors="surrogatepass")
    for spelling in (token, once, quote(once, safe="")):
        body = body.replace(spelling.encode("utf-8", "surrogatepass"), b"")
    return body


def acknowledge(outcome: Outcome) -> Reply:
    """Plain 200."""
    return replies.plain(outcome)


def _draft(body: Wild, chosen: Options) -> TouchDraft:
    said = json_body.read(body.get("rawRequest").encoded())
    answers = collect(_answers(said))
    return TouchDraft(
        kind="submission",
        key=body.get("submissionID").identifier(),
        words=Words(answers=answers),
        origin=_origin(body, answers),
        suspicion=_suspicion(said, chosen),
        problem=None if answers else "no_answers",
    )


def _kept(body: Wild, draft: TouchDraft) -> TouchDraft:
    """An unreadable submission is known by its id where it has one: sent again, its bytes differ."""
    given = body.get("submissionID").said(LINE)
    return draft.with_(key=given) if _SUBMISSION.fullmatch(given) else draft


def _answers(said: Wild) -> Iterator[Answer]:
    """Questions alone: beside them stand Jotform's own notes and, under a bare name, the addresses of uploads."""
    for name, value in said.entries(MAX_ANSWERS * 2):
        question = _QUESTION.fullmatch(name)
        if question:
            yield from _one(question[1], value)


def _one(name: str, value: Wild) -> Iterator[Answer]:
    """Composite answers are named `name.first`; a telephone number in pieces is one number."""
    if not value.is_object or value.get("phone").missing:
        yield from flatten(value, name)
        return
    whole = answer(name, [" ".join(filter(None, (value.get(part).said(LINE) for part in _PHONE)))])
    if whole:
        yield whole


def _suspicion(said: Wild, chosen: Options) -> str | None:
    taken = said.get("timeToSubmit").said(LINE)
    hasty = bool(_SECONDS.fullmatch(taken)) and int(taken) < chosen.min_fill_seconds
    return "filled_too_fast" if hasty else None


def _origin(body: Wild, answers: Sequence[Answer]) -> Origin:
    said = {one.key: one.values[0] for one in answers}
    form, title = body.get("formID").optional_identifier(), body.get("formTitle").said(VALUE_BYTES)
    return Origin(form=code(form), form_name=code(title), **utm.origin_codes(said, said.get("page")))
