"""XML from outside, read strictly: what an outbound message needs of SOAP 1.1, and nothing an attacker needs of XML.

SOAP forbids document types and processing instructions, and so do we, before anything of them is looked at: without a
document type there are no entities to expand and nothing to load. Size, depth and number of elements are bounded. Only
UTF-8 is read, whatever the declaration says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from leadrelay.ports.source import Malformed

MAX_BYTES = 4096 * 1024
MAX_DEPTH = 12
MAX_ELEMENTS = 50_000
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_BETWEEN = " "  # between namespace and local name, as a blank stands in neither


@dataclass(slots=True)
class Element:
    """One element. `name` is its local name, `start` the place (in bytes) where it begins, `end` where its end tag
    begins, or where it ends if it is a single empty tag."""

    namespace: str
    name: str
    attributes: Mapping[str, str]
    start: int
    end: int = 0
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str, namespace: str | None = None) -> list[Element]:
        """The children of this name; of any namespace where none is given."""
        wanted = self.namespace if namespace is None else namespace
        return [child for child in self.children if child.name == name and child.namespace == wanted]

    def one(self, name: str, namespace: str | None = None) -> Element:
        """The only child of this name. Raises Malformed where there is none, or more than one to choose from."""
        found = self.all(name, namespace)
        if len(found) != 1:
            raise Malformed(f"soap:{name}:missing" if not found else f"soap:{name}:twice")
        return found[0]

    def is_tag(self, body: bytes) -> bool:
        """Whether it is a single empty tag."""
        return not (self.text or self.children) and body[: self.end].endswith(b"/>")


def read(body: bytes) -> Element:
    """The one element inside the SOAP body. Raises Malformed."""
    envelope = _Reader().read(body)
    if (envelope.namespace, envelope.name) != (ENVELOPE, "Envelope"):
        raise Malformed("soap:not_an_envelope")
    inside = envelope.one("Body").children
    if len(inside) != 1:
        raise Malformed("soap:body")
    return inside[0]


def without(body: bytes, name: str) -> bytes:
    """The document without the elements of this local name, wherever and in whatever case they are. Raises
    Malformed."""
    kept = bytearray(body)
    for element in reversed(_named(_Reader().read(body), name.lower())):
        ended = element.end if element.is_tag(body) else body.index(b">", element.end) + 1
        del kept[element.start : ended]
    return bytes(kept)


def _named(element: Element, name: str) -> list[Element]:
    """The outermost elements of this name, in their order."""
    if element.name.lower() == name:
        return [element]
    return [found for child in element.children for found in _named(child, name)]


def _is_utf_8(body: bytes) -> bool:
    try:
        return "\0" not in body.decode("utf-8")
    except UnicodeDecodeError:
        return False


class _Reader:
    """Builds the tree of one document."""

    def __init__(self) -> None:
        self._open: list[Element] = []
        self._root: Element | None = None
        self._count = 0
        self._parser = parser = expat.ParserCreate("utf-8", _BETWEEN)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        parser.ProcessingInstructionHandler = self._instruction

    def read(self, body: bytes) -> Element:
        if len(body) > MAX_BYTES:
            raise Malformed("xml:too_large")
        if not _is_utf_8(body):  # the parser guesses another encoding from the first bytes, whatever it was told
            raise Malformed("xml:encoding")
        try:
            self._parser.Parse(body, True)
        except expat.ExpatError:
            raise Malformed("xml:syntax") from None
        if self._root is None:
            raise Malformed("xml:syntax")
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise Malformed("xml:depth" if len(self._open) >= MAX_DEPTH else "xml:too_many")
        namespace, _, local = name.rpartition(_BETWEEN)
        element = Element(namespace, local, attributes, self._parser.CurrentByteIndex)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop().end = self._parser.CurrentByteIndex

    def _characters(self, text: str) -> None:
        self._open[-1].text += text

    def _doctype(self, *_: object) -> NoReturn:
        raise Malformed("xml:doctype")

    def _instruction(self, *_: object) -> NoReturn:
        raise Malformed("xml:instruction")
