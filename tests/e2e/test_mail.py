"""A mail that the mail service puts into its bucket becomes a lead in the CRM; nobody else may put one there."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors import registry
from leadrelay.aws.mailbox import ASIDE, INBOX
from leadrelay.local.cloud import Cloud
from leadrelay.local.courier import Courier, Parcel
from leadrelay.local.watch import Picture, look
from leadrelay.ports.sample import Person, Visit
from leadrelay.ports.source import SourceSettings
from tests.e2e.settling import Settle

pytestmark = pytest.mark.e2e


def mail(person: str, address: str = "contact", form: str = "demo") -> bytes:
    """A mail of somebody who does not exist."""
    who = Person(person, "Writer", f"{person}@mail-works.example", "", "", "Mail Works", "Poland", "Software", 90)
    visit = Visit(address, who, form, f"{person}-{secrets.token_hex(4)}", "Please show us your product.")
    settings = SourceSettings(address, "email")
    body: bytes = registry.load("sample", "email").build(visit, settings, {}, datetime.now(UTC)).body
    return body


def received(cloud: Cloud, name: str, body: bytes) -> None:
    """As the mail service does it."""
    bucket: Any = cloud.emulator.client("s3")
    bucket.put_object(Bucket=cloud.deployed.mail_bucket, Key=f"{INBOX}{name}", Body=body)


def objects(cloud: Cloud, prefix: str) -> set[str]:
    bucket: Any = cloud.emulator.client("s3")
    found = bucket.list_objects_v2(Bucket=cloud.deployed.mail_bucket, Prefix=prefix)
    return {item["Key"].removeprefix(prefix) for item in found.get("Contents", [])}


def test_a_mail_becomes_one_lead_in_the_crm(cloud: Cloud, settle: Settle) -> None:
    body = mail("maria")
    received(cloud, "one", body)
    received(cloud, "again", body)

    def missing_yet(seen: Picture) -> list[str]:
        return [] if seen.contacts_of("maria@mail-works.example") else ["maria is not in the CRM"]

    picture = settle(missing_yet)
    assert len(picture.contacts_of("maria@mail-works.example")) == 1
    assert objects(cloud, INBOX) >= {"one", "again"}, "the mail itself stays"


def test_a_mail_for_nobody_and_what_is_no_mail_are_set_aside(cloud: Cloud, settle: Settle) -> None:
    received(cloud, "nobody", mail("nobody", address="website"))
    received(cloud, "torn", b"\r\n\r\n")
    settle(lambda _: sorted({"nobody", "torn"} - objects(cloud, ASIDE)))
    assert look(cloud).contacts_of("nobody@mail-works.example") == []


def test_nobody_can_post_a_mail_to_the_public_address(cloud: Cloud, courier: Courier) -> None:
    answer = courier.post(Parcel("forged", "contact", {"content-type": "message/rfc822"}, mail("forger")))
    assert answer.status == 404
