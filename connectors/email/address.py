"""Addresses in headers."""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import NamedTuple

from connectors.email.charsets import words_of
from connectors.email.mime import Mail
from connectors.kit.text import clean_line

_NAME = 200
_MAX_COMMENTS = 20
"""The standard library reads comments inside comments by calling itself."""
_PLAIN = re.compile(r"[^\s<>()\[\]\\,;:@\"]{1,64}@[^\s<>()\[\]\\,;:@\"]{1,253}")


class Address(NamedTuple):
    """A mailbox: the name people see, which may be "", and the address, its domain in lower case."""

    name: str
    address: str

    @property
    def local(self) -> str:
        """What stands before the @, in lower case."""
        return self.address.rpartition("@")[0].casefold()

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


def addresses(values: tuple[str, ...]) -> tuple[Address, ...]:
    """The mailboxes of header values. Names are decoded after the addresses were told apart, so that an encoded word
    cannot add one."""
    readable = [value for value in values if value.count("(") <= _MAX_COMMENTS]
    found = (_address(name, written) for name, written in getaddresses(readable))
    return tuple(one for one in found if one is not None)


def author(mail: Mail) -> Address | None:
    """Who wrote it: the one address of its one From. Several are nobody: no check covers more than one."""
    said = mail.all("from")
    found = addresses(said)
    return found[0] if len(said) == 1 and len(found) == 1 else None


def _address(name: str, written: str) -> Address | None:
    local, _, domain = written.strip().rpartition("@")
    address = f"{local}@{domain.lower()}"
    if not _PLAIN.fullmatch(address):
        return None
    shown = clean_line(words_of(name), _NAME)
    return Address("" if "@" in shown else shown, address)
