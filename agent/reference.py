"""The reference of the facts, docs/facts.md, made from the facts: `python -m agent.reference > docs/facts.md`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import cast

from agent.commands import PROGRAMS
from agent.fact import Capacity, Certificates, Command, Digests, Fact, Need
from agent.facts import FACTS

HEAD = """# What the agent looks at

Made from the facts by `python -m agent.reference > docs/facts.md`; a test fails when they differ.

A fact is a section of a report. It ends as collected, not applicable or failed, each with its reason and cost, and a failure
takes nothing away from what is known. How they read, and what never leaves a host: [security.md](security.md).

| Fact | What it tells | Classes and relations | Without root |
| --- | --- | --- | --- |"""


def reference() -> str:
    """The whole page."""
    lines = [HEAD]
    for name, fact in FACTS.items():
        humble = "sees less, and says so" if fact.LIMITED else "the same, or fails with its reason"
        yields = ", ".join([*fact.CLASSES, *(f"`{relation}`" for relation in fact.RELATIONS)])
        lines.append(f"| [{name}](#{name}) | {_prose(fact)[0]} | {yields} | {humble} |")
    lines += ["", "Programs that are run, and no others: " + ", ".join(f"`{p}`" for p in PROGRAMS) + "."]
    for name, fact in FACTS.items():
        lines += ["", f"## {name}", ""]
        for paragraph in _prose(fact):
            lines += [paragraph, ""]
        every = getattr(fact, "EVERY", 1)
        passes = "every pass" if every == 1 else f"every {every}th pass".replace("3th", "3rd")
        lines += [f"Reads {', '.join(dict.fromkeys(_reads(fact)))}, in {passes} of a resident agent."]
        lines += [f"Version {fact.VERSION}."]
    return "\n".join(lines) + "\n"


def _prose(fact: Fact) -> list[str]:
    """Paragraphs of a fact's docstring, each on one line; the first says what it tells."""
    text = inspect.getdoc(cast(ModuleType, fact)) or ""
    return [" ".join(paragraph.split()).replace("|", "\\|") for paragraph in text.split("\n\n")]


def _reads(fact: Fact) -> Iterator[str]:
    for need in fact.NEEDS:
        yield _read(need)
    if hasattr(fact, "further"):
        yield "and what these name"


def _read(need: Need) -> str:
    if isinstance(need, Command):
        return f"the output of `{' '.join(need.argv)}`"
    if isinstance(need, Capacity):
        return "the capacity of mounted file systems"
    if isinstance(need, Certificates):
        return f"certificates in `{need.pattern}`"
    if isinstance(need, Digests):
        return f"digests of `{need.pattern}`"
    return f"`{getattr(need, 'path', None) or getattr(need, 'pattern', '')}`"


if __name__ == "__main__":
    sys.stdout.write(reference())
