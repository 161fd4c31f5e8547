"""A browser and a program in front of the report function, over leads that really came in."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions import wiring
from functions.report.handler import handler
from leadrelay.domain.reporting.access import Claim, Role
from leadrelay.memory.rows import MemoryInputs, MemoryRows
from leadrelay.ports.issuer import Issuer
from leadrelay.ports.warehouse import About
from leadrelay.reports.base import BASE
from leadrelay.reports.engine import Engine
from leadrelay.reports.warm import WarmRows
from leadrelay.workflows.lake import row
from leadrelay.workflows.my_leads import MyLeads
from leadrelay.workflows.shown_lead import Names, ShownLead
from leadrelay.workflows.sign_in import KEPT_IN, SESSION, SignIn, entrance
from tests.system import System

KEY = "a key of dashboards for tests only"
BASE_URL = "https://leads.example.com/relay"
"""With a path before ours, as behind a company's own proxy."""


@dataclass
class Office:
    """The system with the rows that were made last, as the function is wired to it."""

    system: System
    rows: MemoryRows = field(default_factory=MemoryRows)
    inputs: MemoryInputs = field(default_factory=MemoryInputs)
    seconds: float = 0.0

    def wire(self, monkeypatch: pytest.MonkeyPatch, issuer: Issuer | None = None, base: str = BASE_URL) -> None:
        """Let the handler find all this."""
        system = self.system
        system.secrets.set(KEPT_IN, key=KEY)
        numbers = iter(range(10**6))
        sign_in = SignIn(issuer, system.rules, system.secrets, system.clock, lambda: f"{next(numbers):043}", base)
        warm = WarmRows(self.rows, self.inputs, lambda: self.seconds)
        parts: dict[str, Any] = {
            "sign_in": sign_in,
            "warm_rows": warm,
            "shown_lead": ShownLead(system.store, system.rules),
            "names": Names(system.store, system.rules),
            "my_leads": MyLeads(system.store, system.rules),
            "rules": system.rules,
            "clock": system.clock,
            "telemetry": system.telemetry,
        }
        for name, part in parts.items():
            monkeypatch.setattr(wiring, name, lambda part=part: part)

    def refresh(self, run: str = "first") -> None:
        """As the schedule does it."""
        with tempfile.TemporaryDirectory() as folder:
            Engine.over_said(row(said) for said in self.system.said).keep(Path(folder))
            for table in BASE:
                self.rows.put(run, table, Path(folder, f"{table}.parquet"))
        now, shown = self.system.clock.now(), self.rows.shown()
        about = About(
            run=run, made_at=now, looked_at=now, shape="x", facts=len(self.system.said),
            tables=dict.fromkeys(BASE, 1), since=now.date(), objects=1,
        )  # fmt: skip
        self.rows.show(about, None if shown is None else shown.token)
        self.seconds += 60


@dataclass
class Browser:
    """Keeps cookies as a browser does, and follows redirects on our own site. `elsewhere` is where else it was sent."""

    cookies: dict[str, str] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    prefix: str = "/relay"

    def get(self, address: str, *, follow: bool = True, **headers: str) -> dict[str, Any]:
        """The page at this address below our own."""
        answer = self._ask("GET", address, headers)
        there = answer["headers"].get("Location")
        if not follow or there is None:
            return answer
        if not there.startswith(f"{self.prefix}/"):
            self.elsewhere.append(there)
            return answer
        return self.get(there.removeprefix(self.prefix), **headers)

    def post(self, address: str) -> dict[str, Any]:
        return self._ask("POST", address, {})

    def come_by_link(self, office: Office, role: Role, rep: str | None = None) -> dict[str, Any]:
        """With a link that was signed for them."""
        until = office.system.clock.now() + SESSION
        return self.get(entrance(Claim(role=role, rep=rep), until, KEY))

    def _ask(self, method: str, address: str, headers: dict[str, str]) -> dict[str, Any]:
        parts = urlsplit(address)
        rest = parts.path.removeprefix("/dashboard").strip("/")
        route = "/dashboard/{proxy+}" if rest else "/dashboard"
        event = {
            "version": "2.0",
            "routeKey": f"{method} /dashboard/sign-out" if method == "POST" else f"{method} {route}",
            "rawPath": parts.path,
            "rawQueryString": parts.query,
            "headers": {"host": "attacker.example", **headers},
            "cookies": [f"{name}={value}" for name, value in self.cookies.items()],
            "requestContext": {"http": {"method": method}},
            **({"pathParameters": {"proxy": rest}} if rest else {}),
        }
        answer = handler(event, None)
        for line in answer.get("cookies", ()):
            self._keep(line)
        return answer

    def _keep(self, line: str) -> None:
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
        assert ("Secure" in attributes) == name.startswith("__Host-")
        if "Max-Age=0" in attributes:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value


def program(address: str, route: str, parameters: dict[str, str], claims: dict[str, str] | None) -> dict[str, Any]:
    """What a program gets that the API let through, with these claims of its token; None: by AWS credentials."""
    by = {"iam": {"userArn": "arn:aws:iam::123456789012:user/x"}} if claims is None else {"jwt": {"claims": claims}}
    event = {
        "routeKey": route,
        "rawQueryString": urlsplit(address).query,
        "headers": {},
        "pathParameters": parameters,
        "requestContext": {"http": {"method": "GET"}, "authorizer": by},
    }
    return handler(event, None)


def told(answer: dict[str, Any]) -> Any:
    """The JSON of an answer."""
    return json.loads(answer["body"])
