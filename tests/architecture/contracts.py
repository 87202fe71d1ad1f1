"""Two kinds of import contract that import-linter does not have, used in pyproject.toml.

`one_owner`: only `owners` (patterns; what lies below an owner counts as it) may import `libraries`.
`imports_only`: a package imports nothing but what `allowed` names; `<stdlib>` stands for the standard library.
Both look at direct imports, which is enough: every module of ours is looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OneOwner(Contract):
    """A library stands behind one package of ours, so that replacing it is a change in one place."""

    libraries = fields.SetField(subfield=fields.StringField())
    owners = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Kept when no module outside `owners` imports one of `libraries`."""
        libraries, owners = cast(set[str], self.libraries), cast(set[str], self.owners)
        return _check(
            (module, imported)
            for module, imported in _imports(graph)
            if any(_within(imported, library) for library in libraries)
            and not any(_within(module, owner) for owner in owners)
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line for each wrong import."""
        _render(check)


class ImportsOnly(Contract):
    """A package can be shipped with what `allowed` names and nothing else."""

    package = fields.StringField()
    allowed = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Kept when every import of `package` is within `allowed`."""
        return _check(
            (module, imported)
            for module, imported in _imports(graph)
            if _within(module, str(self.package)) and not self._allows(imported)
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line for each wrong import."""
        _render(check)

    def _allows(self, imported: str) -> bool:
        allowed = cast(set[str], self.allowed)
        if "<stdlib>" in allowed and imported.partition(".")[0] in sys.stdlib_module_names:
            return True
        return any(_within(imported, name) for name in allowed)


def _imports(graph: ImportGraph) -> Iterator[tuple[str, str]]:
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            yield module, imported


def _within(module: str, pattern: str) -> bool:
    return fnmatchcase(module, pattern) or fnmatchcase(module, f"{pattern}.*")


def _check(wrong: Iterator[tuple[str, str]]) -> ContractCheck:
    found = list(wrong)
    return ContractCheck(kept=not found, metadata={"wrong": found})


def _render(check: ContractCheck) -> None:
    for module, imported in check.metadata["wrong"]:
        output.print_error(f"{module} imports {imported}")
    output.new_line()
