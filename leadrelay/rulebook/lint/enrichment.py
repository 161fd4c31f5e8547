"""Providers of companies: the folder exists, plays the role, takes its options or its file, and says known fields."""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.card.policy import CrmPolicy
from leadrelay.domain.enrichment.policy import CRM, EnrichmentPolicy, ProviderPolicy
from leadrelay.domain.person.looked_up import ALWAYS
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.lint.vendors import option_faults
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.read import Steps
from leadrelay.rulebook.vendors import has_role, takes_file, with_role


def _providers(draft: Draft) -> Iterator[tuple[Steps, ProviderPolicy]]:
    for number, provider in enumerate(draft.of(EnrichmentPolicy).providers):
        yield ("providers", number), provider


def roles(draft: Draft) -> Iterator[Problem]:
    """Every provider is somebody who can be asked."""
    for steps, provider in _providers(draft):
        if provider.vendor != CRM and not has_role(provider.vendor, "enrich"):
            offered = (CRM, *with_role("enrich"))
            message = f"{provider.vendor} knows no companies; there are: {', '.join(offered)}"
            yield draft.fault("enrichment", (*steps, "vendor"), message, closest(provider.vendor, offered))


def told_apart(draft: Draft) -> Iterator[Problem]:
    """The CRM named twice, once as `crm`, would be asked twice."""
    crm = draft.of(CrmPolicy).vendor
    both = {provider.name or provider.vendor for _, provider in _providers(draft)} >= {CRM, crm}
    for steps, provider in _providers(draft) if both else ():
        if (provider.name or provider.vendor) == crm:
            yield draft.fault("enrichment", steps, f"{crm} is the CRM, which is asked as `crm` already")


def files(draft: Draft) -> Iterator[Problem]:
    """A file for who takes one, and its rows are nobody's to write here."""
    for steps, provider in _providers(draft):
        if provider.rows:
            message = "rows come from the `file`; write the companies there"
            yield draft.fault_at_key("enrichment", (*steps, "rows"), message, "file")
        if takes_file(provider.vendor) and provider.file is None:
            message = f"{provider.vendor} needs a `file`: the name of a CSV beside enrichment.yaml"
            yield draft.fault("enrichment", (*steps, "vendor"), message)
        if provider.file is not None and not takes_file(provider.vendor):
            message = f"{provider.vendor} reads no file"
            yield draft.fault_at_key("enrichment", (*steps, "file"), message)


def options(draft: Draft) -> Iterator[Problem]:
    """A provider's options are those that its vendor knows, and give fields that the rules keep."""
    declared = {*ALWAYS, *draft.of(FieldsPolicy).fields}
    crm = draft.of(CrmPolicy).vendor
    for steps, provider in _providers(draft):
        vendor = crm if provider.vendor == CRM else provider.vendor
        if has_role(vendor, "enrich"):
            place = (*steps, "options")
            yield from option_faults(draft, "enrichment", place, vendor, "enrich", dict(provider.options))
        fields = provider.options.get("fields")
        for field in fields if isinstance(fields, dict) else ():
            if field not in declared:
                message = f"unknown field '{field}'; declare it in fields.yaml"
                place = (*steps, "options", "fields", field)
                yield draft.fault_at_key("enrichment", place, message, closest(field, declared))


def regions(draft: Draft) -> Iterator[Problem]:
    """A region without postcodes takes its whole country: what stands after it is never reached."""
    whole: set[str] = set()
    for number, rule in enumerate(draft.of(EnrichmentPolicy).regions):
        if rule.country in whole:
            message = f"never reached: a region before it is all of {rule.country}"
            yield draft.fault("enrichment", ("regions", number), message)
        if not rule.postcodes:
            whole.add(rule.country)


CHECKS = (roles, told_apart, files, options, regions)
