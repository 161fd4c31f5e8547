"""What the set-up deploys, as the files of Salesforce's metadata format: fields, a view of today's leads, a permission
set that shows the fields to our user.

`python -m connectors.salesforce.metadata FOLDER` writes the same files, for an admin who deploys them with Salesforce's
own tool (`sf project deploy start --metadata-dir FOLDER`). Built after the metadata guide and held against a sandbox;
no live org has taken them yet.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from connectors.kit.crm_fields import Field, FieldMap
from connectors.salesforce.fields import KINDS, Kind, default_maps, description

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
PERMISSION_SET = "LeadRelay"
COLUMNS = ("urgency", "next_step", "next_step_due_at", "score", "score_reasons", "lead_status", "temperature")
MADE = (1980, 1, 1, 0, 0, 0)
"""Every file's time: the same fields make the same zip."""
LINES_SHOWN = "5"

Files = Mapping[str, bytes]


class View(NamedTuple):
    """A list of records: whose, and which of them (word, operation, value)."""

    label: str
    scope: str
    test: tuple[str, str, str]


VIEWS: Mapping[str, View] = {
    "LeadRelay_Today": View("LeadRelay: today", "Mine", ("urgency", "greaterThan", "0")),
    "LeadRelay_Call_List": View("LeadRelay: call list", "Everything", ("call_list_on", "equals", "TODAY")),
}
"""By developer name: what a rep has to do, the most urgent first; and whom the score put on today's call list."""


def ours(fields: FieldMap) -> list[Field]:
    """The fields that the set-up makes."""
    return [known for known in fields.fields.values() if known.label]


def full_name(kind: Kind, known: Field) -> str:
    """`Lead.LR_Score__c`"""
    return f"{kind}.{known.name}"


def files(
    maps: Mapping[Kind, FieldMap], version: str, fields: Sequence[str], views: Sequence[str], *, permission: bool
) -> Files:
    """The files for these fields and views (full names), and for the permission set, with the manifest that names
    exactly them: what else the account has is left as it is."""
    made = {f"objects/{kind}.object": _object(kind, maps[kind], fields, views) for kind in KINDS}
    kept = {path: document for path, document in made.items() if len(document)}
    members = {"CustomField": list(fields), "ListView": list(views)}
    if permission:
        kept[f"permissionsets/{PERMISSION_SET}.permissionset"] = _permission_set(maps)
        members["PermissionSet"] = [PERMISSION_SET]
    kept["package.xml"] = _manifest(members, version)
    return {path: _written(document) for path, document in kept.items()}


def zipped(contents: Files) -> bytes:
    """The files as the zip that the API takes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(contents.items()):
            archive.writestr(zipfile.ZipInfo(path, MADE), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# -- documents


def _object(kind: Kind, fields: FieldMap, wanted: Sequence[str], views: Sequence[str]) -> Element:
    document = Element("CustomObject", xmlns=NAMESPACE)
    for known in ours(fields):
        if full_name(kind, known) in wanted:
            _add(document, "fields", dict(_declared(known)))
    for name, view in VIEWS.items():
        if f"{kind}.{name}" in views:
            _view(document, name, view, fields)
    return document


def _declared(known: Field) -> Iterator[tuple[str, Any]]:
    """The parts of a field, each type with those that it demands."""
    yield "fullName", known.name
    yield "label", known.label
    if known.description:
        yield "description", known.description
    yield "type", known.type
    yield from ((part, str(known.shape[part])) for part in ("length", "precision", "scale") if part in known.shape)
    if known.type == "LongTextArea":
        yield "visibleLines", LINES_SHOWN
    if known.type == "Checkbox":
        yield "defaultValue", "false"
    if known.type == "Picklist":
        yield "valueSet", _values(known)
    if known.unique:
        yield from (("externalId", "true"), ("unique", "true"), ("caseSensitive", "false"))


def _values(known: Field) -> dict[str, Any]:
    names = list(dict.fromkeys([*known.order, *known.values.values()]))
    values = [{"fullName": name, "default": "false", "label": name} for name in names]
    return {"restricted": "true", "valueSetDefinition": {"sorted": "false", "value": values}}


def _view(document: Element, name: str, view: View, fields: FieldMap) -> None:
    """The urgency is in the first column to sort by: the format has no order of its own. Native fields have other names
    in views, so only those of ours and the person's name are shown."""
    shown = [known.name for word in COLUMNS if (known := fields.fields.get(word)) and known.label]
    made: dict[str, Any] = {"fullName": name, "label": view.label, "filterScope": view.scope}
    word, operation, value = view.test
    test = {"field": fields.of(word).name, "operation": operation, "value": value}
    _add(document, "listViews", {**made, "columns": ["FULL_NAME", *shown], "filters": test})


def _permission_set(maps: Mapping[Kind, FieldMap]) -> Element:
    document = Element("PermissionSet", xmlns=NAMESPACE)
    for name in sorted(full_name(kind, known) for kind in KINDS for known in ours(maps[kind])):
        _add(document, "fieldPermissions", {"editable": "true", "field": name, "readable": "true"})
    _add(document, "hasActivationRequired", "false")
    _add(document, "label", PERMISSION_SET)
    return document


def _manifest(members: Mapping[str, Sequence[str]], version: str) -> Element:
    document = Element("Package", xmlns=NAMESPACE)
    for kind, names in members.items():
        if names:
            _add(document, "types", {"members": sorted(names), "name": kind})
    _add(document, "version", version)
    return document


def _add(parent: Element, name: str, value: Any) -> None:
    """A child for a text, one for a mapping with its own children, several for a list."""
    if isinstance(value, list):
        for one in value:
            _add(parent, name, one)
        return
    child = SubElement(parent, name)
    if isinstance(value, Mapping):
        for inner, text in value.items():
            _add(child, inner, text)
    else:
        child.text = value


def _written(document: Element) -> bytes:
    indent(document, "    ")
    text: bytes = tostring(document, "UTF-8", xml_declaration=True)
    return text + b"\n"


def main(arguments: Sequence[str]) -> int:
    """Write everything into a folder; 2 where none is named."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m connectors.salesforce.metadata FOLDER\n")
        return 2
    maps = default_maps()
    names = [full_name(kind, known) for kind in KINDS for known in ours(maps[kind])]
    views = [f"{kind}.{name}" for kind in KINDS for name in VIEWS]
    for path, data in files(maps, description()["api"]["version"], names, views, permission=True).items():
        place = Path(arguments[0]) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        sys.stdout.write(f"{place}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
