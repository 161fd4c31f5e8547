"""Facts: what happened in LeadRelay, in the past tense.

Each package declares its facts in its own `facts.py`. A fact knows how it changes a lead (`apply`), so folding a lead's
log gives its state; facts hold codes, ids and numbers, never personal data, because they travel on the bus.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, Field, JsonValue

from leadrelay.domain.model import Instant, Model

if TYPE_CHECKING:
    from leadrelay.domain.lead import Lead


class Fact(Model):
    """Base of all facts. `schema_version` grows when a field changes meaning; old versions must stay readable."""

    schema_version: ClassVar[int] = 1

    @classmethod
    def name(cls) -> str:
        """The name on the bus (EventBridge detail-type)."""
        return cls.__name__

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """The lead after this fact; most facts told to others change nothing. `at` is when it happened (UTC)."""
        return lead


class Metadata(Model):
    """What every fact on the bus carries. `fact_id` = `{owner of the log}:{version}.{n}`; consumers drop repeats.

    `lead_id` is None before identification. `correlation_id` is the touch that started the chain, `causation_id` the
    fact this one answers. `rules_version` is the content hash of the rules that decided.
    """

    model_config = ConfigDict(populate_by_name=True)

    fact_id: str
    lead_id: str | None
    correlation_id: str
    causation_id: str
    rules_version: str
    occurred_at: Instant
    schema_: int = Field(default=1, alias="schema")


class Said(Model):
    """A fact in its envelope, as it is logged and published."""

    name: str
    metadata: Metadata
    data: dict[str, JsonValue]


class Context(Model):
    """Why facts are being said now: shared by all facts of one commit."""

    correlation_id: str
    causation_id: str
    rules_version: str
    at: Instant


def say(facts: Iterable[Fact], log: str, lead_id: str | None, context: Context) -> tuple[Said, ...]:
    """Put facts in envelopes. `log` names the commit: `{lead_id}:{version}`, unique for ever."""
    return tuple(
        Said(
            name=fact.name(),
            metadata=Metadata(
                fact_id=f"{log}.{number}",
                lead_id=lead_id,
                correlation_id=context.correlation_id,
                causation_id=context.causation_id,
                rules_version=context.rules_version,
                occurred_at=context.at,
                schema_=fact.schema_version,
            ),
            data=fact.model_dump(mode="json"),
        )
        for number, fact in enumerate(facts)
    )
