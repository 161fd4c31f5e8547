"""Pages that only say something: sign in, not yours, not there, not now."""

from __future__ import annotations

from typing import Literal

from leadrelay.reports.pages.frame import Frame
from leadrelay.reports.pages.render import render

Said = Literal["401", "403", "404", "422", "429", "503", "norows", "signed_out", "link"]
"""What is the matter: a status, or that no rows were made yet, that somebody has signed out, or that there is no way in
but a signed link."""


def message_page(said: Said, frame: Frame, detail: str = "", href: str | None = None) -> str:
    """What is the matter and what to do; `detail` is what is wrong with a question (422). `href` is where to go on: to
    the sign-in, or to try again; the start page where it is None."""
    say = frame.words.say
    button = "message.sign_in" if said in ("401", "signed_out") else "message.again" if href else "message.home"
    return render(
        "message.html",
        frame,
        title=say(f"message.{said}.title"),
        text=say(f"message.{said}.text", detail=detail),
        href=href or (None if said in ("401", "signed_out", "link") else frame.link("")),
        button=say(button),
    )
