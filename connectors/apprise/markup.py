"""A message in the format that a service takes: what is said stays words, what may be followed becomes a link.

Apprise would turn one text into each format by itself, and spoil the addresses of links on the way to Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

from leadrelay.ports.notifier import Message

_MEANS = re.compile(r"[\\*_\[\]`<>~]|^\s*[#+-]", re.MULTILINE)
"""What means something in Markdown: these anywhere, those where a line begins."""


def body(message: Message, kind: str) -> str:
    """The body with its links, for the name of an Apprise format: `text`, `markdown` or `html`."""
    return _BODIES[kind](message)


def _text(message: Message) -> str:
    return "\n".join([message.body, *(f"{label}: {address}" for label, address in message.links)])


def _markdown(message: Message) -> str:
    """Each line a paragraph: a single line end is none there."""
    links = [f"[{_literally(label)}]({address})" for label, address in message.links]
    return "\n\n".join([*map(_literally, message.body.splitlines()), *links])


def _literally(text: str) -> str:
    return _MEANS.sub(lambda found: found[0][:-1] + "\\" + found[0][-1], text)


def _html(message: Message) -> str:
    links = [f'<a href="{escape(address)}">{escape(label)}</a>' for label, address in message.links]
    return "<br/>\n".join([*map(escape, message.body.splitlines()), *links])


_BODIES: Mapping[str, Callable[[Message], str]] = {"text": _text, "markdown": _markdown, "html": _html}
