"""The commands of the host's side, for the one-file agent and for `surveymark agent`, which has those of the server beside them.

Exit status: 0 done, 2 wrong usage, 3 a section failed and `--strict`, 4 failed. The answer goes to standard output, everything
else to standard error. Whatever a command alone needs is imported when it is used.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Optional

from agent.terminal import Terminal
from agent.utf8 import ensure
from agent.visible import visible
from cmdb.model.errors import SurveymarkError, UsageError

if TYPE_CHECKING:
    from agent.enrolment import Enrolled
    from agent.state import State


class Parser(argparse.ArgumentParser):
    """Raises UsageError instead of ending the process; abbreviations are not understood."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.")


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run one command of the one-file agent; returns its exit status."""
    if argv is None:
        ensure()
    arguments = list(sys.argv[1:] if argv is None else argv)
    io = Terminal("--json" in arguments)
    try:
        top = Parser(prog="surveymark-agent", description="Reports this host to Surveymark.")
        top.add_argument("--json", action="store_true", help="answer with one JSON document")
        commands = top.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser, title="commands")
        once = add_once(commands)
        once.set_defaults(run=run_once)
        add(commands)
        options = top.parse_args([a for a in arguments if a != "--json"])
        status: int = options.run(options, io)
        sys.stdout.flush()
        return status
    except SurveymarkError as error:
        io.done()
        io.say(error.message)
        return error.status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        io.done()
        io.say(f"{error.filename or 'The system'}: {error.strerror or error}.")
        return 4
    except KeyboardInterrupt:
        io.done()
        io.say("Interrupted.")
        return 130


def add_once(commands: Any) -> argparse.ArgumentParser:
    """The command that looks once; who runs it is the caller's to say."""
    once: argparse.ArgumentParser = commands.add_parser(
        "once", help="look at this host once, and hand in what was seen"
    )
    once.add_argument(
        "--print", action="store_true", dest="only_print", help="print what would leave this host, send nothing"
    )
    once.add_argument("--strict", action="store_true", help="status 3 where a section failed")
    return once


def add(commands: Any) -> None:
    """The commands that are the same in `surveymark agent` and in the one-file agent."""
    from agent import enrol_command, run_command, service_command

    run_command.add(commands)
    enrol_command.add(commands)
    service_command.add(commands)


def run_once(options: argparse.Namespace, io: Terminal) -> int:
    """Look once as the enrolled agent."""
    from agent.discovery import discover_once
    from agent.printing import failures, print_report
    from agent.settings import settings
    from agent.state import state

    own, given = state(), settings()
    enrolled = _enrolled(own)
    key = bytes.fromhex(enrolled.digest_key) if enrolled is not None else b""
    if options.only_print:
        found = discover_once(own, key or None, io.progress, given.without)
        io.done()
        print_report(found, io)
        return 3 if options.strict and failures(found) else 0
    if enrolled is None:
        from agent.enrolment import NotEnrolled

        raise NotEnrolled
    from agent.delivery import Delivery, limits

    delivery = Delivery(own, enrolled, limits(given.sections))
    delivery.prepare()
    found = discover_once(own, delivery.digest_key, io.progress, given.without)
    delivery.put(found)
    io.progress("handing in")
    delivery.flush()
    io.done()
    failed = failures(found)
    if io.as_json:
        io.document(
            {"batch": found.header.id, "waiting": delivery.waiting, "problem": delivery.problem, "failed": failed}
        )
    for line in [*failed, *([delivery.problem] if delivery.problem else [])]:
        io.say(visible(line))
    if delivery.waiting:
        io.say("What was seen is kept, and handed in by the next pass.")
        return 4
    return 3 if failed and options.strict else 0


def _enrolled(own: State) -> Optional[Enrolled]:
    """What is known of the server; who is enrolled at none needs nothing of what talks to one."""
    if not (own.folder / "enrolment.json").exists():
        return None
    from agent.enrolment import load

    return load(own)
