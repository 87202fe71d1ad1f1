"""Watched files by digest; a digest never helps to guess what not everyone may read."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from agent.fact import Collected, Content, Digests, Failed, FileDigest, Missing, Unavailable
from agent.facts import config_files
from agent.facts.config_files import WATCHED, parse
from cmdb.model.classes.config_file import ConfigFile
from cmdb.model.classes.host import Host
from tests.agent.supplied import KEY, made, recorded, run

SHA = hashlib.sha256(b"content").hexdigest()
OPEN = FileDigest(SHA, 7, 0o644, 0, 0, True)
CLOSED = FileDigest(SHA, 7, 0o640, 0, 42, False)
NAMES = {"/etc/passwd": "root:x:0:0::/:\n", "/etc/group": "root:x:0:\nshadow:x:42:\n"}


def files(outcome: object) -> dict[str, dict[str, object]]:
    assert isinstance(outcome, Collected), outcome
    return {str(i.path): dict(i.attributes()) for i in outcome.items if isinstance(i, ConfigFile)}


def test_the_recorded_files() -> None:
    root = files(run(config_files, recorded("debian12-root")))
    user = files(run(config_files, recorded("debian12-user")))

    assert root["/etc/shadow"]["digest"].startswith("hmac-sha256:")  # type: ignore[attr-defined]
    assert root["/etc/shadow"]["owner_group"] == "shadow"
    assert root["/etc/shadow"]["mode"] == "0640"
    assert "size_bytes" not in root["/etc/shadow"]
    assert root["/etc/passwd"]["digest"].startswith("sha256:")  # type: ignore[attr-defined]
    assert "/etc/shadow" not in user
    assert user == {path: row for path, row in root.items() if path in user}


def test_a_file_that_everyone_may_read_has_its_plain_digest() -> None:
    outcome = run(config_files, made({**NAMES, Digests("/a"): {"/a": OPEN}}), watched=("/a",), digest_key=None)

    expected = {
        "path": "/a",
        "digest": f"sha256:{SHA}",
        "size_bytes": 7,
        "mode": "0644",
        "owner": "root",
        "owner_group": "root",
    }
    assert files(outcome)["/a"] == expected


def test_any_other_has_a_keyed_one() -> None:
    outcome = run(config_files, made({**NAMES, Digests("/a"): {"/a": CLOSED}}), watched=("/a",))

    keyed = hmac.new(KEY, bytes.fromhex(SHA), hashlib.sha256).hexdigest()
    assert files(outcome)["/a"] == {
        "path": "/a",
        "digest": f"hmac-sha256:{keyed}",
        "mode": "0640",
        "owner": "root",
        "owner_group": "shadow",
    }
    assert SHA not in str(outcome)


def test_so_has_one_whose_own_mode_is_open_below_a_directory_that_is_not() -> None:
    inner = FileDigest(SHA, 7, 0o644, 0, 0, False)

    found = files(run(config_files, made({**NAMES, Digests("/a"): {"/a": inner}}), watched=("/a",)))["/a"]

    assert str(found["digest"]).startswith("hmac-sha256:")
    assert found["mode"] == "0644"
    assert "size_bytes" not in found


def test_without_a_key_the_section_has_failed_and_says_what_to_do() -> None:
    outcome = run(config_files, made({Digests("/a"): {"/a": CLOSED}}), watched=("/a",), digest_key=None)

    assert isinstance(outcome, Failed)
    assert "enrol" in outcome.reason
    assert SHA not in outcome.reason


def test_the_patterns_are_kept_with_the_host() -> None:
    outcome = run(
        config_files, made({"/etc/surveymark/watch.conf": "# ours\n\n/srv/app/*.toml\n"}), watched=("/etc/hosts",)
    )

    assert isinstance(outcome, Collected)
    [host] = [i for i in outcome.items if isinstance(i, Host)]
    assert host.watched_files == ["/etc/hosts", "/srv/app/*.toml"]


def test_without_settings_the_usual_files_are_watched() -> None:
    outcome = run(config_files, made({}))

    assert isinstance(outcome, Collected)
    assert outcome.items[0].attributes()["watched_files"] == sorted(WATCHED)
    assert len(set(WATCHED)) == len(WATCHED)
    assert list(WATCHED) == sorted(WATCHED)


@pytest.mark.parametrize("content", [Content(b"/a\n", uid=1000), Content(b"/a\n", 0o664), Content(b"/a\n", 0o666)])
def test_a_list_that_others_can_write_fails_the_section(content: Content) -> None:
    outcome = run(config_files, made({"/etc/surveymark/watch.conf": content}))

    assert isinstance(outcome, Failed)
    assert "chown root" in outcome.reason


@pytest.mark.parametrize(
    "text", ["relative/*", "~/x", "/proc/*/environ", "/etc/../root/x", "/dev/sda", "//proc/1/environ", "/proc", "\0"]
)
def test_a_pattern_that_cannot_be_watched_is_refused_by_name(text: str) -> None:
    with pytest.raises(Unavailable, match=r"watch\.conf"):
        parse(f"/etc/hosts\n{text}\n")


@pytest.mark.parametrize("pattern", ["/proc/*/environ", "//proc/1/environ", "relative", "/etc/.."])
def test_so_is_one_of_the_reporters_settings(pattern: str) -> None:
    outcome = run(config_files, made({}), watched=("/etc/hosts", pattern))

    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith(f"the reporter's settings: {pattern!r} is no absolute path")


def test_a_user_goes_without_what_root_alone_may_read() -> None:
    digests = {"/a": OPEN, "/b": Missing("denied", "run as root")}

    outcome = run(config_files, made({Digests("/*"): digests}, "user"), watched=("/*",))

    assert list(files(outcome)) == ["/a"]


@pytest.mark.parametrize("kind", ["too_big", "denied"])
def test_a_file_that_root_cannot_look_at_stays_without_a_digest(kind: str) -> None:
    outcome = run(config_files, made({Digests("/*"): {"/a": OPEN, "/b": Missing(kind, "why")}}), watched=("/*",))

    assert files(outcome)["/b"] == {"path": "/b"}


def test_an_error_while_reading_fails_the_section() -> None:
    outcome = run(config_files, made({Digests("/*"): {"/a": Missing("failed", "Input/output error")}}), watched=("/*",))

    assert outcome == Failed("Input/output error")


def test_an_owner_without_a_name_is_a_number_and_garbage_names_nobody() -> None:
    shell = made(
        {"/etc/passwd": "garbage\n:::\nx:y:z\n", Digests("/a"): {"/a": FileDigest(SHA, 7, 0o4755, 1234, 5678, True)}}
    )

    found = files(run(config_files, shell, watched=("/a",)))["/a"]

    assert (found["owner"], found["owner_group"], found["mode"]) == ("1234", "5678", "4755")
