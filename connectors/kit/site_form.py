"""A form of a site's own, as form plug-ins send it: flat, named by its author, without an id of its own.

What the page says about a submission travels as hidden fields beside what the person says: `submission_id` (a UUID the
page makes), `form_id`, `form_name`, `page`, UTM parameters and click ids.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from connectors.kit import utm
from connectors.kit.drafts import believable, said_today
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Words

PAGE_BYTES = 2048
ENVELOPE = frozenset({"submission_id", "entry_id", "form_id", "form_name", "page"})
_SENDERS_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PAGES_ID = re.compile(r"[A-Za-z0-9_-]{8,128}")
"""What a page makes up must be long enough that two visitors do not make up the same."""


class Options(Model):
    """What RevOps sets for one site: `form` is the form's code where the sender gives none."""

    form: str | None = None


class About(Model):
    """What the sender says about a submission: `given` is its own id (see `own_id`), `at` its own time."""

    form: str | None = None
    form_name: str | None = None
    page: str | None = None
    given: str | None = None
    at: datetime | None = None
    user_agent: str | None = None


def about(body: Wild, chosen: Options) -> About:
    """The hidden fields of a flat body."""
    return About(
        form=body.get("form_id").said(LINE) or chosen.form,
        form_name=body.get("form_name").said(LINE) or None,
        page=body.get("page").said(PAGE_BYTES) or None,
        given=own_id(body.get("submission_id"), body.get("entry_id")),
    )


def own_id(by_page: Wild, *by_sender: Wild) -> str | None:
    """The page's id of a submission, else the first of the sender's that is one."""
    made_up = by_page.said(LINE)
    if _PAGES_ID.fullmatch(made_up):
        return made_up
    return next((given for one in by_sender if _SENDERS_ID.fullmatch(given := one.said(LINE))), None)


def submission(answers: Sequence[Answer], told: About, now: datetime) -> TouchDraft:
    """The touch of a form: known by its sender's id in that form, else by what was said in it on this UTC day."""
    said = {one.key.casefold(): one.values[0] for one in reversed(answers)}
    form = code(told.form)
    return TouchDraft(
        kind="submission",
        key=_key(answers, form, told, now),
        words=Words(answers=tuple(answers), user_agent=told.user_agent),
        origin=Origin(form=form, form_name=code(told.form_name), **utm.origin_codes(said, told.page)),
        occurred_at=believable(told.at, now),
        problem=None if answers else "no_answers",
    )


def _key(answers: Sequence[Answer], form: str | None, told: About, now: datetime) -> str:
    if told.given:
        return f"{form or '-'}:{told.given}"
    return f"{form or '-'}:{said_today(now, told.page, *sorted(one.model_dump_json() for one in answers))}"
