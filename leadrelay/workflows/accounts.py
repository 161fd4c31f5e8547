"""The people of the accounts that a touch may concern: loaded before it is heard, written by what hears it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.account.counting import crowds_after, home
from leadrelay.domain.account.crowd import Crowd, colleague
from leadrelay.domain.account.evidence import BY_NAME
from leadrelay.domain.account.match import beginning, is_news, known_as, match, normal_name, with_known
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import Heard
from leadrelay.domain.person.profile import Plain, Profile, Value
from leadrelay.domain.scoring.night import night
from leadrelay.ports.records import NamesRecord, PeopleRecord, names_key, people_key
from leadrelay.ports.store import Key, Put, Store, Unchanged


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts by domain, as they were loaded."""

    records: dict[str, PeopleRecord]
    names: NamesRecord | None = None

    @classmethod
    def of(cls, domains: Iterable[str], store: Store, names: NamesRecord | None = None) -> Accounts:
        """The people of these accounts; `names` are the accounts that are called like the one which is named."""
        wanted = sorted(set(domains))
        found = store.load_all([people_key(domain) for domain in wanted])
        records = {name: record or PeopleRecord(domain=name) for name, record in zip(wanted, found, strict=True)}
        return cls(records, names)

    @property
    def crowds(self) -> dict[str, Crowd]:
        """As a decision takes them."""
        return {domain: record.crowd for domain, record in self.records.items()}

    def puts(self, heard: Heard, decision: Decision) -> Iterator[Put]:
        """What the touch changed, conditioned on the versions that were counted."""
        yield from names_after(heard, self.names)
        for domain, crowd in crowds_after(heard.touch, decision, self.crowds).items():
            record = self.records[domain]
            if crowd != record.crowd:
                due_at = _told_at(record, crowd, decision)
                yield Put(record.with_(version=record.version + 1, crowd=crowd, due_at=due_at))

    def unchanged(self, heard: Heard) -> Iterator[Unchanged]:
        """What the touch was placed by, or would have been: where it has moved, the touch is decided about again."""
        key = called(heard.values)
        if key is not None and _asks(heard):
            yield Unchanged(key, 0 if self.names is None else self.names.version)


def _told_at(record: PeopleRecord, crowd: Crowd, decision: Decision) -> datetime | None:
    """The night in which the others hear of it; one that was planned already is never put off."""
    at = crowd.recounted_at(record.crowd, decision.rules.scoring.account, decision.at)
    fresh = None if at is None else night(record.domain, at, decision.rules)
    return min((each for each in (record.due_at, fresh) if each is not None), default=None)


def concerned(heard: Heard, profiles: Iterable[Profile]) -> set[str]:
    """The accounts that a touch may concern: the one it names, and those of the leads that it is heard by."""
    return {domain for domain in (account_of(heard), *map(home, profiles)) if domain is not None}


def account_of(heard: Heard) -> str | None:
    """The account that a touch names, by what was said or by the company's name."""
    said = heard.values.get("account.domain")
    placed_at = heard.looked_up.get("account.domain")
    if said is None and placed_at is not None:
        said = placed_at.value
    return None if said is None else str(said)


def called(values: Mapping[str, Plain]) -> Key[NamesRecord] | None:
    """Where accounts of such a name are; None for who gave none."""
    name = normal_name(str(values.get("account.name", "")))
    return names_key(beginning(name)) if name else None


def placed(heard: Heard, names: NamesRecord | None) -> Heard:
    """Who gave no domain is placed by the name of the company, where it means one account that is known."""
    touch = heard.touch
    found = match(heard.values, names.accounts) if _asks(heard) and names is not None else None
    if found is None:
        return heard
    domain = Value(value=found.domain, basis="enriched", source=BY_NAME, touch_id=touch.touch_id, at=touch.occurred_at)
    return heard.with_(looked_up={**heard.looked_up, "account.domain": domain}, account_by=found.by)


def _asks(heard: Heard) -> bool:
    """Whether the name of the company may tell the account: nothing better was said."""
    return heard.touch.kind == "submission" and "account.domain" not in heard.values


def names_after(heard: Heard, names: NamesRecord | None) -> Iterator[Put]:
    """What the touch teaches of its account's name: only who proves a secret names an account."""
    domain, key = heard.values.get("account.domain"), called(heard.values)
    new = None if domain is None else known_as(heard.values, str(domain))
    if new is None or key is None or heard.touch.trust != "verified" or heard.touch.record is not None:
        return
    record = names or NamesRecord(beginning=key.pk.partition("#")[2])
    if is_news(record.accounts, new):
        accounts = with_known(record.accounts, new)
        yield Put(record.with_(version=record.version + 1, accounts=accounts))


def at_their_accounts(
    two: Sequence[tuple[Decision, datetime]], before: str | None, gone: Collection[str], store: Store
) -> Iterator[Put]:
    """Two people who were one, each with when they were last here: of the account that they were at `before`, and of
    their own, only these two are left of the leads `gone`."""
    homes = [home(each.profile) for each, _ in two]
    known = Accounts.of({domain for domain in (before, *homes) if domain is not None}, store)
    for domain, record in known.records.items():
        crowd = record.crowd.without(gone)
        for (each, seen_at), at_home in zip(two, homes, strict=True):
            if at_home == domain:
                policy = each.rules.scoring.account
                crowd = crowd.seen(colleague(each.lead.lead_id, each.lead.signals, seen_at, policy))
        if crowd != record.crowd:
            yield Put(record.with_(version=record.version + 1, crowd=crowd))
