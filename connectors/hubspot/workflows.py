"""The account's own workflows, as far as they write what we write.

HubSpot's automation API (v4; in date versions still a beta) lists flows without their actions and reads them in
batches. It needs the scope `automation`; accounts without workflows refuse or do not know the path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.hubspot.asking import Asking
from connectors.hubspot.batches import LARGEST, items
from leadrelay.ports.errors import Reject

FLOWS = "/automation/v4/flows"
DETAILS = "/account-info/v3/details"
CONTACT = "0-1"
"""HubSpot's type id of contacts."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A workflow that is on. `link` opens it, empty where the account's number is not told."""

    name: str
    link: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.link})" if self.link else self.name


class Workflows:
    """The workflows of one account. Everything raises Retry, Reject or Misconfigured."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def setting(self, prop: str) -> list[Flow]:
        """The contact workflows that are on and write a property."""
        rivals = [flow for flow in self._detailed() if any(_writes(action, prop) for action in _actions(flow))]
        portal = self._portal() if rivals else ""
        return [_flow(flow, portal) for flow in rivals]

    def _detailed(self) -> Iterator[Mapping[str, Any]]:
        listed = self._asking.pages(partial(self._asking.get, FLOWS, limit=LARGEST))
        on = [flow for flow in listed if flow.get("isEnabled") is True and flow.get("objectTypeId") == CONTACT]
        yield from (flow for flow in on if "actions" in flow)
        ids = [str(flow["id"]) for flow in on if "actions" not in flow]
        for start in range(0, len(ids), LARGEST):
            inputs = [{"flowId": one, "type": "FLOW_ID"} for one in ids[start : start + LARGEST]]
            yield from items(self._asking.post(f"{FLOWS}/batch/read", {"inputs": inputs}), "results")

    def _portal(self) -> str:
        try:
            return str(self._asking.get(DETAILS).body.get("portalId") or "")
        except Reject:
            return ""


def _actions(flow: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    actions = flow.get("actions")
    return [action for action in actions if isinstance(action, dict)] if isinstance(actions, list) else []


def _writes(action: Mapping[str, Any], prop: str) -> bool:
    """Actions name the property they write among their `fields` (`property_name`, `target_property`); branches only
    read, and have none."""
    fields = action.get("fields")
    return prop in fields.values() if isinstance(fields, dict) else False


def _flow(flow: Mapping[str, Any], portal: str) -> Flow:
    flow_id = str(flow.get("id", ""))
    link = f"https://app.hubspot.com/workflows/{portal}/platform/flow/{flow_id}/edit" if portal else ""
    return Flow(str(flow.get("name") or f"workflow {flow_id}"), link)
