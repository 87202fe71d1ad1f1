"""A recorded command line: a JSON file with what a device answered to each command, and the survey that it gives.

    {"hostname": "leaf01", "devtype": "nxos",
     "commands": [{"cmd": "show version | json native", "status": 0, "output": "..."}, ...]}

`output_json` stands in the place of `output` where the device answered in JSON by other means. A status is that of a shell (0) or
of HTTP (200). Commands that a system is not asked are passed over; where several commands ask one thing the first answer that is
none of an error counts.

    found = replay(Path("leaf01.json"))     for `--replay FILE`; raises OSError, Unreadable
    found.subject_class, found.marks, found.sections      to collector.device.surveyed.batch(..., route="cli")
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collector.cli.answers import MOST_BYTES as MOST_IN_ANSWER
from collector.cli.answers import Answers, Question, Reply
from collector.cli.refusal import refusal
from collector.cli.system import System
from collector.cli.systems import SYSTEMS, by_kind
from collector.device.surveyed import Surveyed

MOST_BYTES = 256 * 1024 * 1024
MOST_COMMANDS = 1_000


class Unreadable(ValueError):
    """A file is no recording of a known system; the message says where."""


def replay(path: Path) -> Surveyed:
    """What the recorded device tells. Raises OSError, Unreadable."""
    system, answers = read(path)
    return system.survey(answers)


def is_recording(path: Path) -> bool:
    """True of a file that looks like one, by its name; the recordings of SNMP are called otherwise."""
    return path.suffix == ".json"


def read(path: Path) -> tuple[System, Answers]:
    """The system and its answers. Raises OSError, Unreadable."""
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(f"{path}: larger than {MOST_BYTES // 1024**2} MiB")
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path}: no JSON: {error}") from None
    return parse(document, str(path))


def parse(document: Any, name: str = "recording") -> tuple[System, Answers]:
    """The system and its answers from a recording's JSON. Raises Unreadable."""
    commands = document.get("commands") if isinstance(document, dict) else None
    if not isinstance(commands, list) or not all(isinstance(each, dict) for each in commands):
        raise Unreadable(f"{name}: it has no list of commands")
    if len(commands) > MOST_COMMANDS:
        raise Unreadable(f"{name}: more than {MOST_COMMANDS:,} commands")
    kind = document.get("devtype")
    system = by_kind(kind) if isinstance(kind, str) else None
    if system is None:
        known = ", ".join(k for each in SYSTEMS for k in each.kinds)
        raise Unreadable(f"{name}: its devtype is {kind!r}, and only {known} are known")
    hostname = document.get("hostname")
    replies = {question.name: _reply(question, commands) for question in system.questions}
    return system, Answers(
        {asked: reply for asked, reply in replies.items() if reply is not None},
        hostname if isinstance(hostname, str) else "",
    )


def _reply(question: Question, commands: list[Any]) -> Reply | None:
    """The answer to a question, None where no command asked it."""
    failed: Reply | None = None
    for asked in [*question.commands, *question.also]:
        for row in commands:
            if _asks(str(row.get("cmd", "")), asked):
                reply = _answer(row)
                if not reply.failure:
                    return reply
                failed = failed or reply
    return failed


def _asks(command: str, asked: str) -> bool:
    """True where the command, or one of several in a line of a shell ("cat /proc/uptime; hostnamectl"), is the one asked."""
    if asked.startswith("*"):
        return asked[1:] in re.sub(r"\s+", " ", command)
    return _bare(asked) in map(_bare, command.split(";"))


def _answer(row: Mapping[str, Any]) -> Reply:
    command, status = str(row.get("cmd", "")), row.get("status")
    if "output_json" in row:
        data = row["output_json"]
        if status not in (0, 200, None) or not isinstance(data, dict | list):
            return Reply(failure=f"{command!r} ended with status {status!r}")
        return Reply(data=data)
    output = row.get("output")
    if not isinstance(output, str):
        return Reply(failure=f"{command!r} has no output in the recording")
    if len(output) > MOST_IN_ANSWER:
        return Reply(failure=f"{command!r} has more than {MOST_IN_ANSWER // 1024**2} MiB of output")
    why = refusal(output)
    if why:
        return Reply(failure=f"{command!r} was refused: {why.line}", refused=why.unknown)
    if status not in (0, 200, None):
        return Reply(failure=f"{command!r} ended with status {status!r}: {output.strip()[:200]}")
    if status is None and not output.strip():
        return Reply(failure=f"{command!r} printed nothing and told no status")
    return Reply(output)


def _bare(command: str) -> str:
    """A command without the filters behind it, with single blanks."""
    return re.sub(r"\s+", " ", command.partition("|")[0]).strip()
