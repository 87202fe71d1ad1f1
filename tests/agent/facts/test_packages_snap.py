"""Snaps."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.fact import Collected, Content, Failed, Files, Links, Missing, NotApplicable
from agent.facts import packages_snap
from agent.facts.packages_snap import NEEDS, parse
from agent.shell import LocalShell
from tests.agent.supplied import made, run

LINKS, FALLBACK, TEXTS, _ = NEEDS
LXD = """\
name: lxd
version: "4.0.8"   # of upstream
summary: LXD - container and VM manager
architectures:
- amd64
confinement: strict
apps:
  lxc:
    version: none
    command: commands/lxc
"""
CORE = "name: core20\nversion: 20220114\ntype: base\narchitectures: [amd64, 'i386']\n"


def test_snaps_in_use_have_version_and_revision() -> None:
    shell = made(
        {
            LINKS: {"/snap/core20/current": "1328", "/snap/lxd/current": "21835", "/snap/lxd_two/current": "x1"},
            TEXTS: {
                "/snap/core20/current/meta/snap.yaml": Content(CORE.encode()),
                "/snap/lxd/current/meta/snap.yaml": Content(LXD.encode()),
                "/snap/lxd_two/current/meta/snap.yaml": Content(b"name: lxd\n"),
            },
        }
    )
    outcome = run(packages_snap, shell)

    assert isinstance(outcome, Collected)
    assert [(i.local_key(), i.versions) for i in outcome.items] == [  # type: ignore[attr-defined]
        ("snap/core20/amd64+i386", ["20220114 (1328)"]),
        ("snap/lxd/amd64", ["4.0.8 (21835)"]),
        ("snap/lxd_two/all", ["(x1)"]),
    ]


def test_a_host_without_snaps_has_nothing_to_tell() -> None:
    assert isinstance(run(packages_snap, made({})), NotApplicable)


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"/snap/lxd/current/meta/snap.yaml": Content(b"")},
        {"/snap/lxd/current": Missing("unsupported", "/snap/lxd/21835 lies on a mount which is not entered")},
        {"/snap/lxd/current/meta/snap.yaml": Missing("denied", "may not be read")},
    ],
)
def test_a_snap_that_can_not_be_read_is_a_failure(texts: dict[str, object]) -> None:
    outcome = run(packages_snap, made({LINKS: {"/snap/lxd/current": "21835"}, TEXTS: texts}))

    assert isinstance(outcome, Failed)


def test_snaps_of_a_real_folder_are_found_by_their_link(trusted: Path) -> None:
    inside = trusted / "lxd" / "21835" / "meta"
    inside.mkdir(parents=True)
    (inside / "snap.yaml").write_text(LXD)
    (trusted / "lxd" / "current").symlink_to("21835")
    links, texts = (
        LocalShell().supply([Links(f"{trusted}/*/current"), Files(f"{trusted}/*/current/meta/snap.yaml")]).values()
    )

    assert links == {f"{trusted}/lxd/current": "21835"}
    [(path, content)] = texts.items()  # type: ignore[union-attr]
    assert path == f"{trusted}/lxd/current/meta/snap.yaml"
    assert parse(f"{trusted}/lxd/current", "21835", content.text).version == "4.0.8"
