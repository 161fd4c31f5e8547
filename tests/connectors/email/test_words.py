"""What a mail says: the person's own words, a portal's lines, an answering machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.email import source
from connectors.email.portal import Portal
from connectors.email.quoting import own_words
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured
from tests.connectors.email.mails import NOW, TO, WHO, block, delivery, said, sent, settings

few = examples(max_examples=200, deadline=None, derandomize=True)
WROTE = [
    "On Mon, 23 Nov 2026 at 10:00, Office <office@in.example.org> wrote:",
    "On Mon, 23 Nov 2026 at 10:00, Office\n<office@in.example.org> wrote:",
    "W dniu 23.11.2026 o 10:00, Biuro pisze:",
    "pon., 23 lis 2026 o 10:00 Biuro <biuro@example.com> napisał(a):",
    "pon, 23. nov 2026. u 10:00 Kancelarija <k@example.com> je napisao/la:",
    "23.11.2026. у 10:00 Канцеларија је написала:",
    "Am 23.11.2026 um 10:00 schrieb Büro:",
    "Le lun. 23 nov. 2026 à 10:00, Bureau a écrit :",
    "пон, 23. нов 2026. у 10:00 Канцеларија <k@example.com> је написао/ла:",
]
BLOCKS = [
    "From: Office\nSent: Monday\nTo: Ana\nSubject: Offer",
    "*Od:* Biuro\n*Wysłano:* poniedziałek\n*Do:* Jan\n*Temat:* Oferta",
    "Od: Kancelarija\nPoslato: ponedeljak\nZa: Milica\nPredmet: Ponuda",
    "Од: Канцеларија\nДатум: понедељак\nЗа: Милица\nТема: Понуда",
    "-----Original Message-----\nFrom: Office",
    "-----Wiadomość oryginalna-----\nOd: Biuro",
]


def parsed(mail: str, **options: object) -> TouchDraft:
    (draft,) = source.parse(delivery(mail), settings(**options), NOW)
    return draft


@pytest.mark.parametrize("announced", WROTE)
def test_quoted_lines_and_what_announces_them_are_not_said_again(announced: str) -> None:
    text = f"I need 20 users.\n\n{announced}\n\n> How many?\n> Thanks\n"
    assert own_words(text, "Re: x").message == "I need 20 users."


@pytest.mark.parametrize("old", BLOCKS)
def test_what_stands_under_a_block_of_headers_is_an_old_mail(old: str) -> None:
    assert own_words(f"Yes.\n\n________________________________\n{old}\n\nOld text", "Re: x").message == "Yes."


@pytest.mark.parametrize(
    "block",
    ["From: Office\nSent: Monday\nTo: ana@example.com\nSubject: Offer", "*Od:* Biuro\n*Data:* 1.12\n*Temat:* A"],
)
def test_a_program_marks_an_old_mail_without_a_rule_too(block: str) -> None:
    assert own_words(f"Yes.\n\n{block}\n\nOld text", "Re: x").message == "Yes."


def test_a_journey_is_no_old_mail() -> None:
    asked = "Please make an offer.\n\nOd: Kraków\nDo: Gdańsk\nData: 12.05.2026\nTemat: 20 palet\nCall me: 600 100 200"
    assert own_words(asked, "Transport").message == asked


@pytest.mark.parametrize("announced", ["Jan wrote:", "I read what you wrote:", "we need 20 and he wrote:"])
def test_a_sentence_before_a_quotation_is_the_persons_own(announced: str) -> None:
    assert own_words(f"Hello\n{announced}\n> text", "").message == f"Hello\n{announced}"


@pytest.mark.parametrize(
    "text",
    [
        "From: Warsaw\nTo: Belgrade\nWhen can you deliver?",
        "Prices wrote: 20\n\nThanks",
        "a > b\nb >c",
        "-- not a mark",
        "Subject: to change\nFrom: our side it is fine",
        "Hello\nFrom: our side it is fine\nSubject: to change",
        "Sent from my heart, with a long explanation of what we need for the whole of our department and all teams",
        "-----\nHello\n-----\nText",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert own_words(text, "Re: x").message == text


def test_a_mail_of_nothing_but_quotation_is_kept_whole() -> None:
    text = "On 23.11.2026 X wrote:\n> please call me"
    assert own_words(text, "Re: x").message == text


@pytest.mark.parametrize("subject", ["Fwd: x", "FW: x", "PD: x", "WG: x"])
def test_a_mail_that_passes_another_on_is_kept_whole(subject: str) -> None:
    text = "See below\n\nFrom: A\nSent: B\nTo: C\nSubject: D\n\n> x"
    assert own_words(text, subject).message == text


def test_a_long_signature_is_none() -> None:
    long = "Hello\n-- \n" + "\n".join(f"line {number}" for number in range(30))
    assert own_words(long, "").message == long


@few
@given(
    st.lists(st.text(st.characters(exclude_characters=">\r\n-:", exclude_categories=["C"]), max_size=40), max_size=12)
)
def test_no_line_without_a_mark_is_ever_cut(lines: list[str]) -> None:
    text = "\n".join(lines).strip()
    device = [line for line in lines if line.strip().casefold().startswith(("sent from", "wys", "pos", "ges", "von"))]
    if not device and not any(set(line.strip()) <= set("_=* ") for line in lines if line):
        assert own_words(text, "").message == text


@few
@given(st.text(max_size=300), st.text(max_size=30))
def test_nothing_is_ever_lost_altogether(text: str, subject: str) -> None:
    found = own_words(text, subject)
    assert bool(found.message.strip()) == bool(text.strip())


GUIDE = Portal(
    name="guide",
    sender="guide.example",
    labels={"Name": "name", "Name of company": "company", "E-Mail": "email", "Message": "message"},
    until=("Regards",),
)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("Name: Ana\nE-mail: a@example.com", {"name": "Ana", "email": "a@example.com"}),
        ("NAME:\n\nAna\nnoise", {"name": "Ana"}),
        ("Name of company: Example\nName: Ana", {"company": "Example", "name": "Ana"}),
        ("Named: Ana", {}),
        ("Name | Ana", {"name": "Ana"}),
        ("* Name : Ana *", {"name": "Ana"}),
        ("*Name:* Ana", {"name": "Ana"}),
        ("Name: Ana\nName: Eve", {"name": "Ana"}),
        ("Message: one\n\ntwo: three\nRegards\nfour", {"message": "one\n\ntwo: three"}),
        ("Message:\nName: x", {"name": "x"}),
        ("Name:\nE-mail: a@example.com", {"email": "a@example.com"}),
        ("My Name: Ana", {}),
        ("", {}),
    ],
)
def test_a_portals_lines(text: str, answers: dict[str, str]) -> None:
    assert GUIDE.answers(text) == answers


@few
@given(st.text(max_size=400))
def test_any_text_of_a_portal(text: str) -> None:
    found = GUIDE.answers(text)
    assert set(found) <= {"name", "company", "email", "message"}
    assert all((value and value in text.replace("\r", "")) or "\n" in value for value in found.values())


@pytest.mark.parametrize("who", ["x@guide.example", "x@mail.guide.example"])
def test_a_portal_is_known_by_its_domain(who: str) -> None:
    draft = parsed(block() + sent("Name: Ana\nE-mail: a@b.example", who=who), portals=[GUIDE.model_dump()])
    assert (draft.origin.form, draft.origin.origin_source) == ("guide", "guide")
    assert said(draft)["email"] == "a@b.example"


@pytest.mark.parametrize(
    "who", ["x@notguide.example", "x@guide.example.evil.example", "guide.example <x@evil.example>"]
)
def test_and_by_nothing_else(who: str) -> None:
    draft = parsed(block() + sent("Name: Ana\nE-mail: a@b.example", who=who), portals=[GUIDE.model_dump()])
    assert draft.origin.form is None
    assert said(draft)["email"] == who.rpartition("<")[2].rstrip(">")


def test_a_mail_that_is_brought_in_again_with_a_mended_pattern_is_no_repeat() -> None:
    mail = block() + sent("Full name: Ana\nAddress: a@b.example", who="x@guide.example")
    mended = GUIDE.with_(labels={"Full name": "name", "Address": "email"}).model_dump()
    unread = parsed(mail, portals=[GUIDE.model_dump()])
    keys = [parsed(mail).key, unread.key, parsed(mail, portals=[mended]).key]
    assert len(set(keys)) == 3
    assert said(unread)["text"] == "Full name: Ana\nAddress: a@b.example"


def test_a_wrong_pattern_says_where() -> None:
    with pytest.raises(Misconfigured, match=r"contact.*portals\.0\.labels"):
        parsed(block() + sent(), portals=[{"name": "x", "sender": "guide.example", "labels": ["Name"]}])


BLOCK = "From: Lee Buyer <lee@buyer.example>\nSent: Monday\nTo: Rep\nSubject: Offer\n\nHow much?\n\nLee"
OURS = {"colleagues": ["company.example"]}
REP = "Rep <rep@mail.company.example>"


@pytest.mark.parametrize(
    "text",
    [
        f"Call her\n\n---------- Forwarded message ---------\n{BLOCK}",
        f"Call her\n\n-----Original Message-----\n{BLOCK}",
        "Call her\n\n" + "\n".join(f"> {line}" for line in BLOCK.split("\n")),
        "Call her\n\n" + BLOCK.replace("<lee@buyer.example>", "[mailto:lee@buyer.example]"),
        "Call her\n\n" + BLOCK.replace("From:", "*Od:*").replace("Sent:", "*Wysłano:*").replace("Subject:", "*Temat:*"),
    ],
)
def test_what_a_colleague_passes_on_is_about_the_old_mails_author(text: str) -> None:
    draft = parsed(block() + sent(text, who=REP, subject="FW: Offer"), **OURS)
    found = said(draft)
    assert (found["email"], found["name"], found["note"]) == ("lee@buyer.example", "Lee Buyer", "Call her")
    assert found["message"] == "FW: Offer\n\nHow much?\n\nLee"
    assert draft.suspicion is None


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Hello", REP),
        (BLOCK.replace("<lee@buyer.example>", ""), REP),
        (BLOCK.replace("lee@buyer.example", "other@company.example"), REP),
    ],
)
def test_a_colleague_is_nobodys_lead(text: str, who: str) -> None:
    assert parsed(block() + sent(text, who=who), **OURS).suspicion == "colleague"


@pytest.mark.parametrize("who", [WHO, "Eve <eve@notcompany.example>", '"rep@company.example" <eve@evil.example>'])
def test_nobody_else_passes_on_for_us(who: str) -> None:
    draft = parsed(block() + sent(BLOCK, who=who), **OURS)
    assert said(draft)["email"] == who.rpartition("<")[2].rstrip(">")
    assert draft.suspicion is None


MACHINES = [
    ("Auto-Submitted: auto-replied\n", "auto_reply"),
    ("Auto-Submitted: auto-generated (failure)\n", "auto_reply"),
    ("X-Autoreply: yes\n", "auto_reply"),
    ("Precedence: auto_reply\n", "auto_reply"),
    ("Precedence: bulk\n", "mailing_list"),
    ("Precedence: list\n", "mailing_list"),
    ("List-Id: <news.example.com>\n", "mailing_list"),
    ("Auto-Submitted: no\n", None),
    ("Precedence: normal\n", None),
    ("X-Priority: 1\n", None),
]


@pytest.mark.parametrize(("header", "suspicion"), MACHINES)
def test_machines_and_people(header: str, suspicion: str | None) -> None:
    assert parsed(block() + sent(more=header)).suspicion == suspicion


def test_nothing_answers_to_nobody_so_only_machines_write_from_there() -> None:
    assert (
        parsed(block().replace("Return-Path: <ana.kovac@example.com>", "Return-Path: <>") + sent()).suspicion
        == "auto_reply"
    )
    assert parsed("Return-Path: < >\n" + sent()).suspicion == "auto_reply"
    assert parsed("Return-Path: <a@example.com>\n" + sent()).suspicion is None


@pytest.mark.parametrize(
    "subject", ["Automatic reply: x", "Odpowiedź automatyczna: x", "Automatski odgovor: x", "Abwesenheitsnotiz: x"]
)
def test_an_absence_is_told_by_its_subject(subject: str) -> None:
    assert parsed(block() + sent(subject=subject)).suspicion == "auto_reply"


def test_only_the_services_own_verdict_is_one() -> None:
    assert parsed(block() + "X-SES-Spam-Verdict: FAIL\n" + sent()).suspicion is None
    assert parsed(block().replace("Spam-Verdict: PASS", "Spam-Verdict: FAIL") + sent()).suspicion == "spam"
    assert parsed(block().replace("Spam-Verdict: PASS", "Spam-Verdict: GRAY") + sent()).suspicion is None
    assert parsed(block().replace("Virus-Verdict: PASS", "Virus-Verdict: FAIL") + sent()).suspicion == "virus"


def test_a_mail_to_two_addresses_is_one_touch_whichever_way_it_came() -> None:
    mail = sent(to=f"{TO}, offers@in.example.org")
    first = parsed(block(to=TO, smtp_id="one") + mail)
    second = parsed(block(to="offers@in.example.org", smtp_id="two") + mail)
    assert first.key == second.key
    body = delivery(block(to="offers@in.example.org") + mail).body
    assert source.recipients(body)[:2] == ("contact", "offers")


def test_the_same_id_with_other_words_is_another_mail() -> None:
    """Some programs give every mail the same id; and nobody can keep a mail out by sending its id first."""
    keys = {parsed(block() + sent(text)).key for text in ("one", "two")}
    keys |= {parsed(block() + sent("one", subject="other")).key, parsed(block() + sent("one", who="e@example.com")).key}
    assert len(keys) == 4


def test_without_an_id_the_services_own_counts() -> None:
    mail = sent().replace("Message-ID: <m1@example.com>\n", "")
    assert parsed(block(smtp_id="s7") + mail).key == "ses:s7"
    assert parsed(mail).key == parsed(mail).key != parsed(mail.replace("Hello", "Hi")).key


@pytest.mark.parametrize(
    ("to", "form"),
    [
        (f"Us <{TO}>", None),
        ("contact+demo@in.example.org", "demo"),
        ("CONTACT+Demo@in.example.org", "demo"),
        ("other+demo@in.example.org", None),
        ("contact+a@b@in.example.org", None),
        ("contact+ola<x>@in.example.org", None),
        ("sales@company.example", "trial"),
    ],
)
def test_what_stands_behind_the_plus_is_the_form(to: str, form: str | None) -> None:
    envelope = "contact+trial@in.example.org" if form == "trial" else TO
    assert parsed(block(to=envelope) + sent(to=to)).origin.form == form


@pytest.mark.parametrize(
    ("date", "minute"),
    [
        ("Mon, 23 Nov 2026 10:10:00 +0100", 10),
        ("Mon, 23 Nov 2026 09:10:00 -0000", 10),
        ("Mon, 23 Nov 2026 11:10:00 +0100", 14),
        ("Tue, 01 Jan 2019 00:00:00 +0000", 14),
        ("yesterday", 14),
        ("Mon, 99 Nov 2026 10:10:00 +9999", 14),
        ("", 14),
    ],
)
def test_a_senders_clock_is_believed_as_far_as_mail_travels(date: str, minute: int) -> None:
    mail = sent().replace("Mon, 23 Nov 2026 10:14:21 +0100", date)
    at = parsed(block() + mail).occurred_at
    assert at is not None
    assert (at.hour, at.minute) == (9, minute)


def test_the_person_of_a_display_name_that_is_an_address_has_no_name() -> None:
    assert "name" not in said(parsed(block() + sent(who='"boss@victim.example" <ana@example.com>')))
    assert said(parsed(block() + sent(who=WHO)))["name"] == "Ana Kovac"


def test_an_answer_of_a_colleague_to_somebody_is_no_new_request_of_theirs() -> None:
    text = "Gladly.\n\nFrom: Petra <petra@buyer.example>\nSent: Monday\nTo: Rep\nSubject: Demo\n\nWe need 40 seats."
    answer = sent(
        text, subject="RE: Demo", who="Rep <rep@company.example>", to="Petra <Petra@buyer.example>", more=f"Cc: {TO}\n"
    )
    draft = parsed(block() + answer, **OURS)
    assert draft.suspicion == "colleague"
    assert said(draft)["email"] == "rep@company.example"
