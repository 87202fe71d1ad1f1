"""`surveymark identify replay`: what other rules of identification would make of what came in (docs/replay.md)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import opened
from api.encoders import visible
from cmdb.model.errors import UsageError

if TYPE_CHECKING:
    from cmdb.ports import Store

MOST_BYTES = 1024 * 1024


def add(groups: Any) -> None:
    group = groups.add_parser("identify", help="who is who, by other rules")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    command = commands.add_parser(
        "replay",
        help="merges and splits that other rules would bring; changes nothing",
        epilog="Exit status: 0 nothing would change, 1 something would, 3 not all could be told.",
    )
    command.add_argument("--rules", metavar="FILE", required=True, help="rules as TOML, or JSON in a file named .json")
    add_common(command)
    command.set_defaults(run=replay)


def replay(options: argparse.Namespace, io: Terminal) -> int:
    from cmdb.raw import DROPPED
    from cmdb.replay import replay as replayed
    from cmdb.rules import read

    if getattr(options, "server", None):
        raise UsageError("This reads raw batches: run it where the store is, with --store instead of --server.")
    rules = read(_document(Path(options.rules)))
    with opened(options) as estate:
        with estate.store.transaction() as tx:
            dropped = tx.unversioned(*DROPPED)
        with estate.store.view() as view:
            found = {"rules": options.rules, **replayed(view, rules, _empty, dropped)}
    if io.as_json:
        io.document(found)
    else:
        _say(found, io)
    untold = found["untold"]
    if untold["contradicting_count"] or untold["partly"] or untold["without_count"]:
        return 3
    return 1 if any(found[name] for name in ("merges", "splits", "quarantined", "landed")) else 0


@contextmanager
def _empty() -> Iterator[Store]:
    """A store for the length of the block, on this machine."""
    from cmdb.stores.sqlite_store import SqliteStore

    with TemporaryDirectory(prefix="surveymark-replay-") as folder:
        store = SqliteStore.open(Path(folder) / "replay.db")
        try:
            yield store
        finally:
            store.close()


def _document(file: Path) -> object:
    """The rules of a file. Raises UsageError where it is none."""
    import tomllib  # of Python 3.11; commands are listed on 3.9 too

    try:
        if not file.is_file() and file.exists():
            raise UsageError(f"{file} is no regular file; name one with rules.")
        with file.open("rb") as opened_file:
            data = opened_file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise UsageError(f"{file} has more than {MOST_BYTES} bytes; these are no rules.")
        return json.loads(data) if file.suffix == ".json" else tomllib.loads(data.decode())
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is neither TOML nor, named .json, JSON: {error}.") from None


def _say(found: dict[str, Any], io: Terminal) -> None:
    for merge in found["merges"]:
        cis = " and ".join(f"{ci['class']} {ci['name']} ({ci['id']})" for ci in merge["cis"])
        io.line(visible(f"merge       {cis} would be one, by {_listed(merge['identifiers'])}"))
    for split in found["splits"]:
        parts = " | ".join(", ".join(part["sources"]) for part in split["parts"])
        held = f"{_listed(split['identifiers'])} holds it together"
        io.line(visible(f"split       {_ci(split['ci'])} would be {len(split['parts'])}: {parts}; {held}"))
    for one in found["quarantined"]:
        io.line(visible(f"quarantine  {_ci(one['ci'])} of {one['source']} could not land: {one['reason']}"))
    for one in found["landed"]:
        io.line(visible(f"land        {one['source']} would land as {_ci(one['ci'])}; today: {one['reason']}"))
    if not any(found[name] for name in ("merges", "splits", "quarantined", "landed")):
        io.line("Nothing would change.")
    raw, untold = found["raw"], found["untold"]
    io.say(
        f"Told from {raw['subjects']} of {raw['batches']} raw batches, {raw['from'] or 'none'} to {raw['until'] or 'none'}."
    )
    if raw["dropped"]:
        io.say(f"{raw['dropped']} older ones were dropped, up to {raw['dropped_until']}.")
    if untold["without_count"]:
        io.say(f"Of {untold['without_count']} items no raw batch is kept: what would become of them is not told.")
    if untold["partly"]:
        io.say(f"{untold['partly']} items began before the oldest raw batch: an earlier report may have joined them.")
    if untold["contradicting_count"]:
        cis = ", ".join(f"{ci['name']} ({ci['id']})" for ci in untold["contradicting"][:10])
        io.say(
            f"What is kept does not lead to {untold['contradicting_count']} items again ({cis}): nothing is concluded of them."
        )


def _ci(ci: dict[str, Any] | None) -> str:
    return f"{ci['class']} {ci['name']} ({ci['id']})" if ci else "a new item"


def _listed(identifiers: list[str]) -> str:
    return ", ".join(identifiers[:5]) + (f" and {len(identifiers) - 5} more" if len(identifiers) > 5 else "")
