"""The words of notices, read once from the files that lie in `leadrelay/domain/notices/words`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import get_args

from leadrelay.domain.notices import words
from leadrelay.domain.notices.policy import Language
from leadrelay.domain.notices.wording import Words

_FOLDER = resources.files(words)


@cache
def dictionary() -> Mapping[Language, Words]:
    """The words of every language."""
    return {language: _read(language) for language in get_args(Language)}


def _read(language: Language) -> Words:
    return Words.model_validate(tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8")))
