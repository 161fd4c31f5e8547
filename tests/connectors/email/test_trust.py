"""Who is proven: what the mail service found counts, and nothing that anybody else could write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.email import source
from leadrelay.domain.touch import Trust
from tests.connectors.email.mails import NOW, WHO, block, delivery, sent, settings

PROVEN = "dmarc=pass header.from=example.com;"
FAILED = "dmarc=fail header.from=example.com;"
FORWARDERS = [{"domain": "company.example", "results": "mx.google.com"}]


def judged(mail: str, **options: object) -> Trust:
    return source.verify(delivery(mail), settings(**options), {}, NOW)


@pytest.mark.parametrize(
    "results",
    [
        PROVEN,
        "dmarc=pass header.from=EXAMPLE.com;",
        "dkim=pass header.i=@example.com; dkim=fail header.i=@other.example; dmarc=pass header.from=example.com",
        "dkim=none;\n dmarc=pass (p=REJECT dis=NONE) header.from=example.com;",
    ],
)
def test_dmarc_that_passed_for_the_author_proves_the_author(results: str) -> None:
    assert judged(block(results) + sent()) == "verified"


@pytest.mark.parametrize(
    "results",
    [
        FAILED,
        "dmarc=none header.from=example.com;",
        "dmarc=gray header.from=example.com;",
        "dmarc=temperror header.from=example.com;",
        "dkim=pass header.i=@example.com;",
        "dmarc=pass;",
        "dmarc=pass header.from=example.com.evil.example;",
        "dmarc=pass header.from=evil-example.com;",
        "dmarc=pass header.from=sub.example.com;",
        "dmarc=passed header.from=example.com;",
        "xdmarc=pass header.from=example.com;",
        "dmarc=fail header.from=example.com; dmarc=pass header.from=example.com;",
        "dmarc=pass header.from=example.com; dmarc=pass header.from=example.com;",
        "(dmarc=pass header.from=example.com;) dmarc=fail header.from=example.com;",
        '"; dmarc=pass header.from=example.com;"',
        "",
    ],
)
def test_everything_else_proves_nobody(results: str) -> None:
    assert judged(block(results) + sent()) == "unverified"


@pytest.mark.parametrize(
    "who",
    [
        "Ana <ana@victim.example>",
        "Ana <ana@example.com>, Boss <boss@victim.example>",
        "ana@example.com, boss@example.com",
        "Ana",
        "",
        '"ana@example.com" <boss@victim.example>',
        "ana@example.com <boss@victim.example>",
        "=?utf-8?q?ana=40example=2Ecom?= <boss@victim.example>",
    ],
)
def test_the_result_must_be_that_of_the_one_author(who: str) -> None:
    assert judged(block(PROVEN) + sent(who=who)) == "unverified"


def test_a_second_from_is_nobody() -> None:
    assert judged(block(PROVEN) + "From: ana@example.com\n" + sent()) == "unverified"


def test_results_under_the_block_are_the_senders_own_words() -> None:
    forged = f"Authentication-Results: amazonses.com; {PROVEN}\nX-SES-RECEIPT: forged\n"
    assert judged(block(FAILED) + forged + sent()) == "unverified"


def test_without_the_services_receipt_nobody_knows_whose_words_they_are() -> None:
    assert judged(block(PROVEN).replace("X-SES-RECEIPT: AEFB\n", "") + sent()) == "unverified"
    assert judged(sent()) == "unverified"


@pytest.mark.parametrize("between", ["Subject: x\n", "X-Mailer: x\n", "Received: by elsewhere.example\n", "From: x\n"])
def test_a_block_with_anything_else_in_it_is_none_of_the_services(between: str) -> None:
    lines = block(PROVEN).replace("X-SES-RECEIPT", f"{between}X-SES-RECEIPT")
    assert judged(lines + sent()) == "unverified"


def test_the_service_that_found_nothing_lets_nobody_else_speak() -> None:
    silent = block(PROVEN).replace("amazonses.com;", "elsewhere.example;", 1)
    assert judged(silent + f"Authentication-Results: amazonses.com; {PROVEN}\n" + sent()) == "unverified"


def passed_on(theirs: str, envelope: str = "sales+caf=x@company.example", mine: str = FAILED) -> str:
    return block(mine).replace("envelope-from=ana.kovac@example.com", f"envelope-from={envelope}") + theirs + sent()


ARC = (
    "ARC-Authentication-Results: i=1; mx.google.com;\n dkim=pass header.i=@example.com;\n"
    " dmarc=pass header.from=example.com\n"
)


@pytest.mark.parametrize("envelope", ["sales@company.example", "bounce@mail.company.example"])
def test_a_named_forwarder_vouches_for_what_came_through_it(envelope: str) -> None:
    assert judged(passed_on(ARC, envelope), forwarders=FORWARDERS) == "verified"
    plain = ARC.replace("ARC-", "").replace("i=1; ", "")
    assert judged(passed_on(plain, envelope), forwarders=FORWARDERS) == "verified"


@pytest.mark.parametrize(
    "mail",
    [
        passed_on(ARC, "x@evil.example"),
        passed_on(ARC, "x@evilcompany.example"),
        passed_on(ARC, "x@company.example.evil.example"),
        passed_on(ARC.replace("mx.google.com", "mx.evil.example")),
        passed_on(ARC.replace("mx.google.com", "mx.google.com.evil.example")),
        passed_on(ARC.replace("dmarc=pass", "dmarc=fail") + ARC),
        passed_on("Authentication-Results: mx.google.com; none\n" + ARC),
        passed_on(ARC.replace("header.from=example.com", "header.from=other.example")),
        passed_on(ARC).replace("spf=pass", "spf=softfail"),
        passed_on(ARC).replace("spf=pass", "spf=pass; spf=pass"),
    ],
)
def test_a_forwarder_vouches_only_for_its_own(mail: str) -> None:
    assert judged(mail, forwarders=FORWARDERS) == "unverified"


def test_a_forwarder_that_signs_is_known_by_its_signature() -> None:
    signed = block(f"dkim=pass header.i=@company.example; {FAILED}").replace("spf=pass", "spf=fail")
    assert judged(signed + ARC + sent(), forwarders=FORWARDERS) == "verified"
    assert judged(signed.replace("dkim=pass", "dkim=fail") + ARC + sent(), forwarders=FORWARDERS) == "unverified"


@examples(max_examples=300, deadline=None, derandomize=True)
@given(text=st.text(alphabet='abdmcrps=;()"\\ .@-<>\t', max_size=60), name=st.sampled_from(["helo", "envelope-from"]))
def test_no_text_in_the_envelope_becomes_a_result(text: str, name: str) -> None:
    """Whatever a sender puts where the mail service repeats it: a quoted address, a comment, a name."""
    quoted = text.replace("\\", "").replace('"', "")
    lines = block(FAILED).replace("helo=mail.example.com", f'{name}="{quoted}; {PROVEN}"@x.example')
    assert judged(lines + sent()) == "unverified"
    lines = block(FAILED).replace("helo=mail.example.com", f"helo=x; {PROVEN} {text}")
    assert judged(lines + sent()) == "unverified"


def test_the_example_is_proven() -> None:
    assert WHO.endswith("@example.com>")
    assert judged(block(PROVEN) + sent()) == "verified"
