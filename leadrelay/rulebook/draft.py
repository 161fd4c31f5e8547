"""Rules on their way from files to a checked set: what could be read so far, and where everything stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from leadrelay.domain.model import Model
from leadrelay.domain.routing.policy import RoutingPolicy
from leadrelay.rulebook.files import FILES, OPTIONAL
from leadrelay.rulebook.inside import place_in
from leadrelay.rulebook.problems import Problem, Severity, closest
from leadrelay.rulebook.read import Document, Steps, read
from leadrelay.rulebook.shape import shaped
from leadrelay.rulebook.territory_file import with_territories

M = TypeVar("M", bound=Model)


class NotReadable(LookupError):
    """A file that a check needs has faults of its own; the check waits until they are mended."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The documents by file name, and the models of those that could be read. `beside` are documents that hold a part
    of another: (file, steps) -> the sheet with what belongs there."""

    documents: Mapping[str, Document]
    models: Mapping[str, Model]
    problems: tuple[Problem, ...]
    beside: Mapping[tuple[str, Steps], Document] = field(default_factory=dict)

    def of(self, kind: type[M]) -> M:
        """What the file of this kind says. Raises NotReadable."""
        for model in self.models.values():
            if isinstance(model, kind):
                return model
        raise NotReadable(kind.__name__)

    def fault(
        self, file: str, steps: Steps, message: str, suggestion: str | None = None, severity: Severity = "error"
    ) -> Problem:
        """A fault at the value that these steps lead to."""
        document, steps = self._home(file, steps)
        return document.problem(document.value_at(steps), message, suggestion, severity)

    def fault_at_key(
        self, file: str, steps: Steps, message: str, suggestion: str | None = None, severity: Severity = "error"
    ) -> Problem:
        """A fault at the key that these steps lead to."""
        document = self.documents[file]
        return document.problem(document.key_at(steps), message, suggestion, severity)

    def _home(self, file: str, steps: Steps) -> tuple[Document, Steps]:
        """Where these steps lead to: into the file, or into a sheet beside it."""
        for (owner, begin), document in self.beside.items():
            if owner == file and steps[: len(begin)] == begin:
                return document, steps[len(begin) - 1 :]
        return self.documents[file], steps

    def fault_inside(self, file: str, steps: Steps, offset: int, message: str, suggestion: str | None) -> Problem:
        """A fault at a character of a text, such as a word of a condition."""
        mark = place_in(self.documents[file], steps, offset)
        return self.documents[file].problem(mark, message, suggestion)


def drafted(folder: Path) -> Draft:
    """Every file of a rules folder, read and shaped."""
    paths = {name: folder / f"{name}.yaml" for name in FILES}
    documents = {name: read(path) for name, path in paths.items() if name not in OPTIONAL or path.exists()}
    models: dict[str, Model] = {}
    problems = [problem for document in documents.values() for problem in document.problems]
    for name, kind in FILES.items():
        if name in documents and not documents[name].problems:
            model, faults = shaped(documents[name], kind)
            models |= {name: model} if model is not None else {}
            problems += faults
    return _with_sheets(folder, Draft(documents, models, (*problems, *_strangers(folder))))


def _with_sheets(folder: Path, draft: Draft) -> Draft:
    """The draft with the decision tables that lie beside routing.yaml; without them where they have faults."""
    try:
        filled = with_territories(folder, draft.of(RoutingPolicy), draft.documents["routing"])
    except NotReadable:
        return draft
    models = {**draft.models, "routing": filled.policy}
    if filled.problems:
        del models["routing"]
    beside = {("routing", steps): document for steps, document in filled.documents.items()}
    return replace(draft, models=models, problems=(*draft.problems, *filled.problems), beside=beside)


def _strangers(folder: Path) -> Iterator[Problem]:
    """A file of a name nobody reads would be a rule that nobody applies."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix in (".yaml", ".yml") and not (path.suffix == ".yaml" and path.stem in FILES):
            yield Problem(str(path), 1, 1, "no rules file has this name", closest(path.stem, FILES))
