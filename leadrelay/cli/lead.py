"""`leadrelay lead …`: one lead's whole story, as the table has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.table import Table

from leadrelay.aws.clock import SystemClock
from leadrelay.cli.console import AsJson, refuse, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.cli.erase import erase
from leadrelay.cli.why import why
from leadrelay.domain.card.deadline import their_zone, told
from leadrelay.domain.clocks.reckoning import Reckoning, reckoned
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules
from leadrelay.ports.errors import Reject
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.story import Story
from leadrelay.workflows.unmerge import Parting, Unmerge

app = typer.Typer(no_args_is_help=True, help="One lead: look at it, take it apart. What is shown is personal data.")


@app.command()
def show(lead_id: str, stage: Stage = STAGE, as_json: AsJson = False) -> None:
    """Who it is, whose it is, and everything that happened."""
    deployed = Deployed(stage)
    try:
        story: Any = Story(deployed.store())(lead_id)
    except Reject:
        refuse(f"there is no lead {lead_id} in stage {stage}")
    rules = deployed.rules().current()
    if as_json:
        say_json({**story, "deadlines": [each.model_dump(mode="json") for each in _reckoned(story, rules)]})
        return
    say(_state(story, rules))
    say(_scores(story))
    say(_log(story))


app.command("why")(why)
app.command("erase")(erase)


@app.command()
def unmerge(
    lead_id: Annotated[str, typer.Argument(help="The lead that another one absorbed, as `lead show` names it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only say what would be done.")] = False,
    stage: Stage = STAGE,
) -> None:
    """Make two people two again who were wrongly taken for one."""
    deployed = Deployed(stage)
    work = Unmerge(deployed.store(), deployed.rules(), Pseudonyms(deployed.secrets()), SystemClock())
    try:
        parting = work(lead_id) if yes else work.plan(lead_id)
    except Reject as refused:
        refuse(f"{lead_id} cannot be unmerged: {refused.detail or refused.reason}")
    say(_parting(parting))
    say("done" if yes else "nothing was done; add --yes to do it")


def _parting(parting: Parting) -> Table:
    table = Table(title=f"Unmerge {parting.lead_id}", show_header=False)
    rows = {
        "it was made part of": parting.other,
        "because of": " and ".join(parting.by) or "what an earlier release did not keep",
        "on (UTC)": parting.merged_at.isoformat(" ", "minutes"),
        "touches since then that go with it": parting.moved,
        "fields that the other loses or has otherwise": ", ".join(parting.lost) or "none",
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def _reckoned(story: Any, rules: Rules) -> list[Reckoning]:
    """Its running clocks, the next one first, each with how it came to its deadline; on the clocks of its owner."""
    lead = Lead.model_validate(story["lead"])
    zone = their_zone(lead.ownership.rep, rules)
    return [reckoned(clock, lead, rules, zone) for clock in sorted(lead.clocks, key=lambda clock: clock.due_at)]


def _state(story: Any, rules: Rules) -> Table:
    lead, profile = story["lead"], story["profile"]["values"]
    step = lead["next_step"]
    table = Table(title=f"Lead {lead['lead_id']}", show_header=False)
    rows = {
        **{name: known["value"] for name, known in profile.items()},
        **({"erased (UTC)": lead["erased_at"]} if lead["erased_at"] else {}),
        "score": f"{lead['score']['total']} (fit {lead['score']['fit']}, engagement {lead['score']['engagement']})",
        "stage": lead["stage"],
        "account": _account(lead),
        "status": lead["status"],
        "owner": _owner(lead["ownership"]),
        "qualifications": ", ".join(sorted(lead["qualifications"])) or "none",
        "nurture": lead["enrolment"]["sequence"] if lead["enrolment"] else "none",
        "relation": lead["relation"] or "none",
        **_permission(story),
        "next step": f"{step['what']}, due {step['due_at']}, {step['who'] or 'nobody'}" if step else "none",
        **{f"{each.kind} due".replace("_", " "): told(each) for each in _reckoned(story, rules)},
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


def _account(lead: Any) -> str:
    """Its colleagues, where it has an account."""
    people, active = lead["account_people"], lead["account_active"]
    return "none" if people is None else f"{people} known people, {active} of them active"


def _owner(ownership: Any) -> str:
    """The rep or the queue; or somebody whom a person chose in the CRM and team.yaml does not name."""
    outside = ownership["outside"]
    if ownership["waits"]:
        return f"nobody yet, waits in {ownership['pool']} since {ownership['since']}{_skipped(ownership['skipped'])}"
    return (
        ownership["rep"] or ownership["queue"] or (f"{outside} in the CRM, not in team.yaml" if outside else "nobody")
    )


def _skipped(skipped: Any) -> str:
    told = ", ".join(f"{rep}: {skip['test']}" for rep, skip in skipped.items())
    return f" ({told})" if told else ""


def _scores(story: Any) -> Table:
    """When the score became another, and which reasons made the difference."""
    table = Table("when (UTC)", "score", "because", title="The score over time")
    for step in story["scores"]:
        shifts = [f"{shift['after'] - shift['before']:+d} {shift['rule']}" for shift in step["shifts"]]
        why = [*(["by time alone:"] if step["by_time"] else []), ", ".join(shifts) or "other reasons, the same points"]
        table.add_row(step["at"], f"{step['before']} → {step['total']}", " ".join(why))
    return table


def _log(story: Any) -> Table:
    table = Table("when (UTC)", "fact", "what", title="What happened")
    for row in story["log"]:
        for fact in row["facts"]:
            table.add_row(row["at"], fact["name"], ", ".join(_told(fact["data"])))
    return table


_EVIDENCE = {"matched_by": "known by", "by": "because of", "account_by": "account by"}
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
