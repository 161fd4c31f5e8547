"""The small typed language in which rules say when they apply.

    account.country in ["PL", "DE"] and account.employees >= 200 and "pricing" in lead.pages

Read by `ast`, allowed node by node, checked against the declared fields before any lead sees it, compiled to closures.

What a condition can say:

- `and`, `or`, `not`, parentheses; a flag field alone; `True` and `False`.
- `== !=` on texts, numbers, flags and times; `< <= > >=` on numbers, times and texts (by code point); chains such as
  `40 <= lead.score < 70`; `in` and `not in` on a written list, a list field, or a part of a text. Texts are compared
  exactly, upper and lower case included.
- `known(x)`, `missing(x)`, `startswith(x, "a")`, `endswith(x, "a")`, `lower(x)`, `len(x)`, `count(list, value)`,
  `age_days(t)`, `age_hours(t)`, `age_minutes(t)`, and `mentions(x, ["cv", "szukam prac*"])`: whether a text holds one
  of the phrases as whole words, in any case, with or without accents; a "*" at the end of a word leaves it open.

Missing values: a comparison with a missing side is false, whatever the operator, `!=` and `not in` included, and so is
a missing flag; a function of a missing value is missing. `not` then turns such a false into true: with x missing,
`x != 1` is false, and `not (x == 1)` is true. Write `known(x) and not (x == 1)` where that matters.

Numbers are exact: 0.1 is the decimal 0.1 on both sides, also when the view holds a float.
"""

from __future__ import annotations

from leadrelay.domain.conditions.condition import Condition, compile_condition, literal_values
from leadrelay.domain.conditions.errors import ConditionError
from leadrelay.domain.conditions.explain import Part
from leadrelay.domain.conditions.field_types import FieldType, Schema

__all__ = ["Condition", "ConditionError", "FieldType", "Part", "Schema", "compile_condition", "literal_values"]
