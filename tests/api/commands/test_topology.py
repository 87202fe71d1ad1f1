"""`surveymark topology`."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

from tests.api.conftest import Done
from tests.api.wired import wired
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_every_cable_is_listed_with_its_ports_and_proof(surveymark: Run, site: Site) -> None:
    wired(site)
    done = surveymark("topology")

    assert done.status == 0
    (row,) = [line.split() for line in done.out.splitlines() if line.split()[:2] == ["leaf01", "swp51"]]
    assert row == ["leaf01", "swp51", "spine01", "swp1", "confirmed", "1", "lldp"]
    assert "No link is known of 1 more." in done.out
    assert done.err.strip().endswith("complete.")
    assert "\x1b" not in done.out


def test_json_says_what_a_depth_leaves_out(surveymark: Run, site: Site) -> None:
    wired(site)
    found = surveymark("topology", "class:Host name:srv01-01", "--depth", "1", "--json").json

    assert {n["name"] for n in found["nodes"]} == {"srv01-01", "leaf01", "leaf02"}
    assert surveymark("topology", site.id("srv01-01"), "--depth", "1", "--format", "json").json == found
    assert "NOT complete: 3 nodes" in surveymark("topology", site.id("srv01-01"), "--depth", "1").err


def test_a_file_is_written_in_each_format(surveymark: Run, site: Site, tmp_path: Path) -> None:
    wired(site)
    for kind in ("graphml", "dot", "json", "table", "svg"):
        out = tmp_path / f"map.{kind}"
        assert surveymark("topology", "--format", kind, "--output", str(out)).out == ""
        text = out.read_text(encoding="utf-8")
        assert "leaf01" in text
        assert "\x1b" not in text
    assert ET.fromstring((tmp_path / "map.graphml").read_text())[-1].tag.endswith("graph")
    assert ET.fromstring((tmp_path / "map.svg").read_text()).tag.endswith("svg")
    assert json.loads((tmp_path / "map.json").read_text())["complete"]


def test_what_is_not_on_the_map_and_what_is_unknown_is_said(surveymark: Run, site: Site) -> None:
    wired(site)
    assert "Not on the map" not in surveymark("topology").err
    assert surveymark("topology", "name:nobody").status == 2
    assert surveymark("topology", "--depth", "-1").status == 2
