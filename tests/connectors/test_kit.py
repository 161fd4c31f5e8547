"""The wire formats that vendors share."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.kit import form_body, json_body, replies, signing, utm
from connectors.kit.drafts import believable, digest, flatten, said_today, sent_at
from connectors.kit.text import clean, clean_line, cut
from connectors.kit.wild import Wild
from leadrelay.ports.source import Malformed, Unauthentic

VECTORS: list[dict[str, str]] = json.loads((Path(__file__).parent / "vectors.json").read_text())
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner)
    ),
    max_leaves=12,
)


# ---------------------------------------------------------------------------------------------------------- signatures
def _check(vector: dict[str, str], secret: str, body: bytes, header: str) -> None:
    """Each published scheme by our verifier, with the parts that differ among them."""
    scheme = vector["scheme"]
    if scheme == "calendly":
        at = datetime.fromtimestamp(int(vector["header"][2:12]), UTC)
        signing.check_timestamped([secret], body, header, at, signing.TOLERANCE)
        return
    prefix = "sha256=" if scheme in {"meta", "typeform"} else ""
    encode = signing.base64_text if scheme in {"typeform", "tally"} else signing.hexadecimal
    signing.check_body([secret], body, header, prefix, encode)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["scheme"])
def test_published_and_independent_vectors(vector: dict[str, str]) -> None:
    body = vector["body"].encode()
    _check(vector, vector["secret"], body, vector["header"])
    for secret, content in (("test-secre", body), (vector["secret"], body + b" "), (vector["secret"], b"")):
        with pytest.raises(Unauthentic):
            _check(vector, secret, content, vector["header"])


@given(st.text(min_size=1, max_size=60), st.binary(max_size=200))
@examples(max_examples=50, deadline=None, derandomize=True)
def test_sign_is_hmac_sha256(secret: str, message: bytes) -> None:
    secret = secret.encode("utf-8", "ignore").decode()
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    assert signing.sign(secret, message) == expected.encode()


def test_a_token_is_compared_whole() -> None:
    signing.check_token(["one-token", "another-token"], "another-token")
    for wrong in ("", "one-toke", "one-token ", "ONE-TOKEN", "one-token\x00", "één", "\udcff"):
        with pytest.raises(Unauthentic):
            signing.check_token(["one-token", "another-token"], wrong)
    with pytest.raises(Unauthentic):
        signing.check_token([""], "")


# ---------------------------------------------------------------------------------------------------------------- json
@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), plain_json))
@examples(max_examples=150, deadline=None, derandomize=True)
def test_good_json_is_read_as_the_standard_parser_reads_it(value: dict[str, Any]) -> None:
    for written in (json.dumps(value), json.dumps(value, ensure_ascii=False), json.dumps(value, indent=3)):
        read = json_body.read(written.encode())
        assert read._value == value


@pytest.mark.parametrize(("depth", "good"), [(1, True), (32, True), (33, False)])
@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_depth_is_counted_to_32(depth: int, good: bool, pair: str) -> None:
    opening, closing = ('{"a":', "}") if pair == "{}" else ("[", "]")
    body = (opening * depth + "1" + closing * depth).encode()
    if good:
        json_body.read(body, "object" if pair == "{}" else "list")
    else:
        with pytest.raises(Malformed, match="json:depth"):
            json_body.read(body, "object" if pair == "{}" else "list")


def test_brackets_inside_text_are_no_depth() -> None:
    said = "[{" * 100 + '\\"[[' + "\\"
    assert json_body.read(json.dumps({"a": said}).encode()).get("a").text(1000) == said


@pytest.mark.parametrize(("digits", "good"), [(20, True), (21, False), (30, False), (4301, False)])
def test_whole_numbers_have_at_most_20_digits(digits: int, good: bool) -> None:
    for sign in ("", "-"):
        body = f'{{"a": {sign}{"9" * digits}}}'.encode()
        if good:
            assert json_body.read(body).get("a").identifier() == sign + "9" * digits
        else:
            with pytest.raises(Malformed, match="json:number_too_long"):
                json_body.read(body)


def test_the_top_level_is_what_the_sender_sends() -> None:
    assert len(json_body.read(b"[1, 2]", "list").each()) == 2
    with pytest.raises(Malformed, match="json:top_level"):
        json_body.read(b"{}", "list")


def test_without_empties_a_member_in_any_spelling_of_its_name() -> None:
    kept = json_body.without(
        b'{"google_key": "s1", "Google_Ke\\u0079": {"x": "s2"}, "id": 9007199254740993001}', "google_key"
    )
    assert json.loads(kept) == {"google_key": "", "Google_Key": "", "id": 9007199254740993001}


# --------------------------------------------------------------------------------------------------------------- forms
def _multipart(*parts: tuple[str, bytes]) -> bytes:
    return b"".join(b"--B\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts) + b"--B--\r\n"


def test_blanked_empties_members_at_any_depth() -> None:
    said = {"id": 2**63, "Join_URL": "s1", "a": [{"join_url": ["s2"], "b": [[{"password": {"x": "s3"}}]]}], "n": None}
    kept = json_body.blanked(json.dumps(said).encode(), frozenset({"join_url", "password"}))
    assert json.loads(kept) == {
        "id": 2**63,
        "Join_URL": "",
        "a": [{"join_url": "", "b": [[{"password": ""}]]}],
        "n": None,
    }
    assert json_body.blanked(kept, frozenset({"join_url", "password"})) == kept


def test_a_text_is_handed_on_exactly_for_a_stricter_reader() -> None:
    written = ' {"a":\r\n"e\u0301\u200b"} '
    assert Wild(written).encoded() == written.encode()
    assert json_body.read(Wild(written).encoded()).get("a").text() == "é"
    with pytest.raises(Malformed, match="json:encoding"):
        json_body.read(Wild('{"a":"\ud800"}').encoded())
    with pytest.raises(Malformed, match="not_text"):
        Wild(["{}"]).encoded()


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=B"])
def test_a_source_may_expect_longer_forms(kind: str) -> None:
    bodies = {
        number: b"&".join([b"a=1"] * number)
        if "urlencoded" in kind
        else _multipart(*[('Content-Disposition: form-data; name="a"', b"1")] * number)
        for number in (300, 301)
    }
    assert len(form_body.read(kind, bodies[300], frozenset({"a"}), 300).get("a").each()) == 300
    with pytest.raises(Malformed, match="too_many"):
        form_body.read(kind, bodies[301], frozenset(), 300)


def test_said_today_is_the_words_and_the_utc_day() -> None:
    late = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
    assert said_today(NOW, "a", "b") == said_today(late, "a", "b")
    assert (
        len({said_today(NOW, "a", "b"), said_today(NOW, "ab"), said_today(late + timedelta(minutes=1), "a", "b")}) == 3
    )


def test_a_signature_of_another_version_proves_nothing() -> None:
    stamp = str(int(NOW.timestamp()))
    header = f"t={stamp},v={signing.sign('a-secret', stamp.encode() + b'.body').decode()}"
    assert signing.check_timestamped(["a-secret"], b"body", header, NOW, signing.TOLERANCE, version="v") == NOW
    with pytest.raises(Unauthentic, match="signature_wrong"):
        signing.check_timestamped(["a-secret"], b"body", header, NOW, signing.TOLERANCE)
    with pytest.raises(Unauthentic, match="signature_form"):
        signing.check_timestamped(["a-secret"], b"body", f"{header},t={stamp}", NOW, signing.TOLERANCE, version="v")


def test_multipart_fields_in_order_without_files() -> None:
    body = _multipart(
        ('Content-Disposition: form-data; name="email"', b"ada@example.com"),
        ('content-disposition: form-data; name="na\\"me"\r\nContent-Type: text/plain', "Zoë".encode()),
        ('Content-Disposition: form-data; name="cv"; filename="cv.pdf"', b"\xff\xfe%PDF"),
        ('Content-Disposition: form-data; name="email"', b"second@example.com"),
        ('Content-Disposition: form-data; name="page"', b"https://www.example.com/"),
    )
    form = form_body.read('Multipart/Form-Data; boundary="B"', body, frozenset({"page"}))
    assert form.get("page").text() == "https://www.example.com/"
    said = {answer.key: answer.values for answer in flatten(form.get("fields"))}
    assert said == {"email": ("ada@example.com", "second@example.com"), 'na"me': ("Zoë",)}


def test_urlencoded_and_multipart_say_the_same() -> None:
    body = _multipart(('Content-Disposition: form-data; name="a b"', b"1 & 2"))
    urlencoded = form_body.read("application/x-www-form-urlencoded", b"a+b=1+%26+2", frozenset())
    multipart = form_body.read("multipart/form-data; boundary=B", body, frozenset())
    assert list(flatten(urlencoded)) == list(flatten(multipart))


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("text/plain", b"a=1", "form:media_type"),
        ("", b"a=1", "form:media_type"),
        ("application/x-www-form-urlencoded", b"a=%ff", "form:encoding"),
        ("application/x-www-form-urlencoded", b"a=\xff", "form:encoding"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=1", "form:encoding"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 201), "form:too_many"),
        ("multipart/form-data", b"--B--\r\n", "form:syntax"),
        ("multipart/form-data; boundary=" + "B" * 300, b"--B--\r\n", "form:syntax"),
        ("multipart/form-data; boundary=é€", b"--B--\r\n", "form:syntax"),
        ("multipart/form-data; boundary=B", b"", "form:empty"),
        ("application/x-www-form-urlencoded", b" \r\n", "form:empty"),
        ("multipart/form-data; boundary=B", b"--C\r\n\r\nx\r\n--C--\r\n", "form:syntax"),
        ("multipart/form-data; boundary=B", _multipart(("A: b", b"x"))[:-6], "form:syntax"),
        ("multipart/form-data; boundary=B", _multipart(("\r\n".join(["A: b"] * 20), b"x")), "form:syntax"),
        ("multipart/form-data; boundary=B", _multipart(("A: " + "b" * 9000, b"x")), "form:syntax"),
        ("multipart/form-data; boundary=B", _multipart(*[("A: b", b"x")] * 201), "form:too_many"),
        ("multipart/form-data; boundary=B", _multipart(('Content-Disposition: x; name="a"', b"\xff")), "form:encoding"),
    ],
)
def test_forms_that_nobody_sends(content_type: str, body: bytes, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        form_body.read(content_type, body, frozenset())
    assert str(caught.value) == code


# ---------------------------------------------------------------------------------------------------------------- text
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Zoe\u0308", "Zoë"),
        ("A\u200bd\u200da\ufeff", "Ada"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("a\ufffe\uffff\U0001fffeb\ufdd0", "ab"),
        ("one\r\ntwo\rthree\tfour", "one\ntwo\nthree\tfour"),
        ("  spaced  ", "spaced"),
        ("+1 555 0100", "+1 555 0100"),
        ("=cmd()", "=cmd()"),
        ("Ａda", "Ａda"),
        ("\ud800", ""),
    ],
)
def test_what_nobody_sees_is_removed_and_the_rest_stays(written: str, read: str) -> None:
    assert clean(written, 100) == read


@given(st.text(max_size=200), st.integers(0, 100))
@examples(max_examples=200, deadline=None, derandomize=True)
def test_cleaned_text_is_short_normal_and_stable(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned.encode()) <= limit
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean(cleaned, limit) == cleaned
    assert "\n" not in clean_line(text, limit)
    assert "  " not in clean_line(text, limit)


def test_a_million_combining_marks_cost_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ordering marks is quadratic, so what is normalised must be short already."""
    marks = random.Random(3).choices("\u0301\u0316\u0327\u0345", k=1_000_000)
    normalize = unicodedata.normalize

    def short_only(form: Literal["NFC"], text: str) -> str:
        assert len(text) <= 512
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", short_only)
    assert clean("a" + "".join(marks), 512).startswith("á")


def test_cut_never_ends_inside_a_character() -> None:
    assert [cut("aé€😀", limit) for limit in range(11)] == [
        "",
        "a",
        "a",
        "aé",
        "aé",
        "aé",
        "aé€",
        "aé€",
        "aé€",
        "aé€",
        "aé€😀",
    ]


# ---------------------------------------------------------------------------------------------------------------- wild
@pytest.mark.parametrize(
    ("read", "value", "code"),
    [
        (lambda wild: wild.get("a"), [], "body:not_an_object"),
        (lambda wild: wild.entries(), "x", "body:not_an_object"),
        (lambda wild: wild.entries(1), {"a": 1, "b": 2}, "body:too_many"),
        (lambda wild: wild.each(), {}, "body:not_a_list"),
        (lambda wild: wild.each(1), [1, 2], "body:too_many"),
        (lambda wild: wild.get("a").get("b").text(), {"a": {}}, "body.a.b:missing"),
        (lambda wild: wild.get("a").each()[1].text(), {"a": ["x", 5]}, "body.a[1]:not_text"),
        (lambda wild: wild.text(), " \u200b ", "body:missing"),
        (lambda wild: wild.identifier(), None, "body:missing"),
        (lambda wild: wild.identifier(), True, "body:not_an_identifier"),
        (lambda wild: wild.identifier(), 1.0, "body:not_an_identifier"),
        (lambda wild: wild.identifier(), "a b", "body:not_an_identifier"),
        (lambda wild: wild.identifier(), "ü", "body:not_an_identifier"),
        (lambda wild: wild.identifier(), "x" * 257, "body:not_an_identifier"),
        (lambda wild: wild.whole(0, 9), 10, "body:out_of_range"),
        (lambda wild: wild.whole(0, 9), True, "body:not_whole"),
        (lambda wild: wild.whole(0, 9), "٣", "body:not_whole"),
        (lambda wild: wild.whole(0, 9), 1.0, "body:not_whole"),
        (lambda wild: wild.number(), True, "body:not_a_number"),
        (lambda wild: wild.number(), "1", "body:not_a_number"),
        (lambda wild: wild.number(), float("inf"), "body:not_finite"),
        (lambda wild: wild.flag(), "maybe", "body:not_a_flag"),
        (lambda wild: wild.flag(), 1, "body:not_a_flag"),
        (lambda wild: wild.unix_time(), 10**15, "body:out_of_range"),
        (lambda wild: wild.unix_time(), -1, "body:out_of_range"),
        (lambda wild: wild.optional_time(), "2026-03-02T09:30:00", "body:time_without_zone"),
        (lambda wild: wild.optional_time(), "tomorrow", "body:not_a_time"),
        (lambda wild: wild.optional_time(), 5, "body:not_text"),
    ],
)
def test_each_wrong_read_says_where_and_what(read: Any, value: object, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(Wild(value))
    assert str(caught.value) == code


def test_right_reads() -> None:
    wild = Wild(
        {"t": " a\nb ", "n": 1.5, "i": "-3", "yes": "On", "no": None, "at": "2026-03-02T10:30:00+01:00", "u": 0}
    )
    assert wild.get("t").text() == "a b"
    assert wild.get("t").said(10) == "a\nb"
    assert wild.get("n").number() == 1.5
    assert wild.get("i").whole(-5, 5) == -3
    assert wild.get("yes").flag() is True
    assert wild.get("no").flag() is False
    assert wild.get("at").optional_time() == NOW
    assert wild.get("u").unix_time() == datetime(1970, 1, 1, tzinfo=UTC)
    assert wild.get("gone").optional("deeper").optional_text() is None
    assert list(wild.get("gone").entries()) == []
    assert list(wild.get("gone").each()) == []


@pytest.mark.parametrize(
    ("value", "said"), [(250.0, "250"), (0.5, "0.5"), (10**19, str(10**19)), ([], ""), ({}, ""), (None, "")]
)
def test_said_is_text_for_scalars_and_nothing_else(value: object, said: str) -> None:
    assert Wild(value).said(100) == said


def test_the_value_shows_neither_in_repr_nor_in_errors() -> None:
    wild = Wild({"secret-name": {"deep": "ada@example.com"}})
    ((name, inner),) = wild.entries()
    assert name == "secret-name"
    assert "ada" not in repr(wild)
    assert "secret-name" not in str(inner.refuse("x"))
    with pytest.raises(TypeError):
        wild["secret-name"]  # type: ignore[index]
    with pytest.raises(TypeError):
        iter(wild)  # type: ignore[call-overload]


# ------------------------------------------------------------------------------------------------------------ the rest
def test_origin_codes_read_the_page_and_keep_no_query() -> None:
    page = "https://www.example.com/pricing/?utm_source=news&utm_campaign=Spring%20Sale&email=ada%40example.com&fbclid=F1#top"
    codes = utm.origin_codes({"utm_source": "partner", "utm_medium": ""}, page)
    assert {name: value for name, value in codes.items() if value} == {
        "origin_source": "partner",
        "campaign": "Spring Sale",
        "click_id": "fbclid:F1",
        "page": "www.example.com/pricing",
    }


@pytest.mark.parametrize("page", [None, "", "http://[::1", "?" + "&".join(["a=1"] * 200), "mailto:ada@example.com"])
def test_odd_pages_are_no_error(page: str | None) -> None:
    assert utm.origin_codes({}, page)["campaign"] is None


def test_a_page_with_an_address_in_it_is_dropped() -> None:
    assert utm.page_code("https://www.example.com/u/ada@example.com") is None
    assert utm.page_code("https://www.example.com/u/ada%40example.com") is None
    assert utm.page_code("https://www.example.com/u/ada%252540example.com") is None


def test_digest_keeps_its_parts_apart() -> None:
    digests = {digest("a", "b"), digest("ab"), digest("a", None, "b"), digest("b", "a"), digest('a","b')}
    assert len(digests) == 5


def test_nested_answers_are_named_by_their_path() -> None:
    value = Wild({"a": {"b": {"c": 1}}, "list": [{"x": "1", "y": "2"}, "z", ["n"]], "none": None, "empty": {}})
    assert {answer.key: answer.values for answer in flatten(value)} == {"a.b.c": ("1",), "list": ("1, 2", "z", "n")}


def test_believable_times() -> None:
    assert believable(None, NOW) is None
    assert believable(NOW + timedelta(seconds=300), NOW) == NOW + timedelta(seconds=300)
    assert believable(NOW + timedelta(seconds=301), NOW) is None


def test_the_plain_answers_say_when_to_come_back_and_nothing_else() -> None:
    assert replies.plain("unavailable").headers == {"retry-after": "30"}
    assert len({replies.plain(outcome).body for outcome in replies.STATUS}) == len(replies.STATUS)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-03-02T09:29:00Z", datetime(2026, 3, 2, 9, 29, tzinfo=UTC)),
        ("2026-03-02T10:29:00.5+01:00", datetime(2026, 3, 2, 9, 29, 0, 500_000, tzinfo=UTC)),
        (1772443740, datetime(2026, 3, 2, 9, 29, tzinfo=UTC)),
        ("1772443740", datetime(2026, 3, 2, 9, 29, tzinfo=UTC)),
        ("2026-03-02T09:29:00", None),
        ("yesterday", None),
        (-1, None),
        (1.5, None),
        (["2026-03-02T09:29:00Z"], None),
        (True, None),
        (None, None),
        ("", None),
        ("2026-03-02T10:29:00Z", None),
    ],
)
def test_a_time_of_the_sender_is_read_or_is_none(written: object, at: datetime | None) -> None:
    now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert sent_at(now, Wild(written)) == at
    if not isinstance(written, str) or not written.endswith("10:29:00Z"):
        later = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
        assert sent_at(now, Wild(written), Wild("2026-03-02T09:20:00Z")) == (at or later)


@pytest.mark.parametrize(
    ("said", "page", "partner", "referrer"),
    [
        ({"partner": "acme"}, None, "acme", None),
        ({"partner_id": "a-1", "utm_partner": "b"}, None, "a-1", None),
        ({"partner": "Anna Kowalska", "utm_partner": "b"}, None, "b", None),
        ({"partner": "anna@firma.example"}, None, None, None),
        ({}, "https://www.example.com/?utm_partner=acme", "acme", None),
        ({"referrer": "https://www.google.pl/search?q=secret"}, "https://example.com/", None, "google.pl"),
        ({"referrer": "https://www.example.com/a"}, "https://example.com/b", None, None),
        ({"referrer": "nonsense"}, None, None, None),
        ({"referrer": "https://[broken"}, "https://[broken", None, None),
        ({"referrer": "android-app://com.google.android.gm/"}, None, None, "com.google.android.gm"),
    ],
)
def test_who_sent_somebody_is_an_id_and_a_host(
    said: dict[str, str], page: str | None, partner: str | None, referrer: str | None
) -> None:
    found = utm.origin_codes(said, page)
    assert (found["partner"], found["referrer"]) == (partner, referrer)
