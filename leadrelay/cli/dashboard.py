"""`leadrelay dashboard`: a link that lets somebody in without an issuer. Whoever may read the key may make one."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from leadrelay.cli.console import AsJson, misused, now, refuse, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.domain.reporting.access import Claim, Role, viewer_of
from leadrelay.workflows.sign_in import HOME, KEPT_IN, entrance

_ROLES: tuple[Role, ...] = ("rep", "manager", "revops")


def dashboard(
    as_: Annotated[str, typer.Option("--as", help="Whose pages: `rep`, `manager` or `revops`.")] = "manager",
    rep: Annotated[str | None, typer.Option(help="Which rep of team.yaml.")] = None,
    hours: Annotated[int, typer.Option(min=1, max=24 * 31, help="For how long it is good, and who came by it.")] = 8,
    url: Annotated[str | None, typer.Option(help="The address of the API, if not that of the stack.")] = None,
    stage: Stage = STAGE,
    as_json: AsJson = False,
) -> None:
    """A link to the dashboard, for whom it is given to: it is as good as a sign-in, so send it as you would a key.

    It ends by itself. To end all at once, give the secret `leadrelay/STAGE/dashboard` another `key`.
    """
    deployed, until = Deployed(stage), now() + timedelta(hours=hours)
    claim = Claim(role=_role(as_), rep=rep)
    if viewer_of(claim, deployed.rules().current()) is None:
        refuse(f"name a rep who is active in team.yaml with --rep; '{rep or ''}' is none")
    base = (url or deployed.dashboard()).rstrip("/").removesuffix(HOME)
    link = base + entrance(claim, until, deployed.secrets().get(KEPT_IN)["key"][0])
    if as_json:
        say_json({"link": link, "until": until.isoformat(timespec="seconds")})
    else:
        say(f"{link}\ngood until {until:%Y-%m-%d %H:%M} UTC")


def _role(said: str) -> Role:
    found = next((role for role in _ROLES if role == said), None)
    if found is None:
        misused(f"'{said}' is none of {', '.join(_ROLES)}", "--as")
    return found
