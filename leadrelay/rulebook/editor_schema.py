"""JSON Schemas of the rules files: an editor completes keys, shows their meaning, and marks faults while one types."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from leadrelay.domain.model import Model
from leadrelay.rulebook.case import Case
from leadrelay.rulebook.files import FILES

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_COMPILED_ONLY = {"SourcePolicy": ("defaults",)}
"""Keys that compiling fills in; nobody writes them."""


def editor_schemas() -> dict[str, str]:
    """File name -> text of the schema, for every rules file and for cases."""
    kinds: dict[str, type[Model]] = {**FILES, "case": Case}
    return {f"{name}.json": _text(name, kind) for name, kind in kinds.items()}


def write_schemas(folder: Path) -> Iterator[Path]:
    """Writes them where the YAML files look for them; yields what changed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in editor_schemas().items():
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            yield path


def _text(name: str, kind: type[Model]) -> str:
    schema = kind.model_json_schema()
    for model, keys in _COMPILED_ONLY.items():
        for key in keys:
            schema.get("$defs", {}).get(model, {}).get("properties", {}).pop(key, None)
    found = {"$schema": _DIALECT, **_readable(schema), "title": f"{name}.yaml"}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _readable(node: Any) -> Any:
    """Without the titles that only repeat a key, and with descriptions on one line."""
    if isinstance(node, list):
        return [_readable(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    kept = {key: _readable(value) for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    if isinstance(kept.get("description"), str):
        kept["description"] = " ".join(kept["description"].split())
    return kept
