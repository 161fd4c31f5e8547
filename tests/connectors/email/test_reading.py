"""Any bytes are a mail that reads the same from what is kept of it, or Malformed; and never much work."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.email import mime, source
from connectors.email.html_text import text_of_html
from leadrelay.ports.source import Malformed
from tests.connectors.cases import all_cases, body
from tests.connectors.email.mails import NOW, block, delivery, said, sent, settings
from tests.connectors.invariants import check_draft

GENUINE = [body(case) for vendor, _, case in all_cases() if vendor == "email" and "drafts" in case["expect"]]
many = examples(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
NAMES = ["From", "To", "Subject", "Received", "Authentication-Results", "X-SES-RECEIPT", "Content-Type", "References"]
LINES = st.sampled_from(
    [
        b"\r\n",
        b"--outer",
        b"--outer--",
        b"Content-Type: multipart/mixed; boundary=outer",
        b"> quoted",
        b"-- ",
        b"\t\x00",
    ]
)


def test_there_is_something_to_mutate() -> None:
    assert len(GENUINE) > 25


def _reads_the_same(content: bytes) -> None:
    attack = delivery(content)
    try:
        drafts = source.parse(attack, settings(), NOW)
    except Malformed:
        return
    for draft in drafts:
        check_draft(draft, NOW, {})
    kept = source.keep(attack)
    again = delivery(kept)
    assert len(kept) < 400_000
    assert source.parse(again, settings(), NOW) == drafts
    assert source.verify(again, settings(), {}, NOW) == source.verify(attack, settings(), {}, NOW)
    assert source.keep(again) == kept


@many
@given(data=st.data())
def test_a_mutated_mail(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(GENUINE)).split(b"\r\n")
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.integers(0, 4)):
            case 0:
                lines[place] = data.draw(st.binary(max_size=60))
            case 1:
                del lines[place]
            case 2:
                lines.insert(place, data.draw(LINES))
            case 3:
                lines.insert(place, data.draw(st.sampled_from(lines)))
            case _:
                lines[place] = lines[place][: data.draw(st.integers(0, 40))] + data.draw(st.binary(max_size=8))
        lines = lines or [b""]
    _reads_the_same(b"\r\n".join(lines))


@many
@given(name=st.sampled_from(NAMES), value=st.text(max_size=80))
def test_any_value_of_a_header(name: str, value: str) -> None:
    _reads_the_same(f"{name}: {value}\r\n{block()}{sent()}".encode("utf-8", "surrogatepass"))
    _reads_the_same(f"{block()}{name}: {value}\r\n{sent()}".encode("utf-8", "surrogatepass"))


@many
@given(content=st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    _reads_the_same(content)
    _reads_the_same(b"Subject: x\r\nContent-Type: text/html; charset=punycode\r\n\r\n" + content)


HEAVY = {
    "10 000 headers": b"".join(b"X-H%d: x\r\n" % n for n in range(10_000)) + b"\r\n\r\nx",
    "a header of a megabyte": b"Subject: " + b"a" * 1_000_000 + b"\r\n\r\nx",
    "a header folded 100 000 times": b"Subject: a\r\n" + b" b\r\n" * 100_000 + b"\r\nx",
    "10 000 bodies inside bodies": b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(10_000)
    ),
    "mails inside mails": b"Content-Type: message/rfc822\r\n\r\n" * 1_000 + b"x",
    "a million empty lines": b"Subject: x\r\n" + b"\n" * 1_000_000,
    "100 000 parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000,
    "comments inside comments": b"From: " + b"(" * 2_000 + b")" * 2_000 + b" a@example.com\r\n\r\nx",
    "addresses without end": b"To: " + b"<a@example.com>," * 10_000 + b"\r\n\r\nx",
    "html inside html": b"Content-Type: text/html\r\n\r\n" + b"<blockquote>" * 50_000 + b"x",
    "an html comment without end": b"Content-Type: text/html\r\n\r\n" + b"<!--" * 50_000,
    "html that never ends a tag": b"Content-Type: text/html\r\n\r\n" + b"<a href='" * 50_000,
    "references without end": b"References: " + b"<a@b> " * 5_000 + b"\r\n\r\nx",
    "a word of bad base64": b"Subject: =?utf-8?b?" + b"=" * 1000 + b"?=\r\n\r\nx",
    "quoted without end": b'From: "' + b'\\"' * 1000 + b"\r\n\r\nx",
    "results in comments": b"Authentication-Results: amazonses.com; " + b"(" * 2000 + b"\r\n\r\nx",
}


@pytest.mark.parametrize("name", HEAVY)
def test_what_is_made_to_keep_us_busy_does_not(name: str) -> None:
    """Each is a moment's work; without its bound, each takes longer than any test may."""
    _reads_the_same(HEAVY[name])
    _reads_the_same((block()).replace("\n", "\r\n").encode() + HEAVY[name])


@pytest.mark.parametrize(
    "name", ["10 000 headers", "a header folded 100 000 times", "10 000 bodies inside bodies", "mails inside mails"]
)
def test_more_than_any_person_writes_is_no_mail(name: str) -> None:
    with pytest.raises(Malformed):
        source.parse(delivery(HEAVY[name]), settings(), NOW)
    with pytest.raises(Malformed, match="parts"):
        source.parse(delivery(HEAVY["100 000 parts"]), settings(), NOW)


def test_a_report_is_one_when_it_is_kept_too() -> None:
    """Whoever signed it."""
    report = (
        sent().replace("text/plain; charset=utf-8", "multipart/report; boundary=b").replace("\nHello", "\n--b\n\nHello")
    )
    (draft,) = source.parse(delivery(block() + report), settings(), NOW)
    assert draft.suspicion == "bounce"
    _reads_the_same(delivery(block() + report).body)


def test_what_lies_beyond_the_limit_is_not_read() -> None:
    long = sent("Hello") + "x" * 100 + "\n" + ("y" * 76 + "\n") * 80_000
    assert len(long) > mime.MAX_BYTES
    (draft,) = source.parse(delivery(block() + long), settings(), NOW)
    assert said(draft)["message"].startswith("Question\n\nHello\n")
    assert len(said(draft)["message"].encode()) <= 8192


def test_a_mail_that_was_cut_in_the_middle_of_an_attachment_is_read() -> None:
    parts = (
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nHello\n--b\n'
        'Content-Disposition: attachment; filename="big.bin"\nContent-Transfer-Encoding: base64\n\n' + "QUFB\n" * 100
    )
    (draft,) = source.parse(delivery(block() + "From: a@example.com\nSubject: S\n" + parts), settings(), NOW)
    assert said(draft)["message"] == "S\n\nHello"
    assert said(draft)["attachments"] == "big.bin"


@pytest.mark.parametrize("charset", ["punycode", "idna", "utf-7", "unicode_escape", "no-such", "base64", "", "a\x00b"])
def test_a_charset_that_no_mail_program_writes_is_none(charset: str) -> None:
    mail = f"From: a@example.com\nContent-Type: text/plain; charset={charset}\n\nzażółć +AGE- \\x41\n"
    (draft,) = source.parse(delivery(mail), settings(), NOW)
    assert said(draft)["message"] == "zażółć +AGE- \\x41"


@pytest.mark.parametrize(
    ("charset", "text"),
    [("iso-8859-2", "Prośba o ofertę"), ("windows-1250", "Čačak, žuti"), ("windows-1251", "Цена"), ("utf-16", "Hello")],
)
def test_charsets_that_mail_programs_write(charset: str, text: str) -> None:
    head = f"From: a@example.com\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode()
    (draft,) = source.parse(delivery(head + text.encode(charset)), settings(), NOW)
    assert said(draft)["message"] == text


def test_html_shows_what_a_mail_program_would_show() -> None:
    shown = text_of_html(
        "<style>x</style><p>One&nbsp;two</p><div>three<br>four</div><ul><li>a</li><li>b</li></ul>"
        "<table><tr><th>Name</th><td>Ana</td></tr></table><script>evil()</script><p hidden>5</p>"
    )
    assert shown.split("\n") == ["One two", "", "three", "four", "- a", "- b", "Name | Ana", "5"]


def test_crossed_and_unclosed_tags_lose_no_words() -> None:
    words = [f"w{number}" for number in range(40)]
    dice = random.Random(1)
    tags = ["<p>", "</div>", "<b>", "</blockquote>", "<table>", "</li>", "<td>", "</p>", "<br/>", "</style>"]
    html = "".join(f"{dice.choice(tags)}{word} " for word in words)
    assert text_of_html(html).replace("|", " ").split() == words


@pytest.mark.parametrize(
    "never_ends", ["<" + "a" * 30_000, "</" + "b1" * 15_000, "<!" + "x" * 30_000, "<?" + "x" * 30_000]
)
def test_a_tag_that_never_ends_is_no_more_work_than_text(never_ends: str) -> None:
    def work(html: str) -> float:
        began = time.process_time()
        assert text_of_html(html).strip()
        return time.process_time() - began

    text = "word " * 6000
    assert min(work(never_ends) for _ in range(3)) < 100 * max(work(text) for _ in range(3))
