"""The snippet in a real browser, on a page with a strict policy, against the real handler."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from connectors.kit import utm
from functions import wiring
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Touch, Words
from leadrelay.ports.records import words_key
from tests.browser.chromium import PATIENCE, Chromium, Visitor, installed, started
from tests.browser.site import SNIPPET, Api, Site, served
from tests.system import System, default_rules

PROGRAM = installed()
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(PROGRAM is None, reason="needs a browser: apt-get install chromium"),
]

FORM = """
<form data-leadrelay-form="demo">
  <input name="email" type="email"> <input name="first_name">
  <input name="topics" type="checkbox" value="pricing" checked>
  <input name="topics" type="checkbox" value="security" checked>
  <input name="topics" type="checkbox" value="careers">
  <input name="password" type="password" value="a password">
  <input name="card" autocomplete="cc-number" value="4111 1111 1111 1111">
  <input name="secret_note" data-leadrelay-ignore value="not yours">
  <input name="action" type="hidden" value="signup"> <input name="dataset" type="hidden" value="clobbered">
  <button>Send</button>
  <p data-leadrelay-sent hidden>Thank you</p> <p data-leadrelay-failed hidden>Please try again</p>
</form>
"""
THANKED = "!document.querySelector('[data-leadrelay-sent]').hidden"
FAILED = "!document.querySelector('[data-leadrelay-failed]').hidden"
STORED = "JSON.stringify(Object.keys(localStorage).sort())"


@dataclass
class Stage:
    """A site, its door, and what is stored behind it."""

    system: System
    browser: Chromium
    site: Site = field(default_factory=Site)
    api: Api = field(default_factory=Api)

    def visit(self, path: str = "/", body: str = FORM, who: Visitor | None = None, **options: str) -> Visitor:
        """A page that is open in the browser of somebody, of a stranger without `who`."""
        self.site.pages[path.split("?", maxsplit=1)[0]] = self.site.page(body, **options)
        visitor = who or self.browser.visitor()
        visitor.opens(self.site.address + path)
        return visitor

    def deploy(self, **more: Any) -> None:
        """The rules with a source for the site."""
        rules = default_rules()
        options = {"mode": "browser", "origins": [self.site.address], **more}
        landing = rules.sources.sources["website"].with_(options=options)
        sources = rules.sources.with_(sources={**rules.sources.sources, "landing": landing})
        self.system.rules.deploy(Rules.of(rules.with_(sources=sources)))

    def touches(self, number: int) -> list[tuple[Touch, Words]]:
        """The touches, once there are so many, in the order of their events."""
        end = time.monotonic() + PATIENCE
        while len(self.system.touches()) < number and time.monotonic() < end:
            time.sleep(0.02)
        found = [record.touch for record in self.system.touches()]
        assert len(found) == number, f"{len(found)} touches"
        return [(touch, self._words(touch)) for touch in sorted(found, key=lambda one: one.event or "~")]

    def _words(self, touch: Touch) -> Words:
        record = self.system.store.load(words_key(touch.touch_id))
        assert record is not None
        return Words.model_validate(record.words)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    assert PROGRAM is not None
    with started(PROGRAM, tmp_path_factory.mktemp("browser")) as chromium:
        yield chromium


@pytest.fixture
def stage(browser: Chromium, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    stage = Stage(System(), browser)
    with served(stage.site, stage.api):
        stage.deploy()
        stage.system.secrets.set("source/landing", form_secret="a secret for the forms of a page")
        stage.api.origins.append(stage.site.address)
        monkeypatch.setattr(wiring, "ingest", lambda: stage.system.ingest)
        monkeypatch.setattr(wiring, "telemetry", lambda: stage.system.telemetry)
        yield stage


def _fill(visitor: Visitor) -> None:
    visitor.types("email", "zoe@example.com")
    visitor.types("first_name", "Zoë")


def test_a_form_is_sent_when_it_is_sent_and_not_before(stage: Stage) -> None:
    visitor = stage.visit("/demo?utm_source=newsletter&utm_campaign=spring&email=someone%40example.com")
    _fill(visitor)
    visitor.clicks("[name=password]")
    assert stage.api.asked == []
    visitor.clicks("button")
    visitor.waits_for(THANKED)
    [(touch, words)] = stage.touches(1)
    assert {answer.key: answer.values for answer in words.answers} == {
        "email": ("zoe@example.com",),
        "first_name": ("Zoë",),
        "topics": ("pricing", "security"),
        "action": ("signup",),
        "dataset": ("clobbered",),
    }
    assert (touch.trust, touch.suspicion, touch.origin.form) == ("unverified", None, "demo")
    assert (touch.origin.origin_source, touch.origin.campaign) == ("newsletter", "spring")
    assert touch.origin.page == "127.0.0.1/demo"
    assert stage.api.asked == [("POST", "text/plain;charset=UTF-8")]  # one request, nothing asked before
    assert visitor.complaints() == []


def test_without_consent_nothing_of_the_visitor_is_kept(stage: Stage) -> None:
    visitor = stage.visit("/?utm_source=google")
    _fill(visitor)
    visitor.does("leadrelay.event('pricing_page_viewed')")
    visitor.clicks("button")
    visitor.waits_for(THANKED)
    [(_, words)] = stage.touches(1)
    assert words.anonymous_id is None
    assert (visitor.does("document.cookie"), json.loads(visitor.does(STORED))) == ("", [])


def test_the_first_campaign_is_remembered_with_consent_and_the_visitor_known_by_one_id(stage: Stage) -> None:
    visitor = stage.visit("/landing?utm_source=google&utm_medium=cpc&gclid=Cj0K", body="<p>Hello", consent="granted")
    pricing = '<main data-leadrelay-view="pricing_page_viewed" data-leadrelay-property-price-list="team">Prices</main>'
    stage.visit("/pricing?utm_source=partner", body=pricing, who=visitor, consent="granted")
    stage.visit("/demo", who=visitor, consent="granted")
    _fill(visitor)
    visitor.clicks("button")
    visitor.waits_for(THANKED)
    (event, seen), (submission, said) = stage.touches(2)
    assert (event.kind, event.event, submission.kind) == ("behaviour", "pricing_page_viewed", "submission")
    assert seen.value("properties.price_list") == "team"
    assert seen.anonymous_id == said.anonymous_id is not None
    for touch in (event, submission):
        assert (touch.origin.origin_source, touch.origin.medium) == ("google", "cpc")
        assert touch.origin.click_id == "gclid:Cj0K"
    assert visitor.does("document.cookie") == ""
    visitor.does("leadrelay.consent(false)")
    assert json.loads(visitor.does(STORED)) == []


def test_the_newest_campaign_where_that_is_asked_for(stage: Stage) -> None:
    told = {"consent": "granted", "attribution": "last"}
    visitor = stage.visit("/landing?utm_source=google", body="<p>Hello", **told)
    stage.visit("/again?utm_source=partner", body="<p>Hello", who=visitor, **told)
    stage.visit("/demo", who=visitor, **told)
    visitor.clicks("button")
    [(touch, _)] = stage.touches(1)
    assert touch.origin.origin_source == "partner"


def test_a_second_click_is_no_second_request(stage: Stage) -> None:
    visitor = stage.visit()
    _fill(visitor)
    visitor.clicks("button", times=2)
    visitor.waits_for(THANKED)
    time.sleep(0.2)
    stage.touches(1)
    visitor.types("first_name", " again")
    visitor.clicks("button")
    stage.touches(2)


def test_what_could_not_be_sent_is_sent_from_the_next_page_once(stage: Stage) -> None:
    visitor = stage.visit()
    stage.api.broken = True
    _fill(visitor)
    visitor.clicks("button")
    visitor.waits_for(FAILED)
    assert len(json.loads(visitor.does(STORED))) == 1
    stage.api.broken = False
    stage.visit("/elsewhere", body="<p>Hello", who=visitor)
    [(_, words)] = stage.touches(1)
    assert words.value("email") == "zoe@example.com"
    visitor.waits_for("Object.keys(localStorage).length === 0")
    stage.visit("/elsewhere", body="<p>Hello", who=visitor)
    stage.touches(1)


def test_it_tries_again_by_itself_while_the_page_is_open(stage: Stage) -> None:
    visitor = stage.visit()
    stage.api.broken = True
    _fill(visitor)
    visitor.clicks("button")
    visitor.waits_for(FAILED)
    stage.api.broken = False
    stage.touches(1)
    visitor.waits_for("Object.keys(localStorage).length === 0")


def test_a_browser_without_keepalive_sends_when_its_visitor_leaves(stage: Stage) -> None:
    visitor = stage.browser.visitor()
    visitor.before_every_page("delete Request.prototype.keepalive; window.fetch = () => new Promise(() => {})")
    stage.visit(who=visitor)
    _fill(visitor)
    visitor.clicks("button")
    visitor.waits_for("Object.keys(localStorage).length === 1")
    assert stage.api.asked == []
    stage.site.pages["/elsewhere"] = "<!doctype html><title>Elsewhere</title>"
    visitor.opens(stage.site.address + "/elsewhere")
    [(touch, words)] = stage.touches(1)
    assert (touch.suspicion, words.value("email")) == (None, "zoe@example.com")


def test_trying_again_is_the_same_request(stage: Stage) -> None:
    visitor = stage.visit()
    stage.api.broken = True
    _fill(visitor)
    visitor.clicks("button")
    visitor.waits_for(FAILED)
    stage.api.broken = False
    visitor.clicks("button")
    visitor.waits_for(THANKED)
    stage.touches(1)


def test_what_was_corrected_after_a_failure_is_what_arrives(stage: Stage) -> None:
    visitor = stage.visit()
    stage.api.broken = True
    _fill(visitor)
    visitor.clicks("button")
    visitor.waits_for(FAILED)
    visitor.types("first_name", " again")
    visitor.clicks("button")
    visitor.waits_for("Object.values(localStorage).join().includes('again')")
    assert len(json.loads(visitor.does(STORED))) == 1
    stage.api.broken = False
    [(_, words)] = stage.touches(1)
    assert "again" in (words.value("first_name") or "")


def test_what_is_asked_after_it_arrived_by_itself_is_another_request(stage: Stage) -> None:
    visitor = stage.visit()
    stage.api.broken = True
    _fill(visitor)
    visitor.clicks("button")
    visitor.waits_for(FAILED)
    stage.api.broken = False
    stage.touches(1)
    visitor.types("first_name", " again")
    visitor.clicks("button")
    visitor.waits_for(THANKED)
    stage.touches(2)


def test_a_robot_that_fills_everything_is_thanked_like_everybody(stage: Stage) -> None:
    visitor = stage.visit()
    trap = "document.querySelector('form').elements.namedItem('company_fax')"
    assert visitor.does(f"{trap}.getBoundingClientRect().right < 0 && {trap}.tabIndex === -1")
    assert visitor.does(f"{trap}.closest('[aria-hidden=true]') !== null")
    visitor.does(f"{trap}.value = 'Robots Ltd'")
    visitor.clicks("button")
    visitor.waits_for(THANKED)
    [(touch, words)] = stage.touches(1)
    assert touch.suspicion == "honeypot_filled"
    assert words.value("company_fax") is None


def test_events_wait_for_consent_and_say_what_was_clicked_and_played(stage: Stage) -> None:
    body = (
        '<a href="#list" data-leadrelay-event="price_list_downloaded" data-leadrelay-property-file="prices">'
        '<b>Get it</b></a><audio data-leadrelay-event="podcast_played"></audio>'
    )
    visitor = stage.visit("/events", body=body)
    visitor.clicks("b")
    visitor.does("leadrelay.identify({email: 'trial@example.com'})")
    visitor.does("leadrelay.event('trial_user_added', {seats: 3})")
    for _ in range(2):
        visitor.does("document.querySelector('audio').dispatchEvent(new Event('play'))")
    assert stage.api.asked == []
    visitor.does("leadrelay.consent(true)")
    found = stage.touches(3)
    assert [touch.event for touch, _ in found] == ["podcast_played", "price_list_downloaded", "trial_user_added"]
    assert found[1][1].value("properties.file") == "prices"
    assert (found[2][1].value("properties.seats"), found[2][1].value("email")) == ("3", "trial@example.com")
    assert len({words.anonymous_id for _, words in found}) == 1


def test_calls_from_before_the_snippet_was_there_are_made_up_for(stage: Stage) -> None:
    visitor = stage.browser.visitor()
    visitor.before_every_page("window.leadrelay = [['consent', true], ['event', 'demo_page_viewed'], ['nothing']]")
    stage.visit("/early", body="<p>Hello", who=visitor)
    [(touch, _)] = stage.touches(1)
    assert touch.event == "demo_page_viewed"


BREAKERS = {
    "no storage": "Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})",
    "a full storage": "Storage.prototype.setItem = () => { throw new Error('full'); }",
    "no ids": "delete Crypto.prototype.randomUUID",
    "no keepalive": "delete Request.prototype.keepalive",
}


@pytest.mark.parametrize("broken", BREAKERS.values(), ids=BREAKERS)
def test_a_browser_that_cannot_do_much_still_sends(stage: Stage, broken: str) -> None:
    visitor = stage.browser.visitor()
    visitor.before_every_page(broken)
    stage.visit(who=visitor, consent="granted")
    _fill(visitor)
    visitor.clicks("button")
    visitor.waits_for(THANKED)
    [(touch, _)] = stage.touches(1)
    assert touch.suspicion is None
    assert visitor.complaints() == []


@pytest.mark.parametrize("breaker", ["delete window.fetch", "window.fetch = () => { throw new Error('broken'); }"])
def test_whatever_breaks_the_page_hears_nothing(stage: Stage, breaker: str) -> None:
    visitor = stage.browser.visitor()
    visitor.before_every_page(breaker)
    stage.visit(who=visitor, consent="granted")
    _fill(visitor)
    visitor.clicks("button")
    for call in ("leadrelay.event()", "leadrelay.submit(null)", "leadrelay.consent()", "leadrelay.identify(null)"):
        visitor.does(f"({call}, 1)")
    assert visitor.complaints() == []
    assert visitor.does("location.pathname") == "/"
    assert stage.system.touches() == []


def test_a_form_with_an_address_of_its_own_goes_there_too(stage: Stage) -> None:
    visitor = stage.visit(body=FORM.replace("<form", '<form method="post" action="/own"').replace('name="action"', ""))
    _fill(visitor)
    visitor.clicks("button")
    visitor.waits_for("document.title === 'Thanks'")
    [(_, words)] = stage.touches(1)
    assert words.value("email") == "zoe@example.com"
    assert b"zoe%40example.com" in stage.site.strangers[0]


def test_a_form_that_the_page_holds_back_is_not_sent(stage: Stage) -> None:
    visitor = stage.browser.visitor()
    visitor.before_every_page("addEventListener('submit', (event) => event.preventDefault(), true)")
    stage.visit(who=visitor)
    visitor.clicks("button")
    time.sleep(0.3)
    assert stage.api.asked == []
    assert visitor.does("leadrelay.submit(document.querySelector('form'))") == "sent"
    stage.touches(1)


def test_thanks_may_be_a_page_and_never_a_script(stage: Stage) -> None:
    stage.site.pages["/thanks"] = "<!doctype html><title>Thanks</title>"
    visitor = stage.visit(body=FORM.replace("<form", '<form data-leadrelay-thanks="/thanks"'))
    visitor.clicks("button")
    visitor.waits_for("location.pathname === '/thanks'")
    other = stage.visit("/evil", body=FORM.replace("<form", '<form data-leadrelay-thanks="javascript:window.hit=1"'))
    other.clicks("button")
    other.waits_for(THANKED)
    assert other.does("window.hit") is None


def test_a_page_that_no_server_renders_asks_for_its_token_when_somebody_moves(stage: Stage) -> None:
    stage.deploy(min_fill_seconds=5)
    visitor = stage.visit(token="")
    assert stage.api.asked == []
    visitor.types("email", "zoe@example.com")
    end = time.monotonic() + PATIENCE
    while not stage.api.asked and time.monotonic() < end:
        time.sleep(0.02)
    assert stage.api.asked == [("GET", "/in/landing?form=demo")]
    visitor.waits_for("performance.getEntriesByType('resource').some((one) => one.name.includes('form=demo'))")
    stage.system.clock.set(stage.system.clock.now() + timedelta(seconds=6))
    time.sleep(0.2)
    visitor.clicks("button")
    visitor.waits_for(THANKED)
    [(touch, words)] = stage.touches(1)
    assert touch.suspicion is None
    assert words.value("form_token") is None
    assert visitor.complaints() == []


def test_who_is_faster_than_a_person_is_thanked_and_suspected(stage: Stage) -> None:
    stage.deploy(min_fill_seconds=5)
    visitor = stage.visit(token="")
    visitor.types("email", "zoe@example.com")
    visitor.waits_for("performance.getEntriesByType('resource').some((one) => one.name.includes('form=demo'))")
    time.sleep(0.2)
    visitor.clicks("button")
    visitor.waits_for(THANKED)
    [(touch, _)] = stage.touches(1)
    assert touch.suspicion == "filled_too_fast"


def _posts(address: str, kind: str) -> str:
    body = json.dumps({"form": "demo", "company_fax": "", "fields": {"email": "zoe@example.com"}})
    options = f"{{method: 'POST', headers: {{'Content-Type': '{kind}'}}, body: {json.dumps(body)}}}"
    return f"fetch('{address}/in/landing', {options}).then((answer) => answer.status).catch(() => 'refused')"


def test_a_page_of_your_own_may_post_json_as_the_template_allows(stage: Stage) -> None:
    visitor = stage.visit()
    assert visitor.does(_posts(stage.api.address, "application/json")) == 200
    assert stage.api.asked == [("OPTIONS", "content-type"), ("POST", "application/json")]
    stage.touches(1)


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_a_page_of_somebody_else_gets_nothing_in(stage: Stage, kind: str) -> None:
    foreign = Site(api=stage.api.address)
    with served(foreign, Api()):
        foreign.api = stage.api.address
        foreign.pages["/"] = foreign.page(FORM)
        visitor = stage.browser.visitor()
        visitor.opens(foreign.address + "/")
        assert visitor.does(_posts(stage.api.address, kind)) == "refused"
    assert stage.system.records() == []


def test_the_snippet_is_small_and_a_script_of_its_year() -> None:
    assert SNIPPET.stat().st_size < 16_000
    text = SNIPPET.read_text()
    for later in ("?.", "??", "replaceAll", "await ", "eval(", "innerHTML", "document.cookie", "new Function"):
        assert later not in text


def test_it_carries_everything_that_a_page_knows_of_where_somebody_came_from() -> None:
    listed = re.search(r"PARAMETERS = \[(.*?)\]", SNIPPET.read_text(), re.DOTALL)
    assert listed is not None
    assert {*re.findall(r"'(\w+)'", listed[1]), "referrer"} == {*utm.CARRIED, "utm_term"}


def test_node_reads_it() -> None:
    assert subprocess.run(["node", "--check", str(SNIPPET)], check=False, capture_output=True).returncode == 0
