"""The reference of the command line, docs/cli.md, made from the parser: `python -m api.reference > docs/cli.md`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from api.cli import parser

HEAD = """# Commands

Made from the command line itself by `python -m api.reference > docs/cli.md`; a test fails when they differ.

`--store URL`, `--server URL`, `--token-file FILE` and `--json` are understood everywhere:
"""
COMMON = ("--store", "--server", "--token-file", "--json")
STATUS = """
## Exit status

| Status | Meaning |
| --- | --- |
| 0 | done, all of it looked at; nothing found |
| 1 | findings: drift, a failed verification, a problem |
| 2 | wrong usage, unknown id, input that is not valid |
| 3 | partly: some of it could not be looked at, as the output says |
| 4 | failed |
"""


def reference() -> str:
    """The whole page."""
    top = parser()
    rows = [_row(action) for action in _options(top) if action.option_strings[0] in COMMON]
    lines = [HEAD, *_table(("Option", "Meaning"), rows)]
    for path, command in _commands(top, "surveymark"):
        lines += [
            "",
            f"## {path}",
            "",
            _sentence(command.description or ""),
            "",
            f"    {' '.join([path, *_usage(command)])}",
        ]
        own = [a for a in [*_arguments(command), *_options(command)] if not {*a.option_strings} & {*COMMON}]
        if own:
            lines += ["", *_table(("Argument", "Meaning"), [_row(action) for action in own])]
    return "\n".join(lines) + "\n" + STATUS


def _commands(command: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Commands that do something, with what their group says of them as their description."""
    for action in command._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help for choice in action._choices_actions}
            for name, below in action.choices.items():
                below.description = helps.get(name) or below.description
                if any(isinstance(a, argparse._SubParsersAction) for a in below._actions):
                    yield from _commands(below, f"{path} {name}")
                else:
                    yield f"{path} {name}", below
                    for word, beside in getattr(below, "beside", {}).items():
                        yield f"{path} {name} {word}", beside


def _arguments(command: argparse.ArgumentParser) -> list[argparse.Action]:
    return [a for a in command._actions if not a.option_strings and not isinstance(a, argparse._SubParsersAction)]


def _options(command: argparse.ArgumentParser) -> list[argparse.Action]:
    return [a for a in command._actions if a.option_strings and "--help" not in a.option_strings]


def _usage(command: argparse.ArgumentParser) -> Iterator[str]:
    for action in [*_options(command), *_arguments(command)]:
        if {*action.option_strings} & {*COMMON}:
            continue
        written = _written(action)
        yield written if (action.required and action.option_strings) or _needed(action) else f"[{written}]"


def _needed(action: argparse.Action) -> bool:
    return not action.option_strings and action.nargs != "*"


def _written(action: argparse.Action) -> str:
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    many = "..." if action.nargs in ("*", "+") or isinstance(action, argparse._AppendAction) else ""
    if not action.option_strings:
        return f"{value}{many}"
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}{many}"


def _row(action: argparse.Action) -> tuple[str, str]:
    return f"`{_written(action)}`", _sentence(action.help or "")


def _table(heads: tuple[str, str], rows: list[tuple[str, str]]) -> list[str]:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in (heads, ("---", "---"), *cells)]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" if text else ""


if __name__ == "__main__":
    sys.stdout.write(reference())
