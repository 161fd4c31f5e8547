"""`leadrelay lead …`: one lead's whole story, as the table has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from rich.table import Table

from leadrelay.cli.console import AsJson, refuse, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.ports.errors import Reject
from leadrelay.workflows.story import Story

app = typer.Typer(no_args_is_help=True, help="Look at one lead. What is shown is personal data.")


@app.callback()
def group() -> None:
    """Keeps `show` a command of its own while it is the only one."""


@app.command()
def show(lead_id: str, stage: Stage = STAGE, as_json: AsJson = False) -> None:
    """Who it is, whose it is, and everything that happened."""
    try:
        story: Any = Story(Deployed(stage).store())(lead_id)
    except Reject:
        refuse(f"there is no lead {lead_id} in stage {stage}")
    if as_json:
        say_json(story)
        return
    say(_state(story))
    say(_log(story))


def _state(story: Any) -> Table:
    lead, profile = story["lead"], story["profile"]["values"]
    step = lead["next_step"]
    table = Table(title=f"Lead {lead['lead_id']}", show_header=False)
    rows = {
        **{name: known["value"] for name, known in profile.items()},
        "score": f"{lead['score']['total']} (fit {lead['score']['fit']}, engagement {lead['score']['engagement']})",
        "stage": lead["stage"],
        "status": lead["status"],
        "owner": _owner(lead["ownership"]),
        "qualifications": ", ".join(sorted(lead["qualifications"])) or "none",
        "nurture": lead["enrolment"]["sequence"] if lead["enrolment"] else "none",
        "relation": lead["relation"] or "none",
        **_permission(story),
        "next step": f"{step['what']}, due {step['due_at']}, {step['who'] or 'nobody'}" if step else "none",
        "CRM": ", ".join(f"{sync['crm']} {sync['crm_id'] or '(no record yet)'}" for sync in story["crm"]),
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def _permission(story: Any) -> dict[str, str]:
    """What they allowed and refused with the words they saw, what the CRM refuses, and when they want a call."""
    held, callback = story["lead"]["permission"], story["lead"]["callback"]
    rows = {
        f"consent {purpose}": "; ".join(_statement(said) for said in known.values() if said)
        for purpose, known in story["profile"].get("consents", {}).items()
    }
    rows |= {f"refused in {record}": ", ".join(purposes) for record, purposes in held["refused_there"].items()}
    rows |= {f"no {how}": f"since {each['since']}, {each['who']}" for how, each in held["forbidden"].items()}
    return rows if callback is None else {**rows, "wants a call": f"at {callback['at']}"}


def _statement(said: Any) -> str:
    proven = "" if said["proven"] else ", unproven"
    return f"{'yes' if said['given'] else 'no'} at {said['at']}, {said['source']}{proven}: {said['text']}"


def _owner(ownership: Any) -> str:
    """The rep or the queue; or somebody whom a person chose in the CRM and team.yaml does not name."""
    outside = ownership["outside"]
    return (
        ownership["rep"] or ownership["queue"] or (f"{outside} in the CRM, not in team.yaml" if outside else "nobody")
    )


def _log(story: Any) -> Table:
    table = Table("when (UTC)", "fact", "what", title="What happened")
    for row in story["log"]:
        for fact in row["facts"]:
            table.add_row(row["at"], fact["name"], ", ".join(_told(fact["data"])))
    return table


_EVIDENCE = {"matched_by": "known by", "by": "because of"}
"""What told who it is, in a fact's words and in ours."""


def _told(data: Any) -> Iterator[str]:
    """What a fact says, in short: its codes and numbers, and the evidence for who it is."""
    for name, value in data.items():
        if isinstance(value, str | int):
            yield f"{name} {value}"
        elif name in _EVIDENCE and value:
            yield f"{_EVIDENCE[name]} {' and '.join(value)}"
        elif name == "absorbed" and value:
            yield f"absorbed {value['lead_id']}"
