"""JSON Schemas of the facts on the bus: what other systems of the company may rely on when they listen."""

from __future__ import annotations

import json
from typing import Any

from leadrelay.domain.facts import Fact, Metadata
from leadrelay.domain.vocabulary import ADDRESSED, FACTS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def fact_schema() -> dict[str, Any]:
    """One schema of an event's `detail`; `$defs` has each fact by its name on the bus (`detail-type`)."""
    definitions = {name: _of(kind) for name, kind in sorted(FACTS.items())}
    return {
        "$schema": _DIALECT,
        "title": "Facts of LeadRelay",
        "description": f"Events of source leadrelay, by detail-type. Answered by a function: {', '.join(ADDRESSED)}.",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in definitions],
        "$defs": definitions,
    }


def fact_schema_text() -> str:
    """As it stands in infra/schema/facts.json."""
    return json.dumps(fact_schema(), indent=2, ensure_ascii=False) + "\n"


def _of(kind: type[Fact]) -> dict[str, Any]:
    """The fact with its envelope. `data` and `metadata` keep their own definitions beside them."""
    return {
        "description": _line(kind.__doc__),
        "type": "object",
        "required": ["metadata", "data"],
        "properties": {
            "metadata": _plain(Metadata.model_json_schema(mode="serialization")),
            "data": _plain(kind.model_json_schema(mode="serialization")),
        },
        "additionalProperties": False,
        "x-schema-version": kind.schema_version,
    }


def _plain(schema: dict[str, Any]) -> Any:
    """With every reference written out, so that each fact can be read by itself."""
    return _written_out(schema, schema.get("$defs", {}))


def _written_out(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_written_out(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _written_out(definitions[node["$ref"].rpartition("/")[2]], definitions)
    kept = {
        key: value for key, value in node.items() if key != "$defs" and not (key == "title" and isinstance(value, str))
    }
    if isinstance(kept.get("description"), str):
        kept["description"] = _line(kept["description"])
    return {key: _written_out(value, definitions) for key, value in kept.items()}


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
