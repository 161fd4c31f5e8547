"""Mail in a bucket: the mail service writes into `mail/`, what nobody could take is copied to `unclaimed/`.

An object that is copied back to `mail/` comes in like a new mail; that is how it is brought in again.
"""

from __future__ import annotations

from leadrelay.aws.answers import code_of, speaking_to
from leadrelay.aws.clients import client

INBOX = "mail/"
ASIDE = "unclaimed/"
_ABSENT = frozenset({"NoSuchKey", "404"})
_EMPTY = "InvalidRange"
"""What S3 answers when a part of an empty object is asked for."""


class MailBucket:
    """Implements `ports.mailbox.Mailbox` on the bucket of this name; names are whole keys."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def read(self, name: str, most: int) -> bytes | None:
        """See the port. Objects elsewhere in the bucket are no mail."""
        from botocore.exceptions import ClientError

        if not name.startswith(INBOX):
            return None
        with speaking_to(f"bucket {self._bucket}"):
            try:
                part = client("s3").get_object(Bucket=self._bucket, Key=name, Range=f"bytes=0-{most - 1}")
                return part["Body"].read()
            except ClientError as error:
                if code_of(error) == _EMPTY:
                    return b""
                if code_of(error) not in _ABSENT:
                    raise
                return None

    def bring(self, name: str, mail: bytes) -> str:
        """Put a mail where the mail service would, to try what becomes of it; its whole key. Raises Retry,
        Misconfigured."""
        with speaking_to(f"bucket {self._bucket}"):
            client("s3").put_object(Bucket=self._bucket, Key=INBOX + name, Body=mail)
        return INBOX + name

    def set_aside(self, name: str) -> None:
        """See the port."""
        kept = ASIDE + name.removeprefix(INBOX)
        with speaking_to(f"bucket {self._bucket}"):
            client("s3").copy_object(
                Bucket=self._bucket,
                Key=kept,
                CopySource={"Bucket": self._bucket, "Key": name},
                MetadataDirective="COPY",
            )
