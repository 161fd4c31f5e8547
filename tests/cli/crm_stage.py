"""A deployed stage in memory, with a CRM account that says what a test wants it to."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from connectors import registry
from leadrelay.aws.bundles import Bundles, pointer
from leadrelay.aws.clients import client
from leadrelay.aws.table.store import TableStore
from leadrelay.domain.routing.team import Rep
from leadrelay.domain.rules import Rules
from leadrelay.ports.crm import RecordKey, Snapshot
from leadrelay.ports.crm_setup import Check, CrmOwner, OpenDeal, PeoplePage, SchemaOp
from leadrelay.ports.records import RECORDS, TouchRecord
from leadrelay.rulebook.compile import bundle
from tests.aws.cloud import TABLE, answering, make_table
from tests.cli.conftest import Ran
from tests.system import default_rules

SECRETS = {
    "hubspot": {"token": "a token for hubspot in tests"},
    "salesforce": {"domain": "acme.my", "consumer_key": "key in tests", "consumer_secret": "secret in tests"},
}
_OUTPUTS = {
    "TableName": TABLE,
    "SecretsPrefix": "leadrelay/dev",
    "RulesBucket": "rules",
    "RulesApplication": "leads",
    "RulesEnvironment": "dev",
    "RulesProfile": "rules",
}

EVERYBODY = [CrmOwner(rep.crm["hubspot"], rep.email, rep.name, active=True) for rep in default_rules().team.reps]
"""Who can own records, as `team.yaml` says."""


@dataclass
class FakeAccount:
    """Implements `ports.crm_setup.CrmSetup`, and of `ports.crm.Crm` the reading: `shown` by the id that is asked for.

    `trouble` is raised by the next questions, one each; None lets one by. `apply` does not make what is `stubborn`.
    """

    people_: Sequence[Snapshot] = ()
    deals: Sequence[OpenDeal] = ()
    owners_: Sequence[CrmOwner] = ()
    load_: dict[str, int] = field(default_factory=dict)
    checks: Sequence[Check] = (Check("token", ok=True, detail="works"),)
    missing: list[SchemaOp] = field(default_factory=list)
    stubborn: frozenset[str] = frozenset()
    page: int = 2
    shown: dict[str, Snapshot] = field(default_factory=dict)
    trouble: list[BaseException | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    opened_with: list[tuple[dict[str, str], str | None]] = field(default_factory=list)

    def check(self) -> list[Check]:
        return list(self.checks)

    def plan(self) -> list[SchemaOp]:
        self._ask("plan")
        return list(self.missing)

    def apply(self, ops: Sequence[SchemaOp]) -> list[str]:
        self._ask("apply")
        made = [op for op in ops if op.name not in self.stubborn]
        self.missing = [op for op in self.missing if op not in made]
        return [f"created {op.kind} {op.name}" for op in made]

    def owners(self) -> list[CrmOwner]:
        self._ask("owners")
        return list(self.owners_)

    def load(self) -> dict[str, int]:
        self._ask("load")
        return dict(self.load_)

    def people(self, cursor: str | None) -> PeoplePage:
        self._ask(f"people {cursor}")
        start = int(cursor or 0)
        people = tuple(self.people_[start : start + self.page])
        ids = {person.crm_id for person in people}
        following = str(start + self.page) if start + self.page < len(self.people_) else None
        return PeoplePage(people, tuple(deal for deal in self.deals if deal.crm_id in ids), following)

    def read(self, keys: Sequence[RecordKey]) -> list[Snapshot | None]:
        self._ask(f"read {[key.crm_id for key in keys]}")
        return [self.shown.get(key.crm_id or "") for key in keys]

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        problem = self.trouble.pop(0) if self.trouble else None
        if problem is not None:
            raise problem


@dataclass
class StageInMemory:
    """The stage `dev`, its table, and the account that the roles `setup` and `crm` of every vendor open."""

    account: FakeAccount
    rules: Rules

    @property
    def store(self) -> TableStore:
        return TableStore(TABLE, {record.kind: record for record in RECORDS})

    def deploy(self, rules: Rules) -> None:
        self.rules = rules
        Bundles("rules").write(rules.version, bundle(rules))


@contextmanager
def stage_in_memory(monkeypatch: pytest.MonkeyPatch, account: FakeAccount | None = None) -> Iterator[StageInMemory]:
    """The stage, with this account for every vendor; without one, the vendors' own roles are there."""
    make: Any = client
    make_table()
    make("s3").create_bucket(Bucket="rules", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for crm, secret in SECRETS.items():
        for use in ("crm", "fetch"):
            make("secretsmanager").create_secret(Name=f"leadrelay/dev/{use}/{crm}", SecretString=json.dumps(secret))
    stage = StageInMemory(account or FakeAccount(), default_rules())
    stage.deploy(stage.rules)
    if account is not None:
        monkeypatch.setattr(registry, "load", _faked(account))
    with ExitStack() as played:
        played.enter_context(answering("cloudformation.DescribeStacks", _described))
        played.enter_context(
            answering("appconfigdata.StartConfigurationSession", lambda _: {"InitialConfigurationToken": "token"})
        )
        played.enter_context(answering("appconfigdata.GetLatestConfiguration", lambda _: _pointed(stage.rules.version)))
        yield stage


def _faked(account: FakeAccount) -> Callable[[str, str], Any]:
    def opened(secret: dict[str, str], endpoint: str | None) -> FakeAccount:
        account.opened_with.append((secret, endpoint))
        return account

    real, fake = registry.load, SimpleNamespace(setup=opened, crm=lambda *_: account)
    return lambda role, vendor: (
        fake if role in ("setup", "crm") and vendor in registry.vendors() else real(role, vendor)
    )


def _described(params: dict[str, Any]) -> dict[str, Any]:
    if params["StackName"] != "leadrelay-dev":
        gone: Any = {"Code": "ValidationError", "Message": f"Stack with id {params['StackName']} does not exist"}
        raise ClientError({"Error": gone}, "DescribeStacks")
    return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in _OUTPUTS.items()]}]}


def _pointed(version: str) -> dict[str, Any]:
    return {
        "Configuration": io.BytesIO(pointer(version).encode()),
        "NextPollConfigurationToken": "token",
        "NextPollIntervalInSeconds": 60,
    }


def cells(ran: Ran) -> list[list[str]]:
    """A table's rows by their cells, wrapped lines joined: where a cell that is never empty is, a row begins."""
    found: list[list[str]] = []
    for line in ran.out.splitlines():
        if not line.startswith("│"):
            continue
        row = [cell.strip() for cell in line.strip("│").split("│")]
        if found and not (row[0] or row[1]):
            found[-1] = [f"{before} {more}".strip() for before, more in zip(found[-1], row, strict=True)]
        else:
            found.append(row)
    return found


def stored_touches(stage: StageInMemory) -> list[TouchRecord]:
    """Every touch that waits to be worked."""
    due = stage.store.due("touch", datetime.now(UTC) + timedelta(days=1), 10_000)
    return [row for row in stage.store.load_all([row.key for row in due]) if isinstance(row, TouchRecord)]


def without_id(rules: Rules, rep_id: str) -> Rules:
    """The same rules, where a rep has no owner id in HubSpot."""

    def known(rep: Rep) -> dict[str, str]:
        return {crm: owner for crm, owner in rep.crm.items() if crm != "hubspot" or rep.id != rep_id}

    reps = tuple(rep.with_(crm=known(rep)) for rep in rules.team.reps)
    return Rules.of(rules.with_(team=rules.team.with_(reps=reps)))
