"""A rule set of one number, compiled and hashed as real ones are."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel, ConfigDict


class SmallRules(BaseModel):
    """Stands for the compiled rules: a version, and something that was decided."""

    model_config = ConfigDict(extra="forbid")

    version: str
    threshold: int


def bundle(threshold: int) -> tuple[str, str]:
    """Version and text."""
    version = hashlib.sha256(json.dumps({"threshold": threshold}, sort_keys=True).encode()).hexdigest()
    return version, json.dumps({"version": version, "threshold": threshold})


def parse(text: str) -> SmallRules:
    return SmallRules.model_validate_json(text)
