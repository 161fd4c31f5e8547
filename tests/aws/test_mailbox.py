from __future__ import annotations

import pytest

from leadrelay.aws.clients import client
from leadrelay.aws.mailbox import ASIDE, MailBucket
from leadrelay.ports.errors import Misconfigured, Retry
from tests.aws.cloud import silent_before

BUCKET = "mails"
MAIL = b"Subject: x\r\n\r\n" + b"y" * 1000


@pytest.fixture
def mailbox(account: None) -> MailBucket:
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    client("s3").put_object(Bucket=BUCKET, Key="mail/one", Body=MAIL)
    return MailBucket(BUCKET)


def test_no_more_is_read_than_was_asked_for(mailbox: MailBucket) -> None:
    assert mailbox.read("mail/one", 20) == MAIL[:20]
    assert mailbox.read("mail/one", 10_000) == MAIL


def test_an_empty_object_is_an_empty_mail(mailbox: MailBucket) -> None:
    client("s3").put_object(Bucket=BUCKET, Key="mail/empty", Body=b"")
    assert mailbox.read("mail/empty", 100) == b""


@pytest.mark.parametrize("name", ["mail/none", "unclaimed/one", "one", ""])
def test_what_is_not_there_is_none(mailbox: MailBucket, name: str) -> None:
    client("s3").put_object(Bucket=BUCKET, Key="unclaimed/one", Body=MAIL)
    client("s3").put_object(Bucket=BUCKET, Key="one", Body=MAIL)
    assert mailbox.read(name, 100) is None


def test_what_is_set_aside_is_whole_and_stays_where_it_was(mailbox: MailBucket) -> None:
    for _ in range(2):
        mailbox.set_aside("mail/one")
    assert client("s3").get_object(Bucket=BUCKET, Key=f"{ASIDE}one")["Body"].read() == MAIL
    assert mailbox.read("mail/one", 10_000) == MAIL


def test_silence_and_a_bucket_that_is_not_there(mailbox: MailBucket) -> None:
    with silent_before("s3.GetObject"), pytest.raises(Retry):
        mailbox.read("mail/one", 10)
    with silent_before("s3.CopyObject"), pytest.raises(Retry):
        mailbox.set_aside("mail/one")
    with pytest.raises(Misconfigured, match="no-such-bucket"):
        MailBucket("no-such-bucket").read("mail/one", 10)
