"""What an account lacks of ours (fields, the right to see them, a view), and making it with one deployment.

New fields are invisible to everybody, our own user too, until a permission set shows them: so one is deployed along and
assigned.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from connectors.kit.crm_trouble import Refusal, as_port_errors, heard
from connectors.salesforce.asking import Asking, quoted, select
from connectors.salesforce.fields import KINDS
from connectors.salesforce.metadata import PERMISSION_SET, VIEWS, files, full_name, ours, zipped
from leadrelay.ports.crm_setup import SchemaOp
from leadrelay.ports.errors import Misconfigured, Reject, Retry

DEPLOY = "/metadata/deployRequest"
PAUSE, POLLS = 5.0, 120
"""Seconds between two questions whether a deployment is done, and how many: ten minutes."""
RIGHTS = (
    "give the integration user 'Modify Metadata Through Metadata API Functions', or let an admin deploy the folder "
    "that `python -m connectors.salesforce.metadata FOLDER` writes, and assign the permission set LeadRelay"
)


class Schema:
    """The fields of one account. Everything raises Retry, Reject or Misconfigured."""

    def __init__(self, asking: Asking, sleep: Callable[[float], None] = time.sleep) -> None:
        self._asking = asking
        self._sleep = sleep

    def plan(self) -> list[SchemaOp]:
        """Fields that are not there, the permission set where it lacks one or is not assigned, missing views."""
        granted = self._granted()
        names = [full_name(kind, known) for kind in KINDS for known in ours(self._asking.maps[kind])]
        there = {f"{kind}.{name}" for kind in KINDS for name in self._asking.columns(kind)} | granted
        ops = [SchemaOp("field", name) for name in names if name not in there]
        if ops or not set(names) <= granted or not self._assigned():
            ops.append(SchemaOp("permission", PERMISSION_SET))
        return ops + [SchemaOp("view", name) for name in self._missing_views()]

    def apply(self, ops: Sequence[SchemaOp]) -> list[str]:
        """Fields and rights together, then the views: a view that Salesforce does not take costs nothing else."""
        named = {kind: [op.name for op in ops if op.kind == kind] for kind in ("field", "permission", "view")}
        lines: list[str] = []
        if named["field"] or named["permission"]:
            lines += self._deployed(named["field"], [], permission=True)
        if named["permission"]:
            lines.append(self._assign())
        if named["view"]:
            lines += self._deployed([], named["view"], permission=False)
        return lines

    # -- what there is

    def _granted(self) -> set[str]:
        """The fields that our permission set shows, as `Lead.LR_Score__c`."""
        query = select(
            ["Field"], "FieldPermissions", f"Parent.Name = {quoted(PERMISSION_SET)}", "PermissionsEdit = true"
        )
        return {str(row["Field"]) for row in self._asking.rows(query)}

    def _assigned(self) -> bool:
        tests = f"AssigneeId = {quoted(me(self._asking))}", f"PermissionSet.Name = {quoted(PERMISSION_SET)}"
        return any(True for _ in self._asking.rows(select(["Id"], "PermissionSetAssignment", *tests)))

    def _missing_views(self) -> list[str]:
        names = ", ".join(quoted(name) for name in VIEWS)
        query = select(["SobjectType", "DeveloperName"], "ListView", f"DeveloperName IN ({names})")
        there = {f"{row['SobjectType']}.{row['DeveloperName']}" for row in self._asking.rows(query)}
        return [view for view in (f"{kind}.{name}" for kind in KINDS for name in VIEWS) if view not in there]

    # -- making it

    def _assign(self) -> str:
        query = select(["Id"], "PermissionSet", f"Name = {quoted(PERMISSION_SET)}")
        sets = [str(row["Id"]) for row in self._asking.rows(query)]
        if not sets:
            raise Reject("PERMISSION", f"the permission set {PERMISSION_SET} was deployed and is not there")
        body = {"AssigneeId": me(self._asking), "PermissionSetId": sets[0]}
        call = partial(self._asking.org.call, "POST", "/sobjects/PermissionSetAssignment", body)
        tried = self._asking.tried(call)
        if not isinstance(tried, Refusal):
            return f"assigned permission {PERMISSION_SET} to our user"
        if tried.code == "DUPLICATE":
            return f"permission {PERMISSION_SET} was assigned already"
        raise tried.error()

    def _deployed(self, fields: Sequence[str], views: Sequence[str], *, permission: bool) -> list[str]:
        version = self._asking.org.base.rpartition("v")[2]
        data = zipped(files(self._asking.maps, version, fields, views, permission=permission))
        result = self._finished(self._begun(data))
        details: Mapping[str, Any] = result.get("details") or {}
        if result.get("success") is not True:
            raise Reject("DEPLOY", _failures(details) or str(result.get("errorMessage") or result.get("status")))
        made = {str(one.get("fullName")): one.get("created") is True for one in details.get("componentSuccesses") or ()}
        return [_line("field", name, made) for name in fields] + [_line("view", name, made) for name in views]

    def _begun(self, data: bytes) -> str:
        options = {"rollbackOnError": True, "singlePackage": True, "ignoreWarnings": False, "checkOnly": False}
        parts = {
            "json": (None, json.dumps({"deployOptions": options}), "application/json"),
            "file": ("deploy.zip", data, "application/zip"),
        }
        tried = self._asking.tried(partial(self._asking.org.call, "POST", DEPLOY, files=parts))
        if isinstance(tried, Refusal):
            raise Misconfigured(f"{tried.message} To deploy, {RIGHTS}") if tried.code == "PERMISSION" else tried.error()
        deploy_id = str(tried.get("id", "")) if isinstance(tried, dict) else ""
        if not deploy_id.isalnum():
            raise Reject("DEPLOY", "Salesforce gave the deployment no id")
        return deploy_id

    def _finished(self, deploy_id: str) -> Mapping[str, Any]:
        for _ in range(POLLS):
            result: Mapping[str, Any] = self._asking.get(f"{DEPLOY}/{deploy_id}", includeDetails="true")["deployResult"]
            if result.get("done") is True:
                return result
            self._sleep(PAUSE)
        raise Retry(PAUSE * POLLS, f"the deployment {deploy_id} still runs", "outage")


def me(asking: Asking) -> str:
    """The id of the user we act as. Raises Retry or Misconfigured where nobody lets us in."""
    with as_port_errors():
        user = heard(asking.org.me)
    if not user:
        raise Misconfigured("Salesforce does not say who we are: check the External Client App and its run-as user")
    return user


def _failures(details: Mapping[str, Any]) -> str:
    found = details.get("componentFailures") or ()
    return "; ".join(f"{one.get('fullName')}: {one.get('problem')}" for one in found)


def _line(what: str, name: str, made: Mapping[str, bool]) -> str:
    return f"created {what} {name}" if made.get(name, True) else f"{what} {name} was there already"
