"""A LinkedIn form response joined with its form.

Answers have no names: a number tells the question, and choices are numbers again. What a question asks for is its
`predefinedField`; its words are localised and only the label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from connectors.kit import utm
from connectors.kit.drafts import MAX_ANSWERS, VALUE_BYTES, answer, collect
from connectors.kit.wild import LINE, Wild
from connectors.linkedin.source import last_part, moment, origin
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Words
from leadrelay.ports.fetch import Completed


def completed(response: Wild) -> Completed:
    """The words of a response. Raises Malformed."""
    answers = collect(_answers(response))
    return Completed(Words(answers=answers), _origin(response, answers), test=response.get("testLead").flag())


def draft(response: Wild, response_id: str, now: datetime) -> TouchDraft:
    """A response of the history, as its webhook and its completion together would be. Raises Malformed."""
    found = completed(response)
    return TouchDraft(
        kind="submission",
        key=response_id,
        words=found.words,
        origin=found.origin,
        occurred_at=moment(response.get("submittedAt"), now),
        problem=None if found.words.answers else "no_answers",
        test=found.test,
    )


def _answers(response: Wild) -> Iterator[Answer]:
    form = response.get("form")
    content, given = form.optional("content"), response.get("formResponse")
    questions = {_number(row, "questionId"): row for row in content.optional("questions").each(MAX_ANSWERS)}
    for row in given.optional("answers").each(MAX_ANSWERS):
        number = _number(row, "questionId")
        question = questions.get(number, Wild({}))
        found = answer(_name(question, number), _values(row.get("answerDetails"), question), _words(question))
        if found:
            yield found
    yield from _consents(content, given)
    yield from _hidden(form)


def _name(question: Wild, number: str) -> str:
    return question.get("predefinedField").said(LINE) or question.get("name").said(LINE) or f"question.{number}"


def _words(question: Wild) -> str:
    return _localised(question.get("question"))


def _values(details: Wild, question: Wild) -> list[str]:
    written = details.optional("textQuestionAnswer").optional("answer").said(VALUE_BYTES)
    chosen = details.optional("multipleChoiceAnswer").optional("options").each(MAX_ANSWERS)
    options = _options(question)
    return [written, *(options.get(one.said(LINE), one.said(LINE)) for one in chosen)]


def _options(question: Wild) -> Mapping[str, str]:
    """The number of an option -> its words: its own id where it has one, else its place."""
    details = question.get("questionDetails").optional("multipleChoiceQuestionDetails")
    rows = details.optional("options").each(MAX_ANSWERS)
    return {_number(row, "id") or str(place): _localised(row.get("text")) for place, row in enumerate(rows)}


def _consents(content: Wild, given: Wild) -> Iterator[Answer]:
    """Each consent with its own text: what somebody agreed to must be provable later."""
    legal = content.optional("legalInfo").optional("consents")
    texts = {_number(row, "id"): _localised(row.get("consent")) for row in legal.each(MAX_ANSWERS)}
    for row in given.optional("consentResponses").each(MAX_ANSWERS):
        number = _number(row, "consentId")
        found = answer(f"consent.{number}", [row.get("accepted").said(LINE)], texts.get(number))
        if found:
            yield found


def _hidden(form: Wild) -> Iterator[Answer]:
    for row in form.optional("hiddenFields").each(MAX_ANSWERS):
        found = answer(f"hidden.{row.get('name').said(LINE)}", [row.get("value").said(VALUE_BYTES)])
        if found:
            yield found


def _localised(text: Wild) -> str:
    """The words in the form's own language, else in the first there is; also where they are plain text."""
    if not text.is_object:
        return text.said(VALUE_BYTES)
    locale = text.get("preferredLocale")
    written = [(name, value.said(VALUE_BYTES)) for name, value in text.get("localized").entries()]
    wanted = f"{locale.optional('language').said(8)}_{locale.optional('country').said(8)}"
    return dict(written).get(wanted) or next((words for _, words in written if words), "")


def _number(row: Wild, name: str) -> str:
    return row.get(name).said(LINE)


def _origin(response: Wild, answers: tuple[Answer, ...]) -> Origin:
    """The notification's own, and the campaign and hidden fields, which only the response knows."""
    creative = response.get("associatedEntity").optional("associatedCreative")
    known = origin(response.get("versionedLeadGenFormUrn"), response.get("leadType"), creative)
    sponsored = response.get("leadMetadata").optional("sponsoredLeadMetadata")
    hidden = {one.key.removeprefix("hidden."): one.values[0] for one in answers if one.key.startswith("hidden.")}
    news = {name: value for name, value in utm.origin_codes(hidden, hidden.get("page")).items() if value}
    return known.with_(
        **{
            "form_name": code(response.get("form").optional("name").said(LINE)),
            "campaign_id": last_part(sponsored.optional("campaign")),
            **news,
        }
    )
