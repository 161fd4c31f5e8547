"""Pages: reports, leads and stories as HTML that a person likes to read, on a phone, on paper, in the dark, by ear.

Pure: what is shown comes in, a text goes out. No page has a script, a style of its own or anything from elsewhere; all
of them are whole under `POLICY`, with `style()` at `style.css` under the frame's base.
"""

from __future__ import annotations

from leadrelay.reports.pages.catalogue import LANGUAGES, spoken
from leadrelay.reports.pages.frame import Frame
from leadrelay.reports.pages.message import message_page
from leadrelay.reports.pages.mine import mine_page
from leadrelay.reports.pages.render import POLICY, style
from leadrelay.reports.pages.reporting import (
    QUALITY,
    TODAY,
    opened_page,
    quality_page,
    report_page,
    reports_page,
    today_page,
)
from leadrelay.reports.pages.story import story_page
from leadrelay.reports.pages.words import Words

__all__ = [
    "LANGUAGES",
    "POLICY",
    "QUALITY",
    "TODAY",
    "Frame",
    "Words",
    "message_page",
    "mine_page",
    "opened_page",
    "quality_page",
    "report_page",
    "reports_page",
    "spoken",
    "story_page",
    "style",
    "today_page",
]
