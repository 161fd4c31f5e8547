"""Calendars of absences: which events are absences, from when until when, and what a hostile calendar can do to us."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from mypy import api

from connectors import registry
from connectors.ics.absences import absences
from connectors.ics.attendance import attendance
from leadrelay.ports.attendance import Seen, Span
from leadrelay.ports.errors import Reject

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")
VENDORS = [vendor for vendor in registry.vendors() if "attendance" in registry.roles(vendor)]


def calendar(*events: str) -> bytes:
    """A calendar of these events, each a few lines."""
    parts = [
        f"BEGIN:VEVENT\r\nUID:{number}@example.com\r\nDTSTAMP:20261101T000000Z\r\n{event}\r\nEND:VEVENT"
        for number, event in enumerate(events)
    ]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//EN", *parts, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def found(*events: str) -> list[tuple[date, date]]:
    return [(span.start, span.until) for span in absences(calendar(*events), NOW)]


LEAVE = "DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20261205\r\nSUMMARY:Anna in hospital"
MORNING = "DTSTART;TZID=Europe/Warsaw:20261124T090000\r\nDTEND;TZID=Europe/Warsaw:20261124T120000"


def test_whole_days_are_days_and_times_are_instants() -> None:
    morning = datetime(2026, 11, 24, 9, tzinfo=WARSAW), datetime(2026, 11, 24, 12, tzinfo=WARSAW)
    assert found(LEAVE, MORNING) == [morning, (date(2026, 12, 1), date(2026, 12, 5))]
    assert found("DTSTART;VALUE=DATE:20261201") == [(date(2026, 12, 1), date(2026, 12, 2))]


def test_a_time_without_a_zone_stays_without_one() -> None:
    (span,) = absences(calendar("DTSTART:20261124T090000\r\nDTEND:20261124T120000"), NOW)
    assert isinstance(span.start, datetime)
    assert span.start.tzinfo is None


@pytest.mark.parametrize(
    ("event", "away"),
    [
        (f"{LEAVE}\r\nSTATUS:CANCELLED", False),
        (f"{LEAVE}\r\nTRANSP:TRANSPARENT", True),
        (f"{MORNING}\r\nTRANSP:TRANSPARENT", False),
        (f"{MORNING}\r\nTRANSP:OPAQUE", True),
        (f"{MORNING}\r\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY", False),
        (f"{MORNING}\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF", True),
        (f"{LEAVE}\r\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", False),
        ("DTSTART:20261124T090000Z\r\nDTEND:20261124T090000Z", False),
    ],
)
def test_which_events_are_absences(event: str, away: bool) -> None:
    assert bool(found(event)) == away


def test_what_is_over_and_what_is_far_is_not_told() -> None:
    past = "DTSTART;VALUE=DATE:20261101\r\nDTEND;VALUE=DATE:20261105"
    far = "DTSTART;VALUE=DATE:20270301\r\nDTEND;VALUE=DATE:20270305"
    under_way = "DTSTART;VALUE=DATE:20261120\r\nDTEND;VALUE=DATE:20261125"
    assert found(past, far, under_way) == [(date(2026, 11, 20), date(2026, 11, 25))]


def test_what_repeats_is_told_as_often_but_for_what_was_left_out() -> None:
    fridays = "DTSTART;VALUE=DATE:20261106\r\nRRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20261218\r\nEXDATE;VALUE=DATE:20261204"
    assert [start.day for start, _ in found(fridays)] == [27, 11, 18]


def test_a_calendar_cannot_drown_us() -> None:
    assert found("DTSTART:20261124T090000Z\r\nDTEND:20261124T090001Z\r\nRRULE:FREQ=SECONDLY") == []
    assert len(found(*[LEAVE] * 300)) == 100


@pytest.mark.parametrize(
    "text",
    [b"", b"<html>sign in</html>", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\n", b"END:VCALENDAR", calendar(LEAVE)[:-20]],
)
def test_what_is_no_calendar_is_refused_without_a_word_of_it(text: bytes) -> None:
    with pytest.raises(Reject, match="it cannot be read"):
        absences(text, NOW)


@pytest.mark.parametrize("event", ["DTSTART:nonsense", "SUMMARY:no start", "DTSTART;TZID=No/Where:20261124T090000"])
def test_one_broken_event_costs_no_other(event: str) -> None:
    assert (date(2026, 12, 1), date(2026, 12, 5)) in found(event, LEAVE)


@contextmanager
def served(answers: dict[str, tuple[int, bytes]]) -> Iterator[tuple[str, list[str]]]:
    """A host of calendars, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.send_header("location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base's name
            """Silent."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", asked
    running.shutdown()
    running.server_close()
    thread.join()


GOOGLE = "/calendar/ical/anna%40example.com/private-0123/basic.ics"
PROTON = "/api/calendar/v1/url/0123/calendar.ics?CacheKey=a%3D&PassphraseKey=b"


def test_each_calendar_is_read_at_its_own_address_and_one_broken_holds_up_no_other() -> None:
    whole = calendar(LEAVE)
    answers = {GOOGLE: (200, whole), PROTON: (200, whole), "/gone.ics": (404, b""), "/moved.ics": (302, b"")}
    answers |= {"/locked.ics": (403, b""), "/busy.ics": (503, b""), "/page.ics": (200, b"<html>sign in</html>")}
    with served(answers) as (host, asked):
        names = {"anna": GOOGLE, "bea": PROTON, "cleo": "/gone.ics", "dora": "/moved.ics", "eva": "/locked.ics"}
        names |= {"fay": "/busy.ics", "gia": "/page.ics"}
        addresses = {rep: f"webcal://calendar.example.com{path}" for rep, path in names.items()}
        seen = attendance(addresses, host).seen({rep: rep for rep in (*names, "hana")}, NOW)
    leave = Seen(away=(Span(date(2026, 12, 1), date(2026, 12, 5)),))
    assert (seen["anna"], seen["bea"]) == (leave, leave)
    troubles = {rep: told.trouble for rep, told in seen.items() if told.trouble is not None}
    assert troubles == {
        "cleo": "Reject", "dora": "Reject", "eva": "Misconfigured", "fay": "Retry", "gia": "Reject",
        "hana": "Misconfigured",
    }  # fmt: skip
    assert asked == list(names.values())


@pytest.mark.parametrize(
    "address", ["http://calendar.example.com/a.ics", "file:///etc/passwd", "ftp://x/a.ics", "a b", ""]
)
def test_an_address_that_is_no_https_is_never_asked(address: str) -> None:
    assert attendance({"anna": address}, None).seen({"anna": "anna"}, NOW)["anna"].trouble in (
        "Misconfigured",
        "Reject",
    )


def test_everybody_who_knows_who_is_at_work_is_found() -> None:
    assert set(VENDORS) == {"hubspot", "ics", "salesforce"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_manifest_tells_people_what_they_need(vendor: str) -> None:
    told = registry.manifest(vendor)
    assert told.name
    assert told.sends
    assert all(told.secrets.values())
    assert "poll" in told.requirements


def test_every_module_is_what_its_role_promises(tmp_path: Path) -> None:
    """The type checker compares each module with its protocol."""
    lines = ["from collections.abc import Mapping", "from leadrelay.ports.attendance import Attendance"]
    for vendor in VENDORS:
        lines += [
            f"from connectors.{vendor} import attendance as a_{vendor}",
            f"def of_{vendor}(secret: Mapping[str, str], place: str | None) -> Attendance:",
            f"    return a_{vendor}.attendance(secret, place, properties=secret)",
        ]
    script = tmp_path / "protocols.py"
    script.write_text("\n".join(lines))
    out, err, status = api.run(
        ["--config-file", str(Path(registry.__file__).parents[1] / "pyproject.toml"), str(script)]
    )
    assert status == 0, out + err


def test_the_window_reaches_sixty_days() -> None:
    day = (NOW + timedelta(days=59)).strftime("%Y%m%d")
    late = (NOW + timedelta(days=62)).strftime("%Y%m%d")
    assert len(found(f"DTSTART;VALUE=DATE:{day}", f"DTSTART;VALUE=DATE:{late}")) == 1
