"""A system whose command line is known: what it is asked, and the sections that come of the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from agent.fact import Cost, Unavailable
from cmdb.model.declaration import CI, Relation
from cmdb.model.values import Value
from collector.cli.answers import Answers, Question
from collector.device.surveyed import Surveyed, section

Items = Iterable[CI | Relation]


@dataclass(frozen=True, slots=True)
class Part:
    """One section. `asks` are the questions that it lives of, for its cost."""

    name: str
    version: int
    classes: tuple[str, ...]
    relations: tuple[str, ...]
    asks: tuple[str, ...]
    collect: Callable[[Answers], Items]


@dataclass(frozen=True, slots=True)
class System:
    """`name` is the word for the system in NetworkDevice.os, `kinds` how recordings begin to call it."""

    name: str
    kinds: tuple[str, ...]
    subject_class: str
    questions: tuple[Question, ...]
    marks: Callable[[Answers], Mapping[str, Value]]
    parts: tuple[Part, ...]

    def survey(self, answers: Answers, costs: Mapping[str, float] | None = None) -> Surveyed:
        """What the answers tell. `costs` are seconds by question.

        Marks that need an answer which failed are left out: whoever takes the batch says what it lacks.
        """
        spent = costs or {}
        sections = [
            section(
                part.name,
                part.version,
                part.classes,
                part.relations,
                lambda part=part: part.collect(answers),  # type: ignore[misc]
                Cost(round(sum(spent.get(name, 0.0) for name in part.asks), 6), 0.0, answers.size(part.asks)),
                answers.privilege,
            )
            for part in self.parts
        ]
        try:
            marks = self.marks(answers)
        except Unavailable:
            marks = {}
        return Surveyed(self.subject_class, marks, sections)
