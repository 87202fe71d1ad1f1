"""A host of its own root: frozen, changed, compared, put back (part of "done when" of the first release)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.lab.hosts import Host, Lab

LISTENER = "/usr/local/bin/answerer"
LISTENER_TEXT = """#!/usr/bin/python3
import socket, time
s = socket.create_server(("0.0.0.0", 7777))
while True:
    time.sleep(60)
"""


def answer(host: Host, *arguments: str, user: str | None = None) -> tuple[int, Any]:
    """Exit status and JSON of a surveymark command."""
    done = host.surveymark("--json", *arguments, check=False, user=user)
    return done.returncode, json.loads(done.stdout)


def freeze(host: Host, name: str, user: str | None = None) -> None:
    """A pass, a baseline of all of it, and its approval by the same person."""
    host.surveymark("agent", "once", user=user)
    host.surveymark("baseline", "create", name, "--scope", "", user=user)
    _, shown = answer(host, "baseline", "show", name, user=user)
    host.surveymark("baseline", "approve", name, "--digest", shown["digest"], "--self", "only one of us", user=user)


def summary(drift: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    """(kind, class, name, attribute) of each deviation; relations are named by their type."""
    return {
        (d["kind"], d["class"], d["name"], d["attribute"] or (d["relation"] or {}).get("type", ""))
        for d in drift["deviations"]
    }


def test_drift_is_exactly_what_was_changed_and_nothing_after_it_was_undone(lab: Lab, package: bytes) -> None:
    host = lab.host("alpha")
    host.write(LISTENER, LISTENER_TEXT, 0o755)
    freeze(host, "golden")
    status, drift = answer(host, "drift", "golden")
    assert (status, drift["deviations"]) == (0, [])

    host.run("cp", "-p", "/etc/hosts", "/root/hosts")
    host.run("sh", "-c", "base64 -d > /root/surveyed.deb", text=base64.b64encode(package).decode())
    host.run("dpkg", "-i", "/root/surveyed.deb")
    host.run("sh", "-c", "echo 192.0.2.7 intranet >> /etc/hosts")
    listener = host.spawn("/usr/bin/python3", LISTENER)
    host.wait_for("sh", "-c", "ss -Hltn | grep -q :7777")
    host.run("useradd", "--uid", "4242", "--no-create-home", "auditor")
    host.surveymark("agent", "once")

    status, drift = answer(host, "drift", "golden")
    assert status == 1
    assert summary(drift) == {
        ("added", "SoftwarePackage", "surveyed", ""),
        ("changed", "ConfigFile", "/etc/hosts", "digest"),
        ("changed", "ConfigFile", "/etc/hosts", "size_bytes"),
        ("added", "SoftwareInstance", "answerer", ""),
        ("added", "Endpoint", "tcp 0.0.0.0:7777", ""),
        ("added", "SoftwareInstance", "answerer", "EXPOSES"),
        ("added", "LocalAccount", "auditor", ""),
        ("added", "LocalGroup", "auditor", ""),
        ("changed", "ConfigFile", "/etc/passwd", "digest"),
        ("changed", "ConfigFile", "/etc/passwd", "size_bytes"),
        ("changed", "ConfigFile", "/etc/group", "digest"),
        ("changed", "ConfigFile", "/etc/group", "size_bytes"),
        ("changed", "ConfigFile", "/etc/shadow", "digest"),
        ("changed", "ConfigFile", "/etc/gshadow", "digest"),
    }
    assert drift["findings"] == len(drift["deviations"])
    assert all(d["not_before"] and d["not_after"] and d["source"] for d in drift["deviations"])

    host.run("dpkg", "--purge", "surveyed")
    host.run("cp", "-p", "/root/hosts", "/etc/hosts")
    listener.terminate()
    host.run("pkill", "-f", LISTENER)
    host.run("userdel", "auditor")
    host.surveymark("agent", "once")
    status, drift = answer(host, "drift", "golden")
    assert (status, drift["deviations"]) == (0, [])


def test_what_only_root_can_see_is_not_comparable_with_a_baseline_of_an_ordinary_user(lab: Lab) -> None:
    host = lab.host("beta")
    host.write(LISTENER, LISTENER_TEXT, 0o755)
    host.spawn("/usr/bin/python3", LISTENER)
    host.wait_for("sh", "-c", "ss -Hltn | grep -q :7777")
    host.run("useradd", "--create-home", "surveyor")
    store = ("--store", "sqlite:////home/surveyor/store/surveymark.db")
    host.surveymark(*store, "agent", "once", user="surveyor", env={"HOME": "/home/surveyor"})
    host.surveymark(
        *store, "baseline", "create", "humble", "--scope", "", user="surveyor", env={"HOME": "/home/surveyor"}
    )
    # The same reporter, now with root's eyes.
    host.surveymark(
        *store, "agent", "once", env={"HOME": "/root", "SURVEYMARK_STATE": "/home/surveyor/.local/state/surveymark"}
    )
    status, drift = answer(host, *store, "drift", "humble")
    assert [d for d in drift["deviations"] if d["kind"] != "not_comparable"] == []
    assert drift["findings"] == 0
    assert drift["coverage"]["not_comparable"] > 0
    assert {d["kind"] for d in drift["deviations"]} == {"not_comparable"}
    assert all(d["reason"] for d in drift["deviations"])
    assert status == 3


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_verification_finds_one_flipped_byte(lab: Lab, place: float) -> None:
    host = lab.host("gamma")
    freeze(host, "golden")
    assert host.surveymark("baseline", "verify", "golden").returncode == 0
    flip = (
        "import sqlite3, zlib, sys\n"
        "db = sqlite3.connect('/var/lib/surveymark/surveymark.db')\n"
        "digest, data = sorted(db.execute('SELECT digest, data FROM document'), key=lambda r: len(r[1]))[-1]\n"
        f"text = bytearray(zlib.decompress(data)); text[int(len(text) * {place})] ^= 1\n"
        "db.execute('UPDATE document SET data = ? WHERE digest = ?', (zlib.compress(bytes(text)), digest)); db.commit()\n"
    )
    host.run("/usr/bin/python3", "-c", flip)
    done = host.surveymark("baseline", "verify", "golden", check=False)
    assert done.returncode == 1, done.stdout + done.stderr
