"""The agent as one file, that Python 3.9 or later runs: a zip archive of `agent` and `cmdb.model` (zipapp, PEP 441).

The same source gives the same bytes: entries in the order of their names, all of one time and mode, and stored as they are, since
releases of zlib compress differently. An archive that runs gives itself.
"""

from __future__ import annotations

import io
import zipfile
import zipimport
from collections.abc import Iterator
from pathlib import Path

import agent
import cmdb.model

NAME = "surveymark-agent.pyz"
_SHEBANG = b"#!/usr/bin/env python3\n"
_FIRST_OF_ZIP = (1980, 1, 1, 0, 0, 0)
_MAIN = """\
import sys
if sys.version_info < (3, 9):
    sys.exit("surveymark-agent needs Python 3.9 or later; this is %d.%d." % sys.version_info[:2])
from agent.command_line import main
sys.exit(main())
"""
"""Readable for every Python 3, so that an old one gets to say what is wrong."""


def build() -> bytes:
    """The file's bytes, made of the source that runs. Raises OSError where the source can not be read."""
    running = archive()
    if running is not None:
        return running.read_bytes()
    made = io.BytesIO()
    made.write(_SHEBANG)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as file:
        for name, text in sorted(_contents()):
            entry = zipfile.ZipInfo(name, _FIRST_OF_ZIP)
            entry.create_system = 3  # Unix, whatever builds it
            entry.external_attr = 0o100644 << 16
            file.writestr(entry, text)
    return made.getvalue()


def archive() -> Path | None:
    """The one file that this program runs from, None where it runs from an installation."""
    loader = getattr(agent, "__loader__", None)
    return Path(loader.archive) if isinstance(loader, zipimport.zipimporter) else None


def _contents() -> Iterator[tuple[str, bytes]]:
    """Names in the archive, and what stands there."""
    packages = Path(agent.__file__).parent, Path(cmdb.model.__file__).parent
    yield "__main__.py", _MAIN.encode()
    yield "cmdb/__init__.py", (packages[1].parent / "__init__.py").read_bytes()
    for package in packages:
        root = package.parent if package.name == agent.__name__ else package.parent.parent
        for path in package.rglob("*.py"):
            yield path.relative_to(root).as_posix(), path.read_bytes()
