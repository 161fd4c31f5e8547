"""What enrichment.yaml says of a provider: where it is, how it is asked, and which of its fields are ours.

Rules are read by many and changed by some, so they can name a host but not open it: the secret store says which hosts
may be asked. Names that can only be on our own network are refused in the rules already.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from leadrelay.domain.model import Model

DOMAIN = "{domain}"
_HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_OURS = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "arpa", "onion")
_PATH = re.compile(r"(?:/[A-Za-z0-9_.-]*|/?\{domain\})+")
_NAME = re.compile(r"[A-Za-z0-9_.~-]{1,64}")
_STEPS = re.compile(r"[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64}){0,9}")
_FIELD = re.compile(r"account\.[a-z][a-z0-9_]{0,39}")
_FORBIDDEN = ("account.domain", "account.owner", "account.deal_owner")
_HEADERS = frozenset({"host", "connection", "content-length", "transfer-encoding", "upgrade", "cookie", "expect"})


def _host(said: str) -> str:
    if not _HOST.fullmatch(said) or said.rpartition(".")[2] in _OURS:
        raise ValueError(
            "write the provider's public host name, such as api.example.com: small letters, no https://, no port, no "
            "address in numbers, nothing of our own network"
        )
    return said


def _path(said: str) -> str:
    if not _PATH.fullmatch(said) or ".." in said or not said.startswith("/"):
        raise ValueError("write a path such as /v1/companies/{domain}; a query goes under `query`")
    return said


def _header(said: str) -> str:
    if said and (not re.fullmatch(r"[a-z][a-z0-9-]{0,63}", said) or said in _HEADERS):
        raise ValueError("write the name of the header that carries the credential, in small letters, or nothing")
    return said


def _steps(said: str) -> str:
    if not _STEPS.fullmatch(said):
        raise ValueError("write the way to the value in the answer with dots, such as company.size.0.value")
    return said


def _field(said: str) -> str:
    if not _FIELD.fullmatch(said) or said in _FORBIDDEN:
        raise ValueError("a field of the account, such as account.industry; whose company it is, no provider says")
    return said


class Options(Model):
    """`host`, `path` and `query` with {domain} in one of them; `header` and `prefix` of the credential; `fields`: our
    field -> where it stands in the answer, by dots (a number is a place in a list)."""

    host: Annotated[str, AfterValidator(_host)]
    path: Annotated[str, AfterValidator(_path)]
    query: dict[str, str] = Field(default_factory=dict)
    header: Annotated[str, AfterValidator(_header)] = "authorization"
    prefix: str = Field(default="Bearer ", pattern=r"^[A-Za-z0-9_= -]{0,40}$")
    fields: dict[Annotated[str, AfterValidator(_field)], Annotated[str, AfterValidator(_steps)]] = Field(min_length=1)

    @model_validator(mode="after")
    def _asks(self) -> Options:
        if any(not _NAME.fullmatch(name) or len(value) > 256 for name, value in self.query.items()):
            raise ValueError("query: short names of letters and digits, each with a short text")
        if sum(DOMAIN in place for place in (self.path, *self.query.values())) != 1:
            raise ValueError(f"{DOMAIN} stands once, in `path` or in `query`: it is what is asked")
        return self
