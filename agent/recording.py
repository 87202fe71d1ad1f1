"""Recordings: what a real machine supplied for the needs of facts, kept as one JSON file, and a shell that replays it.

    python -m agent.recording [--facts NAME,...] > recording.json

    {"about": {"os", "kernel", "privilege", "date", "command", "note"},
     "supplied": [{"need": {"type": "File", "path": "/proc/meminfo"},
                   "result": {"content": "...", "mode": 420, "uid": 0, "gid": 0}}, ...]}

Bytes stand as text where they are UTF-8, else as {"base64": "..."}. Limits are no part of a recording. Command lines
are scrubbed of secrets, and digests of files that not everyone may read are zeros. Host names, host keys and the
content of configuration stand in it as they were: look a recording through before it leaves the machine.
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import json
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from agent import fact as contract
from agent.fact import (
    Capacity,
    Certificates,
    Command,
    Content,
    Digests,
    File,
    FileDigest,
    Files,
    Links,
    Missing,
    Need,
    Output,
    Portable,
    Supplied,
)
from agent.scrub import scrub

_NEEDS: dict[str, type[Any]] = {
    t.__name__: t for t in (File, Files, Links, Digests, Certificates, Command, Capacity, Portable)
}
_IDENTITY = {
    File: "path",
    Files: "pattern",
    Links: "pattern",
    Digests: "pattern",
    Certificates: "pattern",
    Command: "argv",
    Portable: "topic",
}


class RecordedShell:
    """Supplies what a recording holds; a need that it does not hold is unsupported."""

    own_pids: frozenset[int] = frozenset()

    def __init__(self, supplied: Mapping[Need, Supplied], privilege: str = "full") -> None:
        self.privilege = privilege
        self._supplied = {_key(need): result for need, result in supplied.items()}

    @classmethod
    def load(cls, path: str | Path) -> RecordedShell:
        """The recording in a file; raises ValueError or KeyError where it is none."""
        return cls.of(json.loads(Path(path).read_text("utf-8")))

    @classmethod
    def of(cls, document: Any) -> RecordedShell:
        """The recording that is this JSON; raises ValueError, KeyError, TypeError or AttributeError where it is none."""
        supplied = {_need(row["need"]): _result(row["result"]) for row in document["supplied"]}
        shell = cls(supplied, document["about"]["privilege"])
        shell.own_pids = frozenset(document["about"].get("own_pids", ()))
        return shell

    def supply(self, needs: Iterable[Need]) -> dict[Need, Supplied]:
        """What was recorded for each need."""
        return {n: self._supplied.get(_key(n), Missing("unsupported", f"not in the recording: {n}")) for n in needs}


def record(shell: contract.Shell, needs: Iterable[Need], about: Mapping[str, Any]) -> dict[str, Any]:
    """A recording of what a shell supplies now; `about` says of what machine, when and how."""
    supplied = shell.supply(list(dict.fromkeys(needs)))
    head = {**about, "privilege": shell.privilege, "own_pids": sorted(shell.own_pids)}
    return {
        "about": head,
        "supplied": [{"need": _need_json(n), "result": _result_json(n, r)} for n, r in supplied.items()],
    }


def _key(need: Need) -> tuple[str, Any]:
    return type(need).__name__, None if isinstance(need, Capacity) else getattr(need, _IDENTITY[type(need)])


def _need_json(need: Need) -> dict[str, Any]:
    kind, value = _key(need)
    return {"type": kind} if value is None else {"type": kind, _IDENTITY[type(need)]: value}


def _need(row: Mapping[str, Any]) -> Need:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items() if name != "type"}
    need: Need = _NEEDS[row["type"]](**values)
    return need


def _kept(need: Need, result: Supplied) -> Supplied:
    """What of a result may be printed."""
    if isinstance(need, Digests) and isinstance(result, Mapping):
        return {p: dataclasses.replace(d, sha256="0" * 64) if _is_secret(d) else d for p, d in result.items()}
    if isinstance(need, Files) and need.pattern.endswith("/cmdline") and isinstance(result, Mapping):
        return {p: _scrubbed(c) if isinstance(c, Content) else c for p, c in result.items()}
    return result


def _is_secret(found: Any) -> bool:
    return isinstance(found, FileDigest) and not found.public


def _scrubbed(command: Content) -> Content:
    argv = scrub(command.data.decode("utf-8", "surrogateescape").split("\0"))
    return dataclasses.replace(command, data="\0".join(argv).encode("utf-8", "surrogateescape"))


def _result_json(need: Need, result: Supplied) -> Any:
    if isinstance(need, Portable) and isinstance(result, Mapping):
        return {"told": dict(result)}
    return _json(_kept(need, result))


def _json(result: Any) -> Any:
    if isinstance(result, Missing):
        return {"missing": result.kind, "reason": result.reason}
    if isinstance(result, Content):
        return {"content": _bytes_json(result.data), "mode": result.mode, "uid": result.uid, "gid": result.gid}
    if isinstance(result, Output):
        return {"stdout": _bytes_json(result.stdout), "stderr": _bytes_json(result.stderr), "status": result.status}
    if isinstance(result, FileDigest):
        return dataclasses.asdict(result)
    if isinstance(result, Mapping):
        return {"members": {name: _json(value) for name, value in result.items()}}
    return list(result) if isinstance(result, tuple) else result


def _result(row: Any) -> Any:
    if isinstance(row, list):
        return tuple(row)
    if isinstance(row, str):
        return row
    if "missing" in row:
        return Missing(row["missing"], row["reason"])
    if "told" in row:
        return row["told"]
    if "content" in row:
        return Content(_bytes(row["content"]), row["mode"], row["uid"], row["gid"])
    if "stdout" in row:
        return Output(_bytes(row["stdout"]), _bytes(row["stderr"]), row["status"])
    if "sha256" in row:
        return FileDigest(**row)
    return {name: _result(value) for name, value in row["members"].items()}


def _bytes_json(data: bytes) -> str | dict[str, str]:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes(value: str | Mapping[str, str]) -> bytes:
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])


def _main(arguments: list[str] | None = None) -> int:
    from agent.facts import FACTS
    from agent.run import needs_of
    from agent.shell import LocalShell

    parser = argparse.ArgumentParser(prog="python -m agent.recording", description="Records this machine.")
    parser.add_argument("--facts", default=",".join(FACTS), help="names of facts, comma-separated (default: all)")
    parser.add_argument("--note", default="", help="what is special about this machine")
    chosen = parser.parse_args(arguments)
    shell = LocalShell()
    needs = needs_of(
        shell, [FACTS[name] for name in chosen.facts.split(",")], contract.Context(privilege=shell.privilege)
    )
    release = shell.supply([File("/etc/os-release"), File("/proc/sys/kernel/osrelease")])
    texts = [r.text if isinstance(r, Content) else "" for r in release.values()]
    names = [line[12:].strip('"') for line in texts[0].splitlines() if line.startswith("PRETTY_NAME=")]
    about = {
        "os": names[0] if names else "unknown",
        "kernel": texts[1].strip(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "command": f"python -m agent.recording --facts {chosen.facts}",
        "note": chosen.note,
    }
    json.dump(record(shell, needs, about), sys.stdout, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
