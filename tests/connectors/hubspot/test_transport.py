"""The wire: versions of paths, addresses, the token, and what never shows."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from connectors.hubspot.crm import crm
from connectors.hubspot.setup import setup
from connectors.hubspot.transport import TIMEOUT, Wire, _requester, dated
from connectors.kit.crm_pace import Pace
from leadrelay.local.crm_world import Sandbox
from leadrelay.ports.crm import PutNote, RecordKey, RetryLater
from leadrelay.ports.errors import Misconfigured, Retry
from tests.connectors.hubspot.conftest import PATIENCE, TOKEN, Account
from tests.connectors.hubspot.samples import AT, field, ok, owner, person, task

PATHS = {
    "/crm/v3/objects/contacts/batch/upsert": "/crm/objects/2026-09/contacts/batch/upsert",
    "/crm/v3/objects/tasks/12": "/crm/objects/2026-09/tasks/12",
    "/crm/v4/objects/contacts/1/associations/notes": "/crm/objects/2026-09/contacts/1/associations/notes",
    "/crm/v3/properties/contacts": "/crm/properties/2026-09/contacts",
    "/crm/v3/properties/contacts/groups": "/crm/properties/2026-09/contacts/groups",
    "/crm/v3/owners/": "/crm/owners/2026-09",
    "/crm/v3/owners/7": "/crm/owners/2026-09/7",
    "/crm/v3/objects/deals/batch/read": "/crm/objects/2026-09/deals/batch/read",
    "/crm/v3/objects/companies/9": "/crm/objects/2026-09/companies/9",
    "/crm/v3/objects/calls": "/crm/objects/2026-09/calls",
    "/crm/v3/objects/contacts/search": "/crm/objects/2026-09/contacts/search",
    "/crm/v4/associations/contacts/deals/batch/read": "/crm/associations/2026-09/contacts/deals/batch/read",
    "/crm/v3/lists/55/memberships/add": "/crm/lists/2026-09/55/memberships/add",
    "/crm/v3/pipelines/deals": "/crm/pipelines/2026-09/deals",
    "/automation/v4/flows?limit=100": "/automation/2026-09-beta/flows?limit=100",
    "/automation/v4/flows/batch/read": "/automation/2026-09-beta/flows/batch/read",
    "/account-info/v3/details": "/account-info/2026-09/details",
    "/account-info/v3/api-usage/daily/private-apps": "/account-info/2026-09/api-usage/daily/private-apps",
}


@pytest.mark.parametrize(("path", "rewritten"), PATHS.items())
def test_every_path_has_its_date_version(path: str, rewritten: str) -> None:
    assert dated(f"https://api.example.test{path}", "2026-09") == f"https://api.example.test{rewritten}"
    assert dated(f"https://api.example.test{path}", "v3") == f"https://api.example.test{path}"


def test_a_date_version_is_used_for_everything_and_only_where_asked(sandbox: Sandbox) -> None:
    for version in ("2026-03", "v3"):
        sandbox.world.reset()
        role = setup({"token": TOKEN}, sandbox.url, PATIENCE, version)
        role.check()
        role.apply(role.plan())
        role.apply([op for op in role.plan() if op.kind == "field"])
        account = crm({"token": TOKEN}, sandbox.url, PATIENCE, version)
        contact = ok(account.write([person(1)])[0]).crm_id
        account.write([person(1, field("score", 2)), task(contact, owner=None)])
        account.find_marked(contact, ["op-task"])
        paths = [asked.path for asked in sandbox.world.journal()]
        assert len(paths) > 15
        assert all((version in path) or (version == "v3" and "/v4/" in path) for path in paths), paths
        assert {asked.status for asked in sandbox.world.journal()} <= {200, 201, 207}


@pytest.mark.parametrize("version", ["v4", "2026", "latest", "../v3"])
def test_an_unknown_version_is_a_set_up_error(version: str) -> None:
    with pytest.raises(Misconfigured, match="version"):
        crm({"token": TOKEN}, "http://127.0.0.1:9", PATIENCE, version)


@pytest.mark.parametrize("endpoint", ["http://api.example.test", "ftp://127.0.0.1", "127.0.0.1:80"])
def test_the_token_travels_encrypted_or_not_at_all(endpoint: str) -> None:
    with pytest.raises(Misconfigured, match="https"):
        crm({"token": TOKEN}, endpoint)


def test_without_an_endpoint_it_is_hubspot_itself() -> None:
    api = Wire("t", None, TIMEOUT, "v3")._api("crm.objects.basic_api")
    assert api.api_client.configuration.host == "https://api.hubapi.com"


@pytest.mark.parametrize("secret", [{}, {"token": ""}, {"token": "  "}, {"key": "x"}])
def test_a_missing_token_says_what_to_create(secret: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="Service Key"):
        crm(secret, "http://127.0.0.1:9")


def test_a_wrong_token_waits_for_a_person(sandbox: Sandbox) -> None:
    stranger = crm({"token": "wrong"}, sandbox.url, PATIENCE)
    result = stranger.write([owner("101", "7")])[0]
    assert isinstance(result, RetryLater)
    assert (result.scope, "Service Key" in result.message) == ("auth", True)
    with pytest.raises(Misconfigured):
        stranger.read([RecordKey("a" * 32)])


def test_nothing_of_the_payload_and_no_token_reaches_a_log(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    secrets = ["hidden@example.com", "Hidden Words", "Concealed", TOKEN]
    first = ok(account.crm.write([person(9)])[0]).crm_id
    account.crm.write([PutNote("n9", first, "", AT)])
    account.crm.find_marked(first, ["n9"])  # each part of the client silences urllib3 when it is first used
    for name in ("urllib3", "hubspot", "http", "connectors", "leadrelay"):
        caplog.set_level(logging.DEBUG, name)
    with caplog.at_level(logging.DEBUG):
        op = person(1, field("message", "Hidden Words"), field("first_name", "Concealed"), email="hidden@example.com")
        contact = ok(account.crm.write([op])[0]).crm_id
        account.crm.write([PutNote("n", contact, "Hidden Words", AT), person(2, field("employees", "Hidden Words"))])
        account.world.fail("500", match="batch/read", times=1)
        with pytest.raises(Retry):
            account.crm.read([op.key])
        account.crm.read([op.key])
        account.crm.find_marked(contact, ["n"])
    assert len(caplog.records) > 5
    text = caplog.text + repr(account.crm) + repr(account.world.journal())
    assert [secret for secret in secrets if secret in text] == []


def test_the_client_retries_nothing_by_itself(account: Account) -> None:
    account.sandbox.dialect.configure({"retry_after": 1})
    account.world.fail("429", times=5)
    with pytest.raises(Retry) as later:
        account.crm.read([RecordKey("a" * 32)])
    with pytest.raises(Retry):
        account.crm.find_marked("101", ["x"])  # a GET, which urllib3 would repeat after Retry-After
    assert account.world.faults.left() == 3
    assert later.value.after == 1.0


def test_no_call_goes_out_without_a_time_limit() -> None:
    given: dict[str, object] = {}

    def plain(method: str, url: str, **options: object) -> object:
        given.update(options, url=url)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        _requester(plain, "2026-09", (1.0, 2.0), Pace())("GET", "https://api.example.test/crm/v3/owners/")
    assert given["_request_timeout"] == (1.0, 2.0)
    assert given["url"] == "https://api.example.test/crm/owners/2026-09"


def test_connections_are_kept(account: Account) -> None:
    """The client makes a pool at each access; ours is made once."""
    wire = Wire(TOKEN, account.sandbox.url, PATIENCE, account.version)
    for _ in range(3):
        assert wire.call("crm.objects.basic_api", "get_page", "contacts").ok
    pools = wire._api("crm.objects.basic_api").api_client.rest_client.pool_manager.pools
    [pool] = [pools[key] for key in pools.keys()]  # noqa: SIM118 - a urllib3 container, not a dict
    assert (pool.num_connections, pool.num_requests) == (1, 3)


def test_importing_the_role_loads_no_client() -> None:
    code = (
        "import sys, connectors.hubspot.crm; print([m for m in ('hubspot', 'urllib3', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
