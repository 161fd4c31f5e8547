"""WPForms: somebody fills in a form of a WordPress site; the add-on sends the mapped fields as JSON."""

from __future__ import annotations

from datetime import datetime

from connectors.kit import sample, signing
from leadrelay.ports.sample import Sent, Visit, newest
from leadrelay.ports.source import SecretValues, SourceSettings


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """Slashes come escaped, as PHP writes them."""
    about = {"form_id": visit.form, "entry_id": sample.digits(visit, 9), **sample.hidden(visit)}
    body = sample.compact({**sample.answers(visit), **about}).replace(b"/", b"\\/")
    stamp = sample.unix(now)
    proof = signing.sign(newest(secrets, "webhook_secret"), f"{stamp}.".encode() + body).decode()
    headers = {"x-wpforms-webhook-id": "1", "x-wpforms-webhook-signature": f"t={stamp},v={proof}"}
    return Sent({"content-type": "application/json; charset=utf-8", **headers}, body)
