"""Compiled rules in S3: one immutable object per version, `rules/{hash}.json`, and the pointer that names one.

AppConfig holds only the pointer, `{"rules_version": "<64 hex>"}`: bundles may outgrow its limits, and every version
that a fact names must stay readable long after another one was deployed.
"""

from __future__ import annotations

import hashlib
import json
import re

from leadrelay.aws.answers import code_of, speaking_to
from leadrelay.aws.clients import client
from leadrelay.ports.errors import Misconfigured, Retry

_HASH = re.compile(r"[0-9a-f]{64}")
_POINTER_KEY = "rules_version"


def checked_version(version: object) -> str:
    """The version, when it looks like one: it becomes part of an object's key. Raises Misconfigured."""
    if not isinstance(version, str) or not _HASH.fullmatch(version):
        raise Misconfigured("a rules version must be 64 hexadecimal digits; deploy rules with `leadrelay rules deploy`")
    return version


def content_hash(text: str) -> str:
    """SHA-256 (64 hex) of a bundle's canonical JSON without its own `version`.

    Computed from the text, not from the model: a newer program, whose model has more fields, must still recognise a
    bundle that an older one wrote. Raises Misconfigured when the text is no JSON object.
    """
    try:
        bundle = json.loads(text)
    except ValueError:
        bundle = None
    if not isinstance(bundle, dict):
        raise Misconfigured("a rules bundle must be a JSON object; compile the rules again")
    bundle.pop("version", None)
    return hashlib.sha256(json.dumps(bundle, sort_keys=True).encode()).hexdigest()


def checked_text(text: str, version: str) -> str:
    """The text, when it is what the version names. Raises Misconfigured."""
    found = content_hash(text)
    if found != version:
        raise Misconfigured(f"rules {version[:12]} have the content of {found[:12]}; deploy them again")
    return text


def pointer(version: str) -> str:
    """What AppConfig holds."""
    return json.dumps({_POINTER_KEY: checked_version(version)})


def pointed(content: bytes | str) -> str:
    """The version a pointer names. Raises Misconfigured."""
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    return checked_version(said.get(_POINTER_KEY) if isinstance(said, dict) else None)


class Bundles:
    """The bundles in a bucket."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def read(self, version: str) -> str:
        """The text of a version, checked against its hash. Raises Misconfigured (none, damaged), Retry."""
        from botocore.exceptions import ClientError

        key = _object_key(version)
        with speaking_to(f"bucket {self._bucket}"):
            try:
                body = client("s3").get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if code_of(error) not in {"NoSuchKey", "404"}:
                    raise
                raise Misconfigured(f"{key} is not in bucket {self._bucket}; run `leadrelay rules deploy`") from error
        return checked_text(body.decode("utf-8", "replace"), version)

    def write(self, version: str, text: str) -> bool:
        """Store a bundle once; False when it was there already. Raises Misconfigured when the hash is not its own."""
        from botocore.exceptions import ClientError

        checked_text(text, version)
        with speaking_to(f"bucket {self._bucket}"):
            try:
                client("s3").put_object(
                    Bucket=self._bucket,
                    Key=_object_key(version),
                    Body=text.encode(),
                    ContentType="application/json",
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if code_of(error) == "ConditionalRequestConflict":
                    raise Retry(1, f"{version[:12]} is being stored by somebody else", "second") from error
                if code_of(error) != "PreconditionFailed":
                    raise
                return False
        return True


def _object_key(version: str) -> str:
    return f"rules/{checked_version(version)}.json"
