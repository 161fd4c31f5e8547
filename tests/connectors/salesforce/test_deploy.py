"""What the sandbox makes of packages: a zip from anywhere fails whole and says why."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.salesforce.sandbox.package import LARGEST_FILE, NoPackage, opened
from tests.connectors.salesforce.org import HOST, Org, session, standing


@pytest.fixture
def org() -> Iterator[Org]:
    with standing() as org:
        yield org


MANIFEST = '<Package xmlns="http://soap.sforce.com/2006/04/metadata">{types}<version>62.0</version></Package>'
LEAD = '<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">{inside}</CustomObject>'
FIELD = "<fields><fullName>{name}</fullName><label>X</label><type>Text</type><length>20</length></fields>"


def types(kind: str, *members: str) -> str:
    return f"<types>{''.join(f'<members>{one}</members>' for one in members)}<name>{kind}</name></types>"


def packed(contents: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in contents.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def deployed(org: Org, data: bytes, **options: object) -> dict[str, Any]:
    """The finished deployment of a zip."""
    place, headers = f"https://{HOST}/services/data/v62.0/metadata/deployRequest", {
        "Authorization": f"Bearer {org.client.session_id}"
    }  # fmt: skip
    body = json.dumps({"deployOptions": {"rollbackOnError": True, **options}})
    parts: Any = {"json": (None, body, "application/json"), "file": ("deploy.zip", data, "application/zip")}
    begun = session(org.sandbox).post(place, files=parts, headers=headers)
    assert begun.status_code == 201, begun.text
    assert begun.json()["deployResult"]["done"] is False
    asked = session(org.sandbox).get(f"{place}/{begun.json()['id']}?includeDetails=true", headers=headers)
    result: dict[str, Any] = asked.json()["deployResult"]
    assert result["done"] is True
    return result


def problem(result: dict[str, Any]) -> str:
    assert (result["status"], result["success"]) == ("Failed", False)
    failures = result["details"]["componentFailures"]
    return str(failures[0]["problem"]) if failures else str(result["errorMessage"])


SUSPECT = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
LEAD_FILE, CONTACT_FILE = "objects/Lead.object", "objects/Contact.object"
GOOD: dict[str, str | bytes] = {
    "package.xml": MANIFEST.format(types=types("CustomField", "Lead.X__c")),
    LEAD_FILE: LEAD.format(inside=FIELD.format(name="X__c")),
}


def good_but(path: str, data: str | bytes) -> bytes:
    return packed({**GOOD, path: data})


def broken_length(data: bytes) -> bytes:
    """A zip whose directory says that a file is much longer than it is."""
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", 500 * 1024 * 1024) + data[at + 28 :]


def plain_field() -> bytes:
    manifest = MANIFEST.format(types=types("CustomObject", "Lead"))
    return packed({"package.xml": manifest, LEAD_FILE: LEAD.format(inside=FIELD.format(name="Plain"))})


PACKAGES: list[tuple[str, Callable[[], bytes]]] = [
    ("cannot be read", lambda: b"no zip at all"),
    ("cannot be read", lambda: packed(GOOD)[:-30]),
    ("cannot be read", lambda: b""),
    ("No package.xml found", lambda: packed({LEAD_FILE: "x"})),
    ("Error parsing file", lambda: good_but("package.xml", "<Package")),
    ("Package is expected", lambda: good_but("package.xml", "<Parcel/>")),
    ("was not found in zipped directory", lambda: packed({"package.xml": GOOD["package.xml"]})),
    ("Not in package.xml", lambda: good_but(CONTACT_FILE, LEAD.format(inside=""))),
    ("Not in package.xml", lambda: good_but(LEAD_FILE, LEAD.format(inside=FIELD.format(name="Y__c")))),
    ("Unknown type name", lambda: good_but("package.xml", MANIFEST.format(types=types("Nonsense", "X")))),
    ("Error parsing file", lambda: good_but(LEAD_FILE, "<CustomObject>")),
    ("a DTD is not allowed", lambda: good_but(LEAD_FILE, SUSPECT)),
    ("larger than", lambda: good_but(LEAD_FILE, b" " * (LARGEST_FILE + 1))),
    ("unzipped", lambda: broken_length(packed(GOOD))),
    ("Too many files", lambda: packed({**GOOD, **{f"objects/{number}.object": "" for number in range(10_001)}})),
    ("custom suffix", plain_field),
]


@pytest.mark.parametrize(("why", "made"), PACKAGES)
def test_a_bad_package_fails_whole_and_says_why(org: Org, why: str, made: Callable[[], bytes]) -> None:
    assert why in problem(deployed(org, made()))
    assert org.world.all("CustomField") == []


def test_a_package_may_lie_in_one_folder_and_a_check_changes_nothing(org: Org) -> None:
    data = packed({f"unpackaged/{path}": text for path, text in GOOD.items()})
    assert deployed(org, data, checkOnly=True)["success"] is True
    assert org.world.all("CustomField") == []
    assert deployed(org, data)["numberComponentsDeployed"] == 1
    assert len(org.world.all("CustomField")) == 1


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ("<fullName>X__c</fullName><label>X</label><type>Magic</type>", "not a valid value for the enum 'FieldType'"),
        ("<fullName>X__c</fullName><type>Text</type><length>9</length>", "label is required"),
        ("<fullName>X__c</fullName><label>X</label><type>Text</type>", "Invalid length"),
        ("<fullName>X__c</fullName><label>X</label><type>LongTextArea</type><length>300</length>", "visibleLines"),
        ("<fullName>X__c</fullName><label>X</label><type>Number</type>", "precision"),
        ("<fullName>X__c</fullName><label>X</label><type>Picklist</type>", "valueSet"),
        ("<fullName>X__c</fullName><label>X</label><type>DateTime</type><externalId>true</externalId>", "externalId"),
    ],
)
def test_a_field_needs_what_its_type_needs(org: Org, inside: str, why: str) -> None:
    data = good_but(LEAD_FILE, LEAD.format(inside=f"<fields>{inside}</fields>"))
    assert why in problem(deployed(org, data))


@settings(max_examples=150)
@given(st.integers(0, 10_000), st.binary(max_size=6))
@example(484, b"\x02")  # a directory that begins before the file does
def test_no_damaged_zip_breaks_the_opener(place: int, noise: bytes) -> None:
    data = bytearray(packed(GOOD))
    at = place % len(data)
    data[at : at + len(noise)] = noise
    assert verdict(bytes(data)) in {"refused", "problems", "documents"}


def verdict(data: bytes) -> str:
    try:
        package = opened(data)
    except NoPackage:
        return "refused"
    return "problems" if package.problems else "documents" if package.documents else "nothing"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_opener(data: bytes) -> None:
    with pytest.raises(NoPackage):
        opened(data)


def test_who_sends_no_parts_is_refused(org: Org) -> None:
    place = f"https://{HOST}/services/data/v62.0/metadata/deployRequest"
    headers = {"Authorization": f"Bearer {org.client.session_id}"}
    for options, status in (({"json": {}}, 415), ({"files": {"file": b"x"}}, 400), ({"files": {"json": b"{"}}, 400)):
        sent: Any = options
        assert session(org.sandbox).post(place, headers=headers, **sent).status_code == status
    assert session(org.sandbox).get(f"{place}/0Af000000000000", headers=headers).status_code == 404
