"""Hosts and a package for the end-to-end tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.hosts import Lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    """An empty lab; hosts are started by the test."""
    assert os.geteuid() == 0, "hosts are namespaces: run this test as root"
    with Lab() as running:
        yield running


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A Debian package without dependencies, made here: `surveyed` 1.0."""
    place = tmp_path_factory.mktemp("package")
    control = place / "surveyed/DEBIAN/control"
    control.parent.mkdir(parents=True)
    control.write_text(
        "Package: surveyed\nVersion: 1.0\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a test\n"
    )
    file: Path = place / "surveyed.deb"
    subprocess.run(
        ["dpkg-deb", "--build", "--root-owner-group", str(control.parents[1]), str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    return file.read_bytes()
