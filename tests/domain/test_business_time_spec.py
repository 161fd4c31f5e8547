"""What a calendar may not say, and what its author is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from leadrelay.domain.clocks.business_time import CalendarSpec


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tz": "Europe/Warszawa"}, "unknown time zone 'Europe/Warszawa'; did you mean 'Europe/Warsaw'?"),
        ({"tz": "Europe"}, "unknown time zone 'Europe'"),
        ({"tz": "../etc/passwd"}, "unknown time zone"),
        ({"tz": "\x00"}, "unknown time zone"),
        ({"tz": ""}, "unknown time zone ''; write an IANA name"),
        ({"week": {}}, "no open hours"),
        ({"week": {"mon": []}}, "no open hours"),
        ({"week": {"monday": [["09:00", "17:00"]]}}, "'mon', 'tue'"),
        ({"week": {"mon": [["9:00", "17:00"]]}}, "'9:00' is not a time of day"),
        ({"week": {"mon": [[540, 1020]]}}, '540 is not a time of day; write "HH:MM" in quotes'),
        ({"week": {"mon": [["09:00", "24:01"]]}}, "'24:01' is not a time of day"),
        ({"week": {"mon": [["09:00", "17:60"]]}}, "'17:60' is not a time of day"),
        ({"week": {"mon": [["24:00", "09:00"]]}}, "cannot start at"),
        ({"week": {"mon": [["09:00"]]}}, "Field required"),
        ({"holidays": ["2026-02-30"]}, "holidays.0"),
        ({"exceptions": {"2026-11-11": [["9", "10"]]}}, "'9' is not a time of day"),
        ({"zone": "UTC"}, "Extra inputs"),
    ],
)
def test_wrong_specs_say_what_to_write(change: Mapping[str, Any], message: str) -> None:
    good: dict[str, Any] = {"tz": "Europe/Warsaw", "week": {"mon": [["09:00", "17:00"]]}}
    assert CalendarSpec.model_validate(good).tz == "Europe/Warsaw"
    with pytest.raises(ValidationError) as refused:
        CalendarSpec.model_validate({**good, **change})
    assert message in str(refused.value)
