"""Opens a deployed zip: the manifest, the files it names, and what is wrong with them, in the metadata API's words.

The zip is untrusted as any upload: entries are counted and their sizes bounded before they are read, and documents with
a DTD are refused.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
LARGEST_ZIP = 39 * 1024 * 1024
LARGEST_UNPACKED = 400 * 1024 * 1024
LARGEST_FILE = 4 * 1024 * 1024  # of this sandbox: XML of a few fields is never larger
MOST_FILES = 10_000
MANIFEST = "package.xml"
FOLDERS = {"CustomObject": ("objects", ".object"), "PermissionSet": ("permissionsets", ".permissionset")}
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    OSError,
    ValueError,
    LookupError,
)
"""What the zip reader says of damaged archives."""
INSIDE = {"CustomField": "CustomObject", "ListView": "CustomObject"}
"""Components that live in another one's file; the manifest names them as `Lead.Name__c`."""


class NoPackage(Exception):
    """The whole upload is refused; the message says why."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One component that cannot be deployed."""

    name: str
    kind: str
    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Package:
    """The documents of a zip by type and name, and the problems of those that are none."""

    documents: Mapping[tuple[str, str], ElementTree.Element]
    problems: tuple[Problem, ...] = ()
    members: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def names(self, kind: str, name: str) -> bool:
        """Whether the manifest asks for this component, by itself or through the file it is in."""
        outer = INSIDE.get(kind)
        return (kind, name) in self.members or bool(outer and (outer, name.partition(".")[0]) in self.members)


def opened(data: bytes) -> Package:
    """The package in a zip. Raises NoPackage where there is none to speak of."""
    files = dict(_files(data))
    if MANIFEST not in files:
        return Package({}, (Problem(MANIFEST, "", MANIFEST, "No package.xml found"),))
    try:
        members = frozenset(_members(_document(files.pop(MANIFEST))))
    except ValueError as error:
        return Package({}, (Problem(MANIFEST, "", MANIFEST, str(error)),))
    documents: dict[tuple[str, str], ElementTree.Element] = {}
    problems = [*_absent(members, files), *_unnamed(members, files)]
    for kind, name, path in _wanted(members):
        if path in files:
            try:
                documents[kind, name] = _document(files[path])
            except ValueError as error:
                problems.append(Problem(name, kind, path, str(error)))
    return Package(documents, tuple(problems), members)


def text(element: ElementTree.Element, name: str) -> str:
    """The text of a child, "" where there is none."""
    return (element.findtext(f"{NAMESPACE}{name}") or "").strip()


def children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """The children of a name."""
    return element.findall(f"{NAMESPACE}{name}")


def _files(data: bytes) -> Iterator[tuple[str, bytes]]:
    if len(data) > LARGEST_ZIP:
        raise NoPackage("Maximum size of request reached. Maximum size of request is 39 MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _bounded(entries)
            for entry in entries:
                with archive.open(entry) as stream:
                    yield _relative(entry.filename), _read(stream)
    except UNREADABLE as error:
        raise NoPackage(f"The zip file cannot be read: {type(error).__name__}") from error


def _bounded(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise NoPackage(f"Too many files: at most {MOST_FILES}")
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise NoPackage("Maximum size of unzipped files reached: 400 MB")


def _read(stream: IO[bytes]) -> bytes:
    data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise NoPackage(f"A file is larger than {LARGEST_FILE} bytes when unzipped")
    return data


def _relative(path: str) -> str:
    """Files may lie at the top or in one folder around them; a path that leads out is never looked for."""
    parts = path.split("/")
    return "/".join(parts[1:]) if parts[0] not in {folder for folder, _ in FOLDERS.values()} and parts[1:] else path


def _document(data: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ValueError("Error parsing file: a DTD is not allowed")
    try:
        return ElementTree.fromstring(data)  # noqa: S314 - no DTD, and bounded
    except ElementTree.ParseError as error:
        raise ValueError(f"Error parsing file: {error}") from error


def _members(manifest: ElementTree.Element) -> Iterator[tuple[str, str]]:
    if manifest.tag != f"{NAMESPACE}Package":
        raise ValueError("Error parsing file: Package is expected")
    for types in children(manifest, "types"):
        for member in children(types, "members"):
            yield text(types, "name"), (member.text or "").strip()


def _wanted(members: frozenset[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Type, name and path of every file that the manifest asks for."""
    whole = {(INSIDE.get(kind, kind), name.partition(".")[0] if kind in INSIDE else name) for kind, name in members}
    return [
        (kind, name, f"{FOLDERS[kind][0]}/{name}{FOLDERS[kind][1]}") for kind, name in sorted(whole) if kind in FOLDERS
    ]


def _absent(members: frozenset[tuple[str, str]], files: Mapping[str, bytes]) -> Iterator[Problem]:
    for kind, name in sorted(members):
        if INSIDE.get(kind, kind) not in FOLDERS:
            yield Problem(name, kind, MANIFEST, f"Unknown type name '{kind}' specified in package.xml")
    for kind, name, path in _wanted(members):
        if path not in files:
            said = f"An object '{name}' of type {kind} was named in package.xml, but was not found in zipped directory"
            yield Problem(name, kind, path, said)


def _unnamed(members: frozenset[tuple[str, str]], files: Mapping[str, bytes]) -> Iterator[Problem]:
    named = {path for _, _, path in _wanted(members)}
    for path in sorted(set(files) - named):
        name = path.rpartition("/")[2].partition(".")[0]
        yield Problem(name, "", path, "Not in package.xml")
