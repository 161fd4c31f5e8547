"""Reads a CloudFormation template as plain data: short tags become their long form, loops are unrolled.

Only what our two templates use: a tag that is not known here fails, rather than reading as something else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


class Template:
    """A template's resources by logical id, with questions that several tests ask."""

    def __init__(self, path: str) -> None:
        self.body: dict[str, Any] = yaml.load((ROOT / path).read_text(), Loader=_Loader)
        self.resources: dict[str, dict[str, Any]] = _unrolled(self.body["Resources"])

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Properties of every resource of this type, by logical id."""
        found = {name: item["Properties"] for name, item in self.resources.items() if item["Type"] == kind}
        assert found, f"no {kind}"
        return found

    def functions(self) -> dict[str, dict[str, Any]]:
        """Every function's own properties over the ones that all share, by logical id."""
        shared = self.body["Globals"]["Function"]
        return {name: shared | own for name, own in self.of_type("AWS::Serverless::Function").items()}

    def variables(self, function: dict[str, Any]) -> dict[str, Any]:
        """The environment of one of `functions()`."""
        shared = self.body["Globals"]["Function"]["Environment"]["Variables"]
        return {**shared, **function["Environment"]["Variables"]}


def target(value: Any) -> str:
    """The logical id that a Ref or GetAtt names."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
    raise AssertionError(f"neither Ref nor GetAtt: {value}")


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)


def _unrolled(resources: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in resources.items():
        if not key.startswith("Fn::ForEach::"):
            flat[key] = value
            continue
        variable, collection, body = value
        for each in collection:
            flat.update(_filled(body, variable, each))
    return flat


def _filled(body: dict[str, Any], variable: str, each: str) -> dict[str, Any]:
    text = json.dumps(body).replace(json.dumps({"Ref": variable}), json.dumps(each))
    alphanumeric = "".join(character for character in each if character.isalnum())
    filled: dict[str, Any] = json.loads(
        text.replace(f"${{{variable}}}", each).replace(f"&{{{variable}}}", alphanumeric)
    )
    return filled
