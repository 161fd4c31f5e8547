"""What a package brings: custom fields, list views and permission sets, each judged before any is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from connectors.salesforce.sandbox.org import OBJECTS, TYPES
from connectors.salesforce.sandbox.package import Package, Problem, children, text
from connectors.salesforce.sandbox.schema import standard
from connectors.salesforce.sandbox.store import Store

FIELD_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
LONGEST_NAME = 43  # forty characters and `__c`
LONGEST_LABEL = 40
LENGTHS = {"Text": range(1, 256), "LongTextArea": range(256, 131_073)}
KEYS = frozenset({"Text", "Number", "Email"})
SCOPES = frozenset({"Everything", "Mine", "MineAndMyGroups", "Queue", "Team"})


@dataclass(frozen=True, slots=True)
class Component:
    """One thing to keep as rows: `table` and the values that name it, and all its values."""

    kind: str
    name: str
    table: str
    named: Mapping[str, str]
    values: Mapping[str, str]
    inside: tuple[Component, ...] = ()

    def keep(self, store: Store, parent: str = "") -> bool:
        """Create it, or change the one of its name; says whether it is new."""
        named = {**self.named, **({"ParentId": parent} if parent else {})}
        rows = store.rows(self.table)
        found = next((row for row in rows if all(row.get(name) == value for name, value in named.items())), None)
        if found:
            store.change(self.table, found["Id"], self.values)
        own = found["Id"] if found else store.create(self.table, {**named, **self.values})
        for one in self.inside:
            one.keep(store, own)
        return not found


def components(package: Package, store: Store) -> tuple[list[Component], list[Problem]]:
    """Everything that can be kept, and the problems with the rest."""
    made = [*_fields(package, store), *_views(package, store)]
    fields = {one.name: one.values for one in made if isinstance(one, Component) and one.kind == "CustomField"}
    made += _sets(package, store, fields)
    found = [one for one in made if isinstance(one, Component)]
    return found, [one for one in made if isinstance(one, Problem)]


# -- custom fields


def _fields(package: Package, store: Store) -> Iterator[Component | Problem]:
    for kind, document in _objects(package):
        for element in children(document, "fields"):
            yield _field(package, store, kind, element)


def _field(package: Package, store: Store, kind: str, element: Element) -> Component | Problem:
    name = f"{kind}.{text(element, 'fullName')}"
    why = "Not in package.xml" if not package.names("CustomField", name) else _wrong(store, kind, element)
    if why:
        return Problem(name, "CustomField", f"objects/{kind}.object", why)
    values = {
        "Label": text(element, "label"),
        "Type": text(element, "type"),
        "Length": text(element, "length"),
        "Unique": text(element, "unique"),
        "ExternalId": text(element, "externalId"),
        "Formula": text(element, "formula"),
        "Values": "\n".join(_picks(element)),
    }
    return Component("CustomField", name, "CustomField", {"Object": kind, "FullName": name.partition(".")[2]}, values)


def _wrong(store: Store, kind: str, element: Element) -> str:
    """Why a field cannot be made, "" where it can."""
    name, type_, label = (text(element, part) for part in ("fullName", "type", "label"))
    length = text(element, "length")
    there = store.world.find("CustomField", lambda one: (one.values["Object"], one.values["FullName"]) == (kind, name))
    tests = (
        (not FIELD_NAME.fullmatch(name) or len(name) > LONGEST_NAME, "Invalid fullName, must end in a custom suffix"),
        (name in standard(kind), "There is already a standard field of this name"),
        (not label or len(label) > LONGEST_LABEL, f"label is required, of at most {LONGEST_LABEL} characters"),
        (type_ not in TYPES, f"'{type_}' is not a valid value for the enum 'FieldType'"),
        (type_ in LENGTHS and not _fits(length, LENGTHS.get(type_, range(0))), f"Invalid length for {type_}: {length}"),
        (type_ == "LongTextArea" and not text(element, "visibleLines"), "Must specify visibleLines"),
        (type_ == "Number" and not (text(element, "precision") and text(element, "scale")), "precision and scale"),
        (type_ == "Checkbox" and not text(element, "defaultValue"), "Must specify 'defaultValue' for a checkbox"),
        (type_ == "Picklist" and not _picks(element), "Must specify a valueSet"),
        (text(element, "externalId") == "true" and type_ not in KEYS, f"externalId is not allowed for {type_}"),
        (there is not None and there.values["Type"] != type_, f"Cannot change the type of {name} to {type_}"),
    )
    return next((why for is_wrong, why in tests if is_wrong), "")


def _fits(length: str, allowed: range) -> bool:
    return length.isdigit() and int(length) in allowed


def _picks(element: Element) -> list[str]:
    definitions = [one for outer in children(element, "valueSet") for one in children(outer, "valueSetDefinition")]
    return [text(value, "fullName") for one in definitions for value in children(one, "value")]


# -- list views


def _views(package: Package, store: Store) -> Iterator[Component | Problem]:
    for kind, document in _objects(package):
        coming = {text(one, "fullName") for one in children(document, "fields")}
        for element in children(document, "listViews"):
            name = f"{kind}.{text(element, 'fullName')}"
            wrong = _unshowable(element, coming | _names(store, kind))
            why = wrong if package.names("ListView", name) else "Not in package.xml"
            yield Problem(name, "ListView", f"objects/{kind}.object", why) if why else _view(kind, element)


def _unshowable(element: Element, fields: set[str]) -> str:
    """Why a view cannot be made, "" where it can."""
    name, label, scope = (text(element, part) for part in ("fullName", "label", "filterScope"))
    used = [(one.text or "").strip() for one in children(element, "columns")]
    used += [text(one, "field") for one in children(element, "filters")]
    unknown = next((one for one in used if one.endswith("__c") and one not in fields), None)
    if not re.fullmatch(r"[A-Za-z]\w*", name) or not label or len(label) > LONGEST_LABEL:
        return f"a list view needs a fullName and a label of at most {LONGEST_LABEL} characters"
    if scope not in SCOPES:
        return f"'{scope}' is not a valid value for the enum 'FilterScope'"
    return f"Could not resolve list view column: {unknown}" if unknown else ""


def _view(kind: str, element: Element) -> Component:
    name = text(element, "fullName")
    named = {"DeveloperName": name, "SobjectType": kind}
    return Component("ListView", f"{kind}.{name}", "ListView", named, {"Name": text(element, "label")})


# -- permission sets


def _sets(package: Package, store: Store, coming: Mapping[str, Mapping[str, str]]) -> Iterator[Component | Problem]:
    for (kind, name), document in package.documents.items():
        if kind == "PermissionSet":
            yield _set(store, name, document, coming)


def _set(store: Store, name: str, document: Element, coming: Mapping[str, Mapping[str, str]]) -> Component | Problem:
    rights = []
    for element in children(document, "fieldPermissions"):
        field = text(element, "field")
        values = coming.get(field) or _there(store, field)
        if values is None:
            why = f"In field: field - no CustomField named {field} found"
            return Problem(name, "PermissionSet", f"permissionsets/{name}.permissionset", why)
        if text(element, "editable") == "true" and values.get("Formula"):
            why = f"Field {field} is not editable"
            return Problem(name, "PermissionSet", f"permissionsets/{name}.permissionset", why)
        granted = {"PermissionsRead": text(element, "readable"), "PermissionsEdit": text(element, "editable")}
        rights.append(
            Component("", field, "FieldPermissions", {"Field": field, "SobjectType": field.partition(".")[0]}, granted)
        )
    label = {"Label": text(document, "label")}
    return Component("PermissionSet", name, "PermissionSet", {"Name": name}, label, tuple(rights))


def _names(store: Store, kind: str) -> set[str]:
    return {one.values["FullName"] for one in store.world.all("CustomField") if one.values["Object"] == kind}


def _there(store: Store, field: str) -> Mapping[str, str] | None:
    kind, _, name = field.partition(".")
    found = store.world.find("CustomField", lambda one: (one.values["Object"], one.values["FullName"]) == (kind, name))
    return found.values if found else None


def _objects(package: Package) -> Iterator[tuple[str, Element]]:
    for (kind, name), document in package.documents.items():
        if kind == "CustomObject" and name in OBJECTS:
            yield name, document
