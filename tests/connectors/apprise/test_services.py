"""Slack, Teams, Telegram, chats that escape nothing, webhooks and mail, each as it takes a notice over the wire."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.apprise.markup import body
from connectors.apprise.notify import notifier
from leadrelay.domain.notices.plain import LONGEST, plain
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.notifier import Message
from tests.connectors.apprise.conftest import Mailbox, Vendors

EVIL = (
    "Ada <!channel> <@U1> <#C1|x> @everyone @here",
    "Ada *x* _y_ `z` ~q~ [a](http://evil.example) ![i](https://evil.example/i)",
    "Ada www.evil.example https://evil.example/?a=1&b=2",
    'Ada <b onclick="x">h</b> <script>1</script> &lt;i&gt;',
    "Ada \u202egnp.live\u2066 \r\n\r\n# head\n+ list",
)
LINKS = (
    ("Accept", "https://api.example.com/act/AQ_b-c__d"),
    ("Claim as Anna (SDR) [A]", "https://api.example.com/act/_e_"),
)
SERVICES = {
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#sales",
    "slack_bot": "slack://xoxb-1234-1234-abcdefghij/#sales",
    "slack_blocks": "slack://xoxb-1234-1234-abcdefghij/#sales?blocks=yes",
    "slack_markdown": "slack://xoxb-1234-1234-abcdefghij/#sales?format=markdown",
    "teams": "workflows://teams.example.com:443/workflow1a/signature/",
    "telegram": "tgram://123456789:abcdefg_hijklmnop/12315544/",
    "google_chat": "gchat://space/key/token",
    "discord": "discord://webhookid0/token0aaaaaaaa",
    "mattermost": "mmost://chat.example.com/token",
    "webhook": "json://hook.example.com/sales",
}


def notice(name: str = "Ada Example", to: str = "") -> Message:
    """As the workflow makes it: what is from outside is made plain there."""
    who = plain(name)
    return Message("lead:notice", f"New lead for {who}", f"For: Anna (SDR)\nWhy: 2 * 3 of {who}\n+ done", LINKS, to)


def sent(vendors: Vendors, url: str, message: Message) -> str:
    """Everything that one service was sent, as text."""
    notifier({"url": url}).send(message)
    [(_, _, payload)] = vendors.heard
    return json.dumps(payload, ensure_ascii=False)


HARM = (
    "<!", "<@", "<#", "&lt;!", "&lt;@", "<b onclick", "<script", "&lt;i", "](http", "://evil", ".evil.example",
    "@everyone", "@here", "*x*", "_y_", "\\u202e", "\u202e",
)  # fmt: skip


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("service", SERVICES)
def test_a_lead_with_an_evil_name_is_only_a_name(service: str, name: str, vendors: Vendors) -> None:
    message = notice(name)
    said = sent(vendors, SERVICES[service], Message(message.key, message.title, message.body))
    assert "Ada" in said
    assert not [harm for harm in HARM if harm in said]


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_can_be_followed(service: str, vendors: Vendors) -> None:
    said = sent(vendors, SERVICES[service], notice())
    assert all(address in said for _, address in LINKS)
    assert "Accept" in said


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_not_taken_is_tried_again(service: str, vendors: Vendors) -> None:
    vendors.status = 503
    with pytest.raises(Retry):
        notifier({"url": SERVICES[service]}).send(notice())


def test_services_with_markup_get_links_with_words_on_them(vendors: Vendors) -> None:
    assert "[Accept](https://api.example.com/act/AQ_b-c__d)" in sent(vendors, SERVICES["teams"], notice())
    vendors.heard.clear()
    html = sent(vendors, SERVICES["telegram"], notice()).replace('\\"', '"')
    assert '<a href="https://api.example.com/act/AQ_b-c__d">Accept</a>' in html
    vendors.heard.clear()
    assert "<https://api.example.com/act/AQ_b-c__d|Accept>" in sent(vendors, SERVICES["google_chat"], notice())


def test_nothing_is_loaded_from_elsewhere(vendors: Vendors) -> None:
    for service in SERVICES.values():
        notifier({"url": service}).send(notice())
    assert "github" not in json.dumps(vendors.heard)
    assert "Apprise" not in json.dumps(vendors.heard)


def test_one_address_may_name_several_services(vendors: Vendors) -> None:
    notifier({"url": f"{SERVICES['teams']} {SERVICES['webhook']}"}).send(notice())
    assert sorted(host for host, _, _ in vendors.heard) == ["hook.example.com", "teams.example.com"]


def test_a_mail_has_no_second_header_and_no_markup(mailbox: Mailbox) -> None:
    url = f"mailto://127.0.0.1:{mailbox.port}/?from=leads@example.com&to=team@example.com&mode=insecure"
    notifier({"url": url}).send(notice("Ada <b onclick>\r\nBcc: everybody@example.com"))
    [(people, mail)] = mailbox.mails
    assert people == ["team@example.com"]
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("New lead for Ada")
    [part] = [each for each in mail.walk() if each.get_content_type() == "text/plain"]
    assert "Accept: https://api.example.com/act/AQ_b-c__d" in part.get_content()
    assert not [
        each for each in mail.walk() if each.get_content_type() == "text/html" and "<b onclick" in each.get_content()
    ]


def test_each_person_gets_a_mail_of_their_own(mailbox: Mailbox) -> None:
    url = f"mailto://127.0.0.1:{mailbox.port}/?from=leads@example.com&to={{email}}&mode=insecure"
    channel = notifier({"url": url})
    for person in ("anna@example.com", "marek+leads@example.com", "anna@example.com"):
        channel.send(notice(to=person))
    assert [people for people, _ in mailbox.mails] == [
        ["anna@example.com"],
        ["marek+leads@example.com"],
        ["anna@example.com"],
    ]


def test_an_address_for_one_person_needs_the_person() -> None:
    channel = notifier({"url": "mailto://127.0.0.1:1/?from=leads@example.com&to={email}"})
    with pytest.raises(Misconfigured, match="personal: true"):
        channel.send(notice())


@pytest.mark.parametrize("secret", [{}, {"url": "no address"}, {"url": "unknown://x"}])
def test_an_address_that_nobody_can_read_is_said_at_once(secret: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="url"):
        notifier(secret)


@given(st.text())
def test_a_plain_text_means_nothing_to_anybody(text: str) -> None:
    shown = plain(text)
    assert len(shown.replace("\u2060", "")) <= LONGEST
    assert not re.search(r"[<>*_`~|\[\]{}\\\"#@\r\n\t\u200b-\u200f\u202a-\u202e]", shown)
    assert not re.search(r"://|\w\.\w\w", shown)
    assert plain(shown.replace("\u2060", "")) == shown


def test_ordinary_names_stay_as_they_are() -> None:
    for name in (
        "Ada Example",
        "Łukasz Żółć",
        "Đorđe Š.",
        "Example d.o.o.",
        "O'Neil & Sons",
        "Example (Poland), s.r.o.",
    ):
        assert plain(name) == name


@given(
    st.lists(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1), min_size=1, max_size=4)
)
@example(["Score 3 *really* __so__", "[a](b) <b>c</b> `d`", "# one", "+ two", "- three"])
def test_markdown_says_what_the_text_says(lines: list[str]) -> None:
    from markdown import markdown

    message = Message("k", "t", "\n".join(lines))
    assert not re.search("<(a|b|em|strong|code|h1|ul|script)[ >]", markdown(body(message, "markdown")))
    assert not re.search("<(?!br/>)", body(message, "html"))
