"""The command line: `surveymark GROUP COMMAND`. Each module of api/commands adds one group.

Exit status: 0 done · 1 findings · 2 wrong usage or unknown id · 3 partly · 4 failed. The answer goes to standard output,
with `--json` as one JSON document, errors too (RFC 9457). `surveymark agent once --print` runs on Python 3.9 with psutil alone,
so what others need is imported when it is used.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import api.commands
from agent.terminal import Terminal
from agent.utf8 import ensure
from api import credentials
from api.problems import problem
from cmdb.model.errors import StoreError, SurveymarkError, UsageError

EXTRAS = {
    "flask": "server",
    "flask_openapi3": "server",
    "pydantic": "server",
    "cheroot": "server",
    "apscheduler": "server",
    "markupsafe": "server",
    "numpy": "server",
    "neo4j": "neo4j",
    "cryptography": "collector",
    "paramiko": "collector",
}
"""Which extra of the distribution brings a module."""


class Parser(argparse.ArgumentParser):
    """Raises UsageError instead of ending the process; abbreviations are not understood."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)
        self.beside: dict[str, Parser] = {}
        """Commands that stand beside what the command itself does, told apart by its first word."""
        self.gathers = ""
        """The argument that also takes words which stand behind options."""

    def add_beside(self, name: str, text: str) -> Parser:
        """A command of a command that takes words itself: `sweep list` beside `sweep TARGET`."""
        self.beside[name] = Parser(prog=f"{self.prog} {name}", description=text)
        return self.beside[name]

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        given = list(args or ())
        place = _first_word(given) if self.beside else len(given)
        if place < len(given) and given[place] in self.beside:
            return self.beside[given[place]].parse_known_args(given[:place] + given[place + 1 :], namespace)
        found, left = super().parse_known_args(args, namespace)
        if self.gathers and not any(word.startswith("--") for word in left):
            getattr(found, self.gathers).extend(left)
            left = []
        return found, left

    def _parse_optional(self, arg_string: str) -> Any:
        """All our options begin with two dashes (but -h): one dash leaves a term out of a query, as in -env:test."""
        if arg_string.startswith("-") and not arg_string.startswith("--") and arg_string != "-h":
            return None
        return super()._parse_optional(arg_string)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    if argv is None:
        ensure()
    arguments = list(sys.argv[1:] if argv is None else argv)
    io = Terminal("--json" in arguments)
    try:
        credentials.refuse(arguments)
        options = parser(arguments).parse_args(arguments)
        status: int = options.run(options, io)
        sys.stdout.flush()
        return status
    except SurveymarkError as error:
        return _failed(io, error)
    except ModuleNotFoundError as error:
        return _failed(io, _missing(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _failed(io, StoreError(f"{error.filename or 'The system'}: {error.strerror or error}."))
    except KeyboardInterrupt:
        io.done()
        io.say("Interrupted.")
        return 130
    except Exception as error:  # noqa: BLE001 - the border to the person: one sentence, the cause on request
        if os.environ.get("SURVEYMARK_DEBUG"):
            traceback.print_exc()
        if _too_old(error):
            return _failed(io, SurveymarkError(f"This needs {_NEWER}"))
        text = f"An error of Surveymark's own: {type(error).__name__}: {error}. SURVEYMARK_DEBUG=1 shows where."
        return _failed(io, SurveymarkError(text))


def parser(arguments: Sequence[str] = ()) -> Parser:
    """The command line: the whole of it, or of `arguments` that name a group at their beginning this group alone, which spares
    the start of the others."""
    top = Parser(
        prog="surveymark",
        description="What an estate really consists of, what was agreed, how it differs, and what breaks if a part goes.",
        epilog="Exit status: 0 done, 1 findings, 2 wrong usage or unknown id, 3 partly, 4 failed.",
    )
    add_common(top)
    groups = top.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser, title="commands")
    modules = sorted(module.name for module in pkgutil.iter_modules(api.commands.__path__))
    place = _first_word(arguments)
    named = arguments[place] if place < len(arguments) else ""
    for module in [m for m in modules if m.rstrip("_") == named] or modules:
        importlib.import_module(f"api.commands.{module}").add(groups)
    return top if named in groups.choices or not named else parser()


def add_common(command: argparse.ArgumentParser, at: bool = False) -> None:
    """Options that are understood everywhere; `at` on questions."""
    command.add_argument("--store", metavar="URL", default=argparse.SUPPRESS, help=_STORE)
    command.add_argument("--server", metavar="URL", default=argparse.SUPPRESS, help=_SERVER)
    command.add_argument("--token-file", metavar="FILE", default=argparse.SUPPRESS, help=_WITH_TOKEN)
    command.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer with one JSON document")
    if at:
        command.add_argument("--at", metavar="TIME", default=None, help=_AT)


_NEWER = "Python 3.11 or later; `surveymark agent once --print` does with this one."
_STORE = (
    "store to open: sqlite:///path, neo4j://host or bolt://host (SURVEYMARK_STORE; a file of this user's otherwise)"
)
_SERVER = "ask this server instead of opening a store"
_WITH_TOKEN = "file (mode 0600) with the access token for --server, - for standard input (SURVEYMARK_TOKEN otherwise)"  # noqa: S105 - no secret, but where it is
_AT = "as of a revision, an ISO 8601 time with offset, a date, or '2h ago'"


def _first_word(arguments: Sequence[str]) -> int:
    """Where the first argument stands that is none of the options which are understood everywhere."""
    place = 0
    while place < len(arguments) and arguments[place].startswith("--"):
        name = arguments[place].partition("=")[0]
        if name not in ("--json", "--store", "--server", "--token-file"):
            return len(arguments)
        place += 1 if name == "--json" or "=" in arguments[place] else 2
    return place


def _failed(io: Terminal, error: SurveymarkError) -> int:
    io.done()
    if io.as_json:
        io.document({**problem(error), "exit": error.status})
    else:
        io.say(f"surveymark: {error.message}")
    return error.status


def _too_old(error: Exception) -> bool:
    """True where a module can not be imported because the interpreter is one that the agent only runs on."""
    importing = (frame.f_code.co_name == "<module>" for frame, _ in traceback.walk_tb(error.__traceback__))
    return sys.version_info < (3, 11) and (isinstance(error, SyntaxError) or any(importing))


def _missing(error: ModuleNotFoundError) -> SurveymarkError:
    extra = EXTRAS.get((error.name or "").partition(".")[0])
    if extra is None:
        return SurveymarkError(f"The module {error.name} is missing; install Surveymark again.")
    if sys.version_info < (3, 11):  # noqa: UP036 - where there are no extras
        return SurveymarkError(f"This needs {_NEWER}")
    return SurveymarkError(f"This needs {error.name}: pip install 'surveymark[{extra}]'.", extra=extra)
