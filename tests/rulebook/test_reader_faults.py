"""Each fault about who reads notices, at its place, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rulebook.editing import changed, compiled, copied, problems

CHANNEL = "  team: { notifier: apprise, secret: notify/team }\n"
QUIET = 'quiet: { from: "20:00", to: "07:00" }'
RULE = "notice: assigned, to: [owner], channel: team"


def people(rules: Path, *lines: str, channel: str = "") -> None:
    """People of notices.yaml, and another channel."""
    changed(rules, "notices", CHANNEL, CHANNEL + channel)
    changed(rules, "notices", QUIET, "\n".join(["people:", *(f"  {line}" for line in lines), QUIET]))


@pytest.mark.parametrize(
    ("person", "message", "meant"),
    [
        ("ana: { language: pl }", "'ana' is nobody in team.yaml", "anna"),
        ("anna: { channel: teem }", "unknown channel 'teem'", "team"),
        ("anna: { channel: team }", "'team' is told to a rule as well", None),
        ("anna: { language: de }", "'en', 'pl' or 'sr'", None),
        ('anna: { quiet: { from: "20:00", to: "20:00" } }', "from 20:00 to 20:00 is always", None),
        ('anna: { quiet: { from: "00:00", to: "24:00" } }', "from 00:00 to 24:00 is always", None),
    ],
)
def test_a_person_who_would_not_be_told(tmp_path: Path, person: str, message: str, meant: str | None) -> None:
    rules = copied(tmp_path)
    people(rules, person)
    [fault] = problems(rules)
    assert message in fault.message
    assert fault.suggestion == meant
    assert fault.line == (rules / "notices.yaml").read_text("utf-8").splitlines().index(f"  {person}") + 1


def test_two_people_with_one_channel(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    own = "  own: { notifier: apprise, secret: notify/own }\n"
    people(rules, "anna: { channel: own }", "marek: { channel: own }", channel=own)
    [fault] = problems(rules)
    assert fault.message.startswith("'own' is told to 'anna' as well, and 'marek' would not read it alone")


def test_two_people_on_one_personal_channel_read_alone(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    own = "  own: { notifier: apprise, secret: notify/own, personal: true }\n"
    people(rules, "anna: { channel: own }", "marek: { channel: own }", channel=own)
    assert compiled(rules).rules.notices.person("marek").channel == "own"


def test_who_is_told_by_mail_has_an_address(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "notices", CHANNEL, "  team: { notifier: apprise, secret: notify/team, personal: true }\n")
    changed(rules, "team", "email: anna@example.com", 'email: ""')
    [fault] = problems(rules)
    assert fault.message == "'anna' has no `email`, and is told on a channel whose address holds it"
