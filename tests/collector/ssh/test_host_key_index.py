from __future__ import annotations

import base64
import hashlib
import hmac
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.ssh.host_key_index import Entry, HostKeyIndex
from tests.lab.ssh_keys import key_pair

HOSTS = ["web1", "web2.example.org", "10.0.0.1", "fd00::1", "[10.0.0.1]:2222", "[web1]:2222", "a.b"]
PATTERNS = ["web?", "*.example.org", "10.0.*", "[10.0.0.?]:2222", "*", "!web1", "!10.0.0.1"]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("keys")
    pairs = [key_pair(folder, f"k{n}", kind) for n, kind in enumerate(["ed25519", "ed25519", "ecdsa-256"])]
    return [" ".join(pair.public.split()[:2]) for pair in pairs]


def hashed(name: str, salt: bytes) -> str:
    digest = hmac.digest(salt, name.encode(), hashlib.sha1)
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


NAMES = st.one_of(
    st.lists(st.sampled_from([*HOSTS, *PATTERNS, "WEB1"]), min_size=1, max_size=4).map(",".join),
    st.builds(hashed, st.sampled_from(HOSTS), st.binary(min_size=20, max_size=20)),
)
LINES = st.tuples(st.sampled_from(["", "", "", "@revoked ", "@cert-authority "]), NAMES, st.integers(0, 2))


def found(index: HostKeyIndex, name: str) -> set[int]:
    return {entry.line for entry in [*index.named([name]), *index.hashed([name])]}


def found_by_ssh_keygen(file: Path, name: str) -> set[int]:
    done = subprocess.run(["ssh-keygen", "-F", name, "-f", str(file)], capture_output=True, text=True, check=False)
    return {int(number) for number in re.findall(r"^# Host .* found: line (\d+)", done.stdout, re.MULTILINE)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, min_size=1, max_size=8), noise=st.sampled_from(["", "# note", "\t# note", "junk"]))
def test_the_lines_of_a_host_are_those_that_ssh_keygen_finds(
    keys: list[str], tmp_path: Path, lines: list[tuple[str, str, int]], noise: str
) -> None:
    text = "".join(f"{noise}\n{marker}{names} {keys[key]} a comment\n" for marker, names, key in lines)
    file = tmp_path / "known_hosts"
    file.write_text(text)
    index = HostKeyIndex(file)
    index.add(text.encode())

    for host in HOSTS:
        assert found(index, host) == found_by_ssh_keygen(file, host), (host, text)


@given(st.binary(max_size=400))
def test_any_bytes_are_taken_without_an_error(text: bytes) -> None:
    index = HostKeyIndex(Path("/known_hosts"))
    index.add(text)
    index.add(b"\n|1|short|x ssh-ed25519 AAAA\n|1|" + base64.b64encode(text) + b"|x ssh-ed25519 AAAA\n")

    assert isinstance(list(index.named(["web1"])), list)
    assert isinstance(index.hashed(["web1"]), list)
    assert list(index.hashed_with(["web1"], "AAAA")) == []


def test_lines_that_come_later_are_numbered_on_and_found_by_key() -> None:
    index = HostKeyIndex(Path("/known_hosts"))
    index.add(b"web1 ssh-ed25519 AAAA\n")
    index.add(f"{hashed('web2', b'x' * 20)} ssh-ed25519 BBBB\n".encode())

    (entry,) = index.hashed_with(["web2"], "BBBB")
    assert entry == Entry("", hashed("web2", b"x" * 20), "ssh-ed25519", "BBBB", Path("/known_hosts"), 2)
    assert entry.place == "/known_hosts line 2"
    assert list(index.hashed_with(["web1"], "BBBB")) == []
