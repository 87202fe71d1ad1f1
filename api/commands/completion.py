"""`surveymark completion`: completion of commands and options for a shell, made from the parser itself."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal

SHELLS = ("bash", "zsh", "fish")


def add(groups: Any) -> None:
    command = groups.add_parser("completion", help="completion for a shell: source <(surveymark completion bash)")
    command.add_argument("shell", choices=SHELLS)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    from api.cli import parser

    made = {"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell](words(parser()))
    io.line(made)
    return 0


def words(parser: argparse.ArgumentParser, path: str = "") -> dict[str, list[str]]:
    """What may follow each command: the commands below it and its options, by the words that lead there."""
    found: dict[str, list[str]] = {path: []}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                found[path].append(name)
                found.update(words(below, f"{path} {name}".strip()))
        elif action.help != argparse.SUPPRESS:
            found[path] += [option for option in action.option_strings if option.startswith("--")]
            if not action.option_strings and action.choices:
                found[path] += map(str, action.choices)
    for name, beside in getattr(parser, "beside", {}).items():
        found[path].append(name)
        found.update(words(beside, f"{path} {name}".strip()))
    return found


_BASH = """_surveymark() {
  local word path="" next
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="${path:+$path }$word"
    case "$next" in
      %s) path="$next" ;;
    esac
  done
  local words=""
  case "$path" in
%s
  esac
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
  [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _surveymark surveymark"""


def _bash(found: dict[str, list[str]]) -> str:
    paths = "|".join(f'"{path}"' for path in found if path)
    return _BASH % (paths, "\n".join(f'    "{path}") words="{" ".join(ways)}" ;;' for path, ways in found.items()))


def _zsh(found: dict[str, list[str]]) -> str:
    return "#compdef surveymark\nautoload -U +X bashcompinit && bashcompinit\n" + _bash(found)


def _fish(found: dict[str, list[str]]) -> str:
    lines = [
        "function __surveymark_at",
        "  set -l path",
        "  for word in (commandline -opc)[2..]",
        '    switch (string join " " -- $path $word)',
        f"      case {' '.join(repr(path) for path in found if path)}",
        "        set -a path $word",
        "    end",
        "  end",
        '  test "$path" = "$argv[1]"',
        "end",
    ]
    for path, ways in found.items():
        lines.append(f"complete -c surveymark -n \"__surveymark_at '{path}'\" -a '{' '.join(ways)}'")
    return "\n".join(lines)
