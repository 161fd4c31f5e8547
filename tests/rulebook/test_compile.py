"""One set of rules: the same content has the same version, any other content another one."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from leadrelay.aws.bundles import content_hash
from leadrelay.domain.rules import Rules
from leadrelay.rulebook.compile import bundle, compile_rules
from leadrelay.rulebook.problems import RulesInvalid
from tests.rulebook.editing import RULES, TODAY, changed, compiled, copied


def test_the_version_is_the_content_and_not_how_it_is_written(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    before = compiled(rules).rules.version
    changed(rules, "segments", "  sql: 75", "  # a comment\n\n  'sql':   75")
    changed(rules, "sla", "warn_at: 0.75", '"warn_at": 0.75 # the same')
    changed(rules, "routing", 'if: lead.temperature == "hot"\n', 'if: |-\n      lead.temperature == "hot"\n')
    changed(rules, "segments", "  mql: 40 # with ICP fit and one sign of intent: marketing's promise to sales\n", "")
    changed(rules, "segments", "\n# An ideal-customer profile", "  mql: 40\n\n# An ideal-customer profile")
    assert compiled(rules).rules.version == before
    assert bundle(compiled(rules).rules) == bundle(compiled(RULES).rules)
    changed(rules, "segments", "  'sql':   75", "  sql: 76")
    assert compiled(rules).rules.version != before


def test_the_bundle_is_canonical_and_carries_its_own_hash() -> None:
    rules = compiled(RULES).rules
    text = bundle(rules)
    assert text == bundle(compiled(RULES).rules)
    assert content_hash(text) == rules.version
    again = Rules.model_validate_json(text)
    assert again == rules
    assert bundle(again) == text
    assert again.content_hash() == json.loads(text)["version"]


def test_what_a_lambda_reads_is_validated_again() -> None:
    tampered = json.loads(bundle(compiled(RULES).rules))
    tampered["sla"]["warn_at"] = 7
    with pytest.raises(ValidationError, match="warn_at"):
        Rules.model_validate(tampered)


def test_holidays_are_written_out_from_last_year_to_three_years_ahead() -> None:
    warsaw = compiled(RULES).rules.calendars.calendars["warsaw"]
    assert {day.year for day in warsaw.holidays} == {2025, 2026, 2027, 2028, 2029}
    assert {date(2026, 1, 6), date(2026, 4, 6), date(2026, 11, 11), date(2026, 12, 25)} <= set(warsaw.holidays)
    assert list(warsaw.holidays) == sorted(warsaw.holidays)
    assert not compiled(RULES).rules.calendars.calendars["always"].holidays


def test_a_company_closes_more_days_than_its_country(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "calendars", "country: PL", "country: PL\n    holidays: [2026-08-14]")
    warsaw = compiled(rules).rules.calendars.calendars["warsaw"]
    assert {date(2026, 8, 14), date(2026, 8, 15)} <= set(warsaw.holidays)


def test_a_region_has_holidays_of_its_own(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "calendars", "country: PL", "country: DE\n    region: BY")
    assert date(2026, 1, 6) in compiled(rules).rules.calendars.calendars["warsaw"].holidays


def test_the_vendors_own_names_are_copied_for_the_fields_we_keep(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    defaults = compiled(rules).rules.sources.sources["google_ads"].defaults
    assert defaults["lead.email"] == ("EMAIL", "WORK_EMAIL")
    assert "lead.postcode" in defaults
    changed(rules, "fields", "  lead.postcode:", "  lead.zip:")
    assert "lead.postcode" not in compiled(rules).rules.sources.sources["google_ads"].defaults


def test_every_condition_of_a_checked_set_compiles_in_a_lambda() -> None:
    rules = Rules.model_validate_json(bundle(compiled(RULES).rules))
    texts = [rule.if_ for rule in rules.routing.rules] + [rule.if_ for rule in rules.scoring.fit.rules]
    texts += [rule.if_ for rule in rules.segments.segments] + [rule.if_ for rule in rules.segments.personas]
    assert all(rules.condition(text).text == text for text in texts)
    assert len(texts) > 20


def test_invalid_rules_are_refused_whole(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", "revops: olek", "revops: olk")
    with pytest.raises(RulesInvalid) as refused:
        compile_rules(rules, TODAY)
    assert str(refused.value) == "\n".join(map(str, refused.value.problems))
    assert str(refused.value).endswith("unknown rep 'olk'; did you mean 'olek'?")
