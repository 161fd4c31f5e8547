"""Pipelines of deals, and the automations of an account: what is there to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.hubspot.sandbox.errors import bad_input, not_found
from connectors.hubspot.sandbox.kinds import DEALS
from leadrelay.local.crm_world import Reply

# (id, label, probability, closed): the stages a new account has, won and lost at the end.
STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2", "false"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4", "false"),
    ("presentationscheduled", "Presentation Scheduled", "0.6", "false"),
    ("contractsent", "Contract Sent", "0.9", "false"),
    ("closedwon", "Closed Won", "1.0", "true"),
    ("closedlost", "Closed Lost", "0.0", "true"),
)
# A second pipeline, whose stages have numbers for names, as those that people add.
RENEWALS = (
    ("73510010", "Due", "0.5", "false"),
    ("73510011", "Renewed", "1.0", "true"),
    ("73510012", "Cancelled", "0.0", "true"),
)
PIPELINES = {"default": ("Sales Pipeline", STAGES), "73510009": ("Renewals", RENEWALS)}


def pipelines(kind: str) -> Reply:
    """GET /pipelines/{kind}"""
    if kind != DEALS:
        raise not_found("pipeline")
    return Reply(200, {"results": [_pipeline(name, *PIPELINES[name]) for name in PIPELINES]})


def flows(there: Sequence[object]) -> Reply:
    """GET /automation/v4/flows: the account's workflows, as the switch `flows` lists them, without their actions"""
    return Reply(
        200, {"results": [{name: part for name, part in one.items() if name != "actions"} for one in _flows(there)]}
    )


def flows_read(there: Sequence[object], body: Mapping[str, Any]) -> Reply:
    """POST /automation/v4/flows/batch/read: workflows as a whole, those of the ids that exist"""
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(one, dict) and "flowId" in one for one in inputs):
        raise bad_input("inputs must be a list of objects with a flowId")
    asked = {str(one["flowId"]) for one in inputs}
    return Reply(200, {"results": [one for one in _flows(there) if one["id"] in asked]})


def _flows(there: Sequence[object]) -> list[dict[str, Any]]:
    given = [one for one in there if isinstance(one, dict)]
    common = {"flowType": "WORKFLOW", "objectTypeId": "0-1", "isEnabled": True, "revisionId": "1", "actions": []}
    return [{**common, "id": str(place), **one} for place, one in enumerate(given, start=1)]


def _pipeline(name: str, label: str, stages: Sequence[tuple[str, str, str, str]]) -> dict[str, Any]:
    shown = [
        {
            "id": stage,
            "label": text,
            "displayOrder": place,
            "metadata": {"isClosed": closed, "probability": probability},
            "archived": False,
        }
        for place, (stage, text, probability, closed) in enumerate(stages)
    ]
    return {"id": name, "label": label, "displayOrder": 0, "stages": shown, "archived": False}
