"""The way to a file of another host is judged as the agent judges it on the host."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.fact import Content, Missing
from agent.files import FileAccess
from collector.ssh.way import Place, Status, Ways

NAMES = ("a", "b", "c")


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    """Below /srv: under /tmp everybody can write on the way."""
    folder = Path("/srv") / f"surveymark-way-{os.getpid()}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def told(folder: Path) -> Ways:
    """What lstat says of a tree and of what lies above it."""
    paths = [*folder.parents, folder]
    for root, folders, files in os.walk(folder):
        paths += [Path(root) / name for name in (*folders, *files)]
    return Ways((str(path), status(path)) for path in paths)


def status(path: Path) -> Status:
    found = path.lstat()
    target = str(path.readlink()) if path.is_symlink() else ""
    return Status(found.st_mode, found.st_uid, found.st_gid, found.st_size, target)


PATHS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join)
TARGETS = st.lists(st.sampled_from((*NAMES, "..", ".")), min_size=1, max_size=4).map("/".join)


@given(
    st.lists(st.tuples(PATHS, st.sampled_from(["file", "folder", "theirs", "link", "absolute"]), TARGETS), max_size=7),
    st.lists(PATHS, max_size=6),
)
@settings(max_examples=150, deadline=None)
def test_a_way_ends_where_the_agent_ends(base: Path, made: list[tuple[str, str, str]], asked: list[str]) -> None:
    shutil.rmtree(base)
    tree = base / "as/deep/as/links/go/up"
    tree.mkdir(parents=True)
    for path, kind, target in made:
        place = tree / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if kind == "file":
                place.write_text(path)
            elif kind in ("folder", "theirs"):
                place.mkdir()
                os.chown(place, 1000 if kind == "theirs" else 0, 0)
            else:
                place.symlink_to(f"{tree}/{target}" if kind == "absolute" else target)
        except OSError:
            continue
    ways, access = told(base), FileAccess()

    for path in {*asked, *(path for path, _, _ in made)}:
        there, far = access.read(f"{tree}/{path}", 1000), ways.find(f"{tree}/{path}")
        if isinstance(there, Content):
            assert isinstance(far, Place)
            assert Path(far.path).read_bytes() == there.data
        elif there.reason.endswith(("is no regular file", "is a directory")):
            assert isinstance(far, Place)
            assert not Path(far.path).is_file()
        else:
            assert isinstance(far, Missing)
            assert far.kind == there.kind


def test_a_mount_that_may_hang_is_not_entered(base: Path) -> None:
    (base / "net").mkdir()
    (base / "net/file").write_text("x")
    ways = Ways([(str(p), status(p)) for p in (*base.parents, base, base / "net", base / "net/file")],
                frozenset({f"{base}/net"}))  # fmt: skip

    found = ways.find(f"{base}/net/file")

    assert found == FileAccess(frozenset({f"{base}/net"})).read(f"{base}/net/file", 10)


def test_a_program_that_others_can_replace_is_named(base: Path) -> None:
    (base / "bin").mkdir()
    (base / "bin/ip").write_text("#!/bin/sh\n")
    (base / "ip").symlink_to("bin/ip")
    assert told(base).untrusted(f"{base}/ip") is None

    (base / "bin").chmod(0o775)

    assert told(base).untrusted(f"{base}/ip") == f"{base}/bin"
    shutil.rmtree(base / "bin")
    (base / "ip").unlink()
