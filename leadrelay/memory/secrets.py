"""Secrets in memory."""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import SecretValues


class MemorySecrets:
    """Implements `ports.secrets.Secrets`, given as {path: {name: value or values}}."""

    def __init__(self, secrets: Mapping[str, Mapping[str, str | tuple[str, ...]]]) -> None:
        self._secrets = {path: _values(named) for path, named in secrets.items()}

    def get(self, path: str) -> SecretValues:
        """The named values. Raises Misconfigured when there is no such secret."""
        if path not in self._secrets:
            raise Misconfigured(f"no secret {path!r}; it must be among the secrets given to MemorySecrets")
        return self._secrets[path]

    def refresh(self, path: str) -> SecretValues:
        """As `get`: nothing is cached here."""
        return self.get(path)

    def set(self, path: str, **values: str | tuple[str, ...]) -> None:
        """Create or replace a secret."""
        self._secrets[path] = _values(values)


def _values(named: Mapping[str, str | tuple[str, ...]]) -> SecretValues:
    return {name: (value,) if isinstance(value, str) else value for name, value in named.items()}
