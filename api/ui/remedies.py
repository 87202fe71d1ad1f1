"""Commands that pages propose, exact for the machine that the server runs on."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from api.state import state


def command(store: str, *words: str) -> str:
    """`surveymark WORDS` for a shell; names the store where the command would not open it by itself."""
    return shlex.join([_program(), *words, *_named(store)])


def as_root(store: str) -> str:
    """A pass as root under the same agent key: with another key the host would report as a second one.

    Root's own search path and state folder are others, so both are named.
    """
    given = f"SURVEYMARK_STATE={state().folder}"
    return shlex.join(["sudo", "env", given, _path(), "agent", "once", *_named(store)])


def _named(store: str) -> list[str]:
    """Options that name the store, where it is not the one that is opened anyway."""
    parts = urlsplit(store)
    if parts.scheme != "sqlite":
        return ["--store", store]
    path = Path("/" + unquote(store.partition(":")[2]).lstrip("/"))
    return [] if path == state().folder / "surveymark.db" else ["--store", f"sqlite://{quote(str(path))}"]


def _program() -> str:
    """The name alone where a shell finds the same program by it."""
    found = shutil.which("surveymark")
    path = _path()
    return "surveymark" if found is None or Path(found) == Path(path) else path


def _path() -> str:
    installed = Path(sys.executable).with_name("surveymark")
    return str(installed) if installed.exists() else "surveymark"
