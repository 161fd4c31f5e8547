"""Getting in: client credentials or a signed assertion (key pair), nothing with a password.

The library asks for the token; what it leaves out of the answer (who we are) is read beside it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.salesforce.door import is_host
from connectors.salesforce.ids import long_id
from leadrelay.ports.errors import Misconfigured

if TYPE_CHECKING:
    from requests import Response, Session

SHARED = frozenset({"login", "test"})
REFUSED, AWAY = 401, 503
HOW = (
    "store the Salesforce secret as {domain, consumer_key, consumer_secret} (client credentials of an External Client "
    "App, domain like acme.my) or as {domain, username, consumer_key, private_key} (key pair)"
)


class LoginRefused(Exception):
    """No token. `status` is 401 where a person must mend the set-up, 503 where Salesforce could not say."""

    def __init__(self, why: str, status: int) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Token:
    """What lets us in: at which host, and as which user ("" where that was not said)."""

    value: str = field(repr=False)
    host: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """The credentials of one account, in the library's words."""

    options: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, secret: Mapping[str, str]) -> Login:
        """From the secret. Raises Misconfigured where it is incomplete, without saying what is in it."""
        given = {name: value.strip() for name, value in secret.items() if value and value.strip()}
        key, domain = given.get("consumer_key"), given.get("domain", "").removesuffix(".salesforce.com")
        if not key or not is_host(f"{domain}.salesforce.com"):
            raise Misconfigured(f"the Salesforce secret lacks consumer_key or domain: {HOW}")
        if given.get("private_key") and given.get("username"):
            pair = {"username": given["username"], "privatekey": given["private_key"]}
            return cls({"domain": domain, "consumer_key": key, **pair})
        if not given.get("consumer_secret"):
            raise Misconfigured(f"the Salesforce secret lacks consumer_secret, or username and private_key: {HOW}")
        if domain in SHARED:
            raise Misconfigured(f"client credentials need your own domain, not {domain!r}: {HOW}")
        return cls({"domain": domain, "consumer_key": key, "consumer_secret": given["consumer_secret"]})

    def token(self, session: Session) -> Token:
        """A new token. Raises LoginRefused, and whatever the session raises where nobody answered."""
        from jwt import PyJWTError
        from requests.exceptions import RequestException
        from simple_salesforce.exceptions import SalesforceAuthenticationFailed
        from simple_salesforce.login import SalesforceLogin

        options: dict[str, Any] = dict(self.options)
        heard: list[Response] = []
        session.hooks["response"].append(lambda response, **_: heard.append(response))
        try:
            with warnings.catch_warnings():  # one of the library's warnings shows the consumer key
                warnings.simplefilter("ignore")
                value, host = SalesforceLogin(session=session, **options)
        except SalesforceAuthenticationFailed as failed:
            raise _refused(failed, heard) from None
        except RequestException:
            raise
        except (PyJWTError, AttributeError, TypeError, ValueError) as error:
            raise _odd(heard) from error
        if not value or not is_host(host):
            raise LoginRefused("Salesforce's login named no host of Salesforce", AWAY)
        return Token(str(value), str(host), _user(heard[-1].json()))


def _odd(heard: list[Response]) -> LoginRefused:
    """The library stumbled: over an answer that is no token, or before it asked, over the key."""
    if heard:
        return LoginRefused("Salesforce's login gave an answer that is no token", AWAY)
    return LoginRefused(f"the Salesforce secret's private_key is not an RSA key in PEM: {HOW}", REFUSED)


def _refused(failed: Any, heard: list[Response]) -> LoginRefused:
    """400 and 401 are about the credentials; anything else, or a page instead of JSON, is Salesforce's own trouble."""
    code = str(failed.code)
    if heard and heard[-1].status_code in (400, 401, 403) and re.fullmatch(r"[a-z_]{1,60}", code):
        return LoginRefused(f"Salesforce refuses the login ({code}). Check the External Client App; {HOW}", REFUSED)
    return LoginRefused("Salesforce's login is out of order", AWAY)


def _user(told: Mapping[str, Any]) -> str:
    """The user in `https://login.salesforce.com/id/{organisation}/{user}`."""
    return long_id(str(told.get("id", "")).rpartition("/")[2], "User") or ""
