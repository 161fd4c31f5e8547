"""POST metadata/deployRequest: a zip becomes custom fields, list views and permission sets, some polls later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from connectors.salesforce.sandbox.columns import wire_time
from connectors.salesforce.sandbox.components import Component, components
from connectors.salesforce.sandbox.errors import Bad, not_found, unreadable
from connectors.salesforce.sandbox.ids import shown
from connectors.salesforce.sandbox.package import NoPackage, Package, Problem, opened
from connectors.salesforce.sandbox.store import Store
from leadrelay.local.crm_world import Reply, Request

RUNNING = ("Pending", "InProgress")


@dataclass(slots=True)
class Deploy:
    """One deployment: what it is to do, what is wrong with it, and how often it was asked about."""

    id: str
    options: Mapping[str, Any]
    todo: tuple[Component, ...] = ()
    problems: tuple[Problem, ...] = ()
    error: str = ""
    polls: int = 0
    created: list[bool] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether nothing of it is kept."""
        return bool(self.problems or self.error)


@dataclass(slots=True)
class Deploys:
    """The deployments of an org. `polls` is how often each must be asked about before it is done."""

    store: Store
    polls: int = 1
    known: dict[str, Deploy] = field(default_factory=dict)

    def begin(self, request: Request, base: str) -> Reply:
        """POST metadata/deployRequest. Raises Bad for a body that is not the two parts."""
        parts = _parts(request)
        try:
            options = json.loads(parts["json"])["deployOptions"]
        except (KeyError, TypeError, ValueError):
            raise unreadable("deployOptions is missing from the part named json") from None
        if "file" not in parts:
            raise Bad(400, "MISSING_ARGUMENT", "the part named file is missing")
        number = shown("DeployRequest", self.store.world.next_id())
        deploy = self._judged(number, options, parts["file"])
        self.known[number] = deploy
        url = f"{base}/metadata/deployRequest/{number}?includeDetails=true"
        return Reply(201, {"id": number, "url": url, "deployOptions": options, "deployResult": self._result(deploy)})

    def asked(self, deploy_id: str, *, details: bool) -> Reply:
        """GET metadata/deployRequest/{id}. Raises Bad for an unknown one."""
        deploy = self.known.get(deploy_id)
        if deploy is None:
            raise not_found()
        deploy.polls += 1
        if deploy.polls == self.polls and not deploy.failed and not deploy.options.get("checkOnly"):
            deploy.created = [component.keep(self.store) for component in deploy.todo]
        told = self._result(deploy)
        if details:
            told["details"] = _details(deploy) if told["done"] else {"componentFailures": [], "componentSuccesses": []}
        return Reply(200, {"id": deploy_id, "deployOptions": deploy.options, "deployResult": told})

    def _judged(self, number: str, options: Mapping[str, Any], data: bytes) -> Deploy:
        try:
            package: Package = opened(data)
        except NoPackage as refusal:
            return Deploy(number, options, error=str(refusal))
        todo, problems = components(package, self.store)
        return Deploy(number, options, tuple(todo), (*package.problems, *problems))

    def _result(self, deploy: Deploy) -> dict[str, Any]:
        done = deploy.polls >= self.polls
        ended = "Failed" if deploy.failed else "Succeeded"
        status = ended if done else RUNNING[min(deploy.polls, 1)]
        counts = {
            "numberComponentErrors": len(deploy.problems) if done else 0,
            "numberComponentsDeployed": len(deploy.todo) if done and not deploy.failed else 0,
            "numberComponentsTotal": len(deploy.todo) + len(deploy.problems),
        }
        error = {"errorMessage": deploy.error, "errorStatusCode": "UNKNOWN_EXCEPTION"} if done and deploy.error else {}
        when = {"completedDate": wire_time(self.store.world.now())} if done else {}
        said = {"id": deploy.id, "done": done, "success": done and not deploy.failed, "status": status}
        return {**said, **counts, **error, **when, "checkOnly": bool(deploy.options.get("checkOnly"))}


def _details(deploy: Deploy) -> dict[str, Any]:
    failures = [
        {
            "fullName": one.name,
            "componentType": one.kind,
            "fileName": one.file,
            "problem": one.why,
            "problemType": "Error",
            "success": False,
            "lineNumber": 1,
        }
        for one in deploy.problems
    ]
    successes = [
        {"fullName": one.name, "componentType": one.kind, "success": True, "created": created, "problem": None}
        for one, created in zip(deploy.todo, deploy.created, strict=False)
    ]
    return {"componentFailures": failures, "componentSuccesses": successes}


def _parts(request: Request) -> dict[str, bytes]:
    if request.media_type != "multipart/form-data":
        raise Bad(415, "UNSUPPORTED_MEDIA_TYPE", "send multipart/form-data")
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message: Message = message_from_bytes(head + request.raw)
    parts = message.get_payload()
    if not message.is_multipart() or not isinstance(parts, list):
        raise unreadable("the body has no parts")
    found = {}
    for part in parts:
        data = part.get_payload(decode=True) if isinstance(part, Message) else b""
        name = part.get_param("name", header="content-disposition") if isinstance(part, Message) else ""
        found[str(name)] = data if isinstance(data, bytes) else b""
    return found
