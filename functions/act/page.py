"""The pages behind a link: what it is about, one button, or why it does nothing. They need no script and load nothing.

Every text from outside is escaped in one place (`_p`, `_rows`, `_choice`); what may be loaded or sent is said to the
browser as well.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from leadrelay.domain.link import Action
from leadrelay.domain.nurture.policy import UNLISTED
from leadrelay.workflows.act import Seen, State

_HERE = Path(__file__).parent
_PAGE = Template((_HERE / "page.html").read_text("utf-8"))
_STYLE = (_HERE / "page.css").read_text("utf-8").strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}

_QUESTIONS: Mapping[Action, tuple[str, str, str]] = {
    "accept": ("Accept this lead?", "You take it on. The deadline for the first call stays as it is.", "Accept"),
    "pass_on": (
        "Pass this lead on?",
        "Another rep of your pool gets it, by the usual turn.",
        "Pass on",
    ),
    "nurture": (
        "Back to nurture?",
        "It is too early for a call. You get a reminder when it is time to get back in touch.",
        "Give back",
    ),
    "reject": ("Reject this lead?", "It is given back for good: nobody calls, until they ask again.", "Reject"),
    "snooze": (
        "Remind me later?",
        "You hear of the next step again in a few working days. No deadline changes.",
        "Remind me later",
    ),
    "claim": ("Claim this lead?", "Whoever is first has it. The deadline for the first call starts then.", "Claim"),
}
"""Title, what follows, and the words on the button."""

_SAID: Mapping[Action, str] = {
    "accept": "The lead is yours",
    "pass_on": "Passed on",
    "nurture": "Back to nurture",
    "reject": "Rejected",
    "claim": "The lead is yours",
    "snooze": "You will be reminded",
}

_ENDS: Mapping[State, tuple[int, str, str]] = {
    "said": (200, "", "Thank you. The CRM shows it in a moment; you can close this page."),
    "done": (200, "Already done", "This was said before. Nothing changed just now."),
    "moved": (409, "Somebody else has this lead by now", "The link was for an earlier assignment. Nothing changed."),
    "late": (409, "Too late", "The lead is just being given to somebody else. Nothing changed."),
    "merged": (
        409,
        "This lead became part of another",
        "The person was known already. Look at their record in the CRM. Nothing changed.",
    ),
    "gone": (409, "Nobody works this lead any more", "Its record is gone from the CRM. Nothing changed."),
    "closed": (409, "This lead was given back", "There is nothing to pass on any more. Nothing changed."),
    "no_step": (409, "There is nothing to put off", "Something else is due for this lead by now. Nothing changed."),
    "expired": (410, "This link is too old", "Answer in the CRM instead. Nothing changed."),
    "unknown": (404, "Not found", "There is nothing here."),
}
"""Status, title and words of every page without a question."""

LATER = (
    503,
    "Please try again",
    "LeadRelay cannot answer right now. Press the button again in a minute.",
)
"""As of `_ENDS`, for an outage."""


def page(seen: Seen) -> tuple[int, str]:
    """The status and the HTML of what the link does, or did."""
    if seen.action is not None and seen.state in ("open", "incomplete"):
        return (200 if seen.state == "open" else 422), _question(seen.action, seen)
    status, title, words = _ENDS[seen.state]
    if seen.state == "said" and seen.action is not None:
        title = _SAID[seen.action]
    about = _rows([("Lead", seen.who)]) if seen.who else ""
    return status, _html(title, about + _p(words))


def outage() -> tuple[int, str]:
    """The page while something that we need is away."""
    status, title, words = LATER
    return status, _html(title, _p(words))


def _question(action: Action, seen: Seen) -> str:
    title, follows, button = _QUESTIONS[action]
    rows = [("Lead", seen.who)]
    if seen.due:
        rows.append(("First call due", seen.due))
    wrong = _p("Please choose a reason first.", "wrong") if seen.state == "incomplete" else ""
    form = _reasons(seen.reasons) + _timings(seen.timings) + f'<button type="submit">{escape(button)}</button>'
    return _html(title, _rows(rows) + _p(follows) + wrong + f'<form method="post">{form}</form>')


def _reasons(codes: Sequence[str]) -> str:
    """The last is for all others, in the rep's own words; those are read for a reason and not kept."""
    if not codes:
        return ""
    listed = "".join(_choice("reason", code, _spoken(code)) for code in codes if code != UNLISTED)
    words = '<input type="text" name="words" maxlength="90" aria-label="Another reason" placeholder="in a few words">'
    other = _choice("reason", UNLISTED, "Other:", words)
    return f"<fieldset><legend>Why?</legend>{listed}{other}</fieldset>"


def _timings(codes: Sequence[str]) -> str:
    if not codes:
        return ""
    choices = "".join(_choice("timing", code, _spoken(code)) for code in codes)
    return f"<fieldset><legend>When to get back in touch?</legend>{choices}</fieldset>"


def _choice(name: str, value: str, label: str, beside: str = "") -> str:
    radio = f'<input type="radio" name="{escape(name)}" value="{escape(value)}">'
    return f"<label>{radio}<span>{escape(label)}</span>{beside}</label>"


def _spoken(code: str) -> str:
    return code.replace("_", " ").capitalize()


def _rows(rows: Iterable[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows) + "</dl>"


def _p(words: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(words)}</p>' if kind else f"<p>{escape(words)}</p>"


def _html(title: str, body: str) -> str:
    return _PAGE.substitute(title=escape(title), style=_STYLE, body=body)
