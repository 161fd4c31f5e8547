"""A person's own words in a mail: without what they quote, and without their signature.

Cutting too much loses what somebody asked; cutting too little costs a rep a glance. So only what is certain is cut:
lines that are marked as quoted, the line that announces them, a block of mail headers that a program put above the old
mail, and what stands under the signature mark. Of a mail that passes another one on, nothing is: there the old mail is
the point. If nothing would be left, all stays.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_SIGNATURE = 20
"""Lines; what is longer and stands under a signature mark is more than a signature."""

_WROTE = frozenset(
    {"wrote", "napisał", "napisała", "napisał(a)", "pisze", "napisao", "napisala", "napisao/la", "pisao", "pisala"}
    | {"schrieb", "écrit", "escribió", "scritto", "skrev", "schreef", "escreveu", "napsal", "napísal", "írta"}
    | {"написао", "написала", "написао/ла", "пише"}
)
_LABELS = {
    "from": "from od von de da от од šalje шаље",
    "sent": "sent date wysłano data gesendet datum poslato poslano envoyé enviado inviato датум послато",
    "to": "to do an à para a za prima кому за",
    "subject": "subject temat betreff objet asunto oggetto predmet naslov тема предмет",
}
_LABEL = {word: kind for kind, words in _LABELS.items() for word in words.split()}
_ORIGINAL = frozenset(
    {"original message", "wiadomość oryginalna", "oryginalna wiadomość", "originalna poruka", "izvorna poruka"}
    | {"ursprüngliche nachricht", "message d'origine", "mensaje original", "messaggio originale", "изворна порука"}
)
_PASSED_ON = ("fwd:", "fw:", "pd:", "wg:", "tr:", "prosl.:", "proslijeđeno:", "prosleđeno:", "i:")
_DEVICE = (
    "sent from my ",
    "sent from outlook",
    "get outlook for ",
    "wysłane z ",
    "wysłano z ",
    "pobierz outlook dla ",
    "poslato sa ",
    "poslano sa ",
    "gesendet von ",
    "von meinem ",
)
_DATE = re.compile(r"\b20\d\d\b|\b\d{1,2}[:.]\d{2}\b")
_RULE = re.compile(r"[-_=*\s]{5,}")
_SIGNATURE_MARK = "--"
_SHORT = 80


class Said(NamedTuple):
    """`message` is what the person wrote in this mail, `signature` what they put under everything, maybe ""."""

    message: str
    signature: str


def own_words(text: str, subject: str) -> Said:
    """The person's own words of a mail's text; all of it for one that passes another mail on."""
    if subject.strip().casefold().startswith(_PASSED_ON):
        return Said(text, "")
    lines = text.split("\n")
    kept = _without_quoted(lines[: _old_mail(lines)])
    body, signature = _signature(kept)
    message = _trimmed(body)
    return Said(message, _trimmed(signature)) if message else Said(text, "")


def _old_mail(lines: list[str]) -> int:
    """The line from which on everything is an old mail; beyond the last when there is none."""
    for number, line in enumerate(lines):
        block = lines[number : number + 8]
        if _is_original_mark(line) or (is_header_block(block) and _a_program_wrote(block, lines[:number])):
            return number
    return len(lines)


def _a_program_wrote(block: list[str], above: list[str]) -> bool:
    """Who asks for a lorry from one town to another on some day writes much the same lines. A program's hold an
    address, are marked, or stand under a drawn rule."""
    last = next((line for line in reversed(above) if line.strip()), "")
    return any("@" in line for line in block) or block[0].lstrip().startswith("*") or bool(_RULE.fullmatch(last))


def _is_original_mark(line: str) -> bool:
    """`-----Original Message-----`, in the languages of mail programs."""
    bare = line.strip()
    return bare.startswith("---") and bare.strip("- ").casefold() in _ORIGINAL


def is_header_block(lines: list[str]) -> bool:
    """`From: …`, `Sent: …`, `To: …`, `Subject: …`, beginning here, one under another."""
    kinds = [label_of(line) for line in lines if line.strip()]
    return bool(lines[0].strip()) and kinds[:1] == ["from"] and {"sent", "subject"} <= set(kinds[:6])


def label_of(line: str) -> str | None:
    """Which header of a mail this line names, in any language: from, sent, to or subject; None for another line."""
    name, colon, _ = line.strip().lstrip("*").partition(":")
    return _LABEL.get(name.strip("* ").casefold()) if colon else None


def _without_quoted(lines: list[str]) -> list[str]:
    """Without marked lines, and without the line or two that announce them."""
    kept: list[str] = []
    quoted_before = False
    for line in lines:
        quoted = line.lstrip().startswith(">")
        if quoted and not quoted_before:
            _drop_announcement(kept)
        if not quoted:
            kept.append(line)
        quoted_before = quoted or (quoted_before and not line.strip())
    return kept


def _drop_announcement(kept: list[str]) -> None:
    """Takes `On … X wrote:` from the end; mail programs break it into as many as three lines."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    if not end:
        return
    for start in (end - 1, end - 2, end - 3):
        if start >= 0 and _DATE.search(kept[start]) and _announces(kept[start:end]):
            del kept[start:]
            return
    if "@" in kept[end - 1] and _announces(kept[end - 1 : end]):
        del kept[end - 1 :]


def _announces(lines: list[str]) -> bool:
    line = " ".join(lines).strip()
    words = line.casefold().rstrip(": ").replace(",", " ").split()
    return line.endswith(":") and any(word in _WROTE for word in words)


def _signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines and those under the last signature mark, or under what a telephone adds."""
    marks = [number for number, line in enumerate(lines) if line.strip() == _SIGNATURE_MARK]
    if marks and len([line for line in lines[marks[-1] :] if line.strip()]) <= MAX_SIGNATURE:
        return lines[: marks[-1]], lines[marks[-1] + 1 :]
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    if end and lines[end - 1].strip().casefold().startswith(_DEVICE) and len(lines[end - 1]) < _SHORT:
        return lines[: end - 1], lines[end - 1 : end]
    return lines, []


def _trimmed(lines: list[str]) -> str:
    """Without empty lines and drawn rules at either end."""
    kept = list(lines)
    while kept and (not kept[-1].strip() or _RULE.fullmatch(kept[-1])):
        kept.pop()
    return "\n".join(kept).strip()
