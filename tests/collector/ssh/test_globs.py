"""Globs over paths of a host."""

from __future__ import annotations

import pytest

from collector.ssh.globs import matcher


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("/etc/*", {"/etc/a", "/etc/b.conf"}),
        ("/etc/.*", {"/etc/.h"}),
        ("/etc/*.conf", {"/etc/b.conf"}),
        ("/etc/*/a", {"/etc/d/a"}),
        ("/etc/*/a/*", {"/etc/a/a/b"}),
        ("/*/a", {"/etc/a"}),
        ("/etc/[!ab]*/*", {"/etc/d/a"}),
        ("/etc/a", {"/etc/a"}),
    ],
)
def test_a_pattern_stands_for_what_a_glob_gives(pattern: str, paths: set[str]) -> None:
    tree = ("/etc/a", "/etc/b.conf", "/etc/.h", "/etc/.d/a", "/etc/d/a", "/etc/a/a/b", "/a", "/etcetera/a/b")

    assert {path for path in tree if matcher(pattern)(path)} == paths
