"""Schedule, every quarter of an hour → Refresh, then Watch."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Protocol

from functions import wiring


class Context(Protocol):
    """What Lambda tells of this invocation."""

    aws_request_id: str


def handler(_event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Make the rows anew, if any fact came. What goes wrong is the function's error: the alarm and the log tell of it,
    and the rows of the last run stay."""
    with tempfile.TemporaryDirectory() as folder:
        about = wiring.refresh()(context.aws_request_id, Path(folder))
    told = wiring.watch()()
    return {"run": about.run, "facts": about.facts, "looked_at": about.looked_at.isoformat(), "told": told}
