"""Fair order of what is due: one row of every shard in turn, so that no shard's backlog hides another's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice, zip_longest
from typing import TypeVar

T = TypeVar("T")


def in_turn(shards: Sequence[Iterable[T]], limit: int) -> list[T]:
    """The first of every shard, then the second of every shard …, at most `limit`; order within a shard is kept."""
    rounds = zip_longest(*([(row,) for row in shard] for shard in shards), fillvalue=())
    return list(islice(chain.from_iterable(chain.from_iterable(rounds)), limit))
