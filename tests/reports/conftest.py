"""A year of fifty thousand leads, lived once for all tests of reports."""

from __future__ import annotations

import pytest

from tests.reports.year.asking import Asking
from tests.reports.year.known import Known

LEADS = 50_000


@pytest.fixture(scope="session")
def known() -> Known:
    """The year and all that is known of it."""
    return Known.of(LEADS)


@pytest.fixture(scope="session")
def asking(known: Known) -> Asking:
    """Whoever asks reports about that year."""
    return Asking(known)
