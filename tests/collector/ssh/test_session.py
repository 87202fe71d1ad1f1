from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.deadlines import Deadlines
from collector.outcome import Stopped
from collector.reachability import Reached, reach
from collector.ssh.known_hosts import HostKeyChanged, KnownHosts
from collector.ssh.session import connect
from collector.target import Target
from tests.collector.ssh.conftest import PASSWORD, Site
from tests.lab.ssh_keys import certify, key_pair

Port = Callable[[], int]


def fingerprint(line: str, tmp_path: Path) -> str:
    (tmp_path / "key.pub").write_text(line + "\n")
    done = subprocess.run(
        ["ssh-keygen", "-lf", str(tmp_path / "key.pub")], check=True, capture_output=True, text=True
    )  # fmt: skip
    return done.stdout.split()[1]


@pytest.mark.parametrize("family", ["address", "address6"])
def test_a_host_is_signed_in_to_over_both_families(
    at_site: Site, known: KnownHosts, tmp_path: Path, family: str
) -> None:
    target = Target("far", getattr(at_site.far, family))

    with connect(target, [at_site.by_key()], known) as session:
        done = session.execute("id -un; cat", b"said", limit=1000, seconds=20)

    assert (done.stdout, done.status) == (b"ops\nsaid", 0)
    assert session.login.credential_name == "by-key"
    assert session.evidence.ssh_version.startswith("SSH-2.0-OpenSSH_")
    key = at_site.server.public_keys["ed25519"]
    assert session.evidence.host_key == f"ssh-ed25519 {fingerprint(key, tmp_path)}"
    assert session.evidence.weak == ()
    assert not session.alive


def test_the_connection_that_reached_the_port_is_used(at_site: Site, known: KnownHosts, free_port: Port) -> None:
    server = at_site.far.sshd(free_port())

    for target, end in reach([at_site.target(server)]):
        assert isinstance(end, Reached)
        connect(target, [at_site.by_key()], known, reached=end).close()

    assert server.log().count("Connection from") == 1


def test_a_target_that_answered_at_another_address_is_signed_in_to_there(at_site: Site, known: KnownHosts) -> None:
    asked = Target("far", "10.88.9.9", alternatives=(at_site.far.address,))

    for target, end in reach([asked]):
        assert isinstance(end, Reached)
        with connect(target, [at_site.by_key()], known, reached=end) as session:
            assert session.target is asked
            assert session.execute("id -un", b"", limit=100, seconds=20).stdout == b"ops\n"
    with connect(at_site.target(), [at_site.by_password(names_range=False)], known):
        pass  # the key was kept under the address that answered


def test_without_a_login_the_host_key_is_learned_and_nobody_is_tried(
    at_site: Site, known: KnownHosts, free_port: Port, tmp_path: Path
) -> None:
    server = at_site.far.sshd(free_port())

    with pytest.raises(Stopped) as caught:
        connect(at_site.target(server), [], known)

    assert (caught.value.outcome, caught.value.phase) == ("no_credential", "authentication")
    key = server.public_keys["ed25519"]
    assert caught.value.evidence.host_key == f"ssh-ed25519 {fingerprint(key, tmp_path)}"
    assert caught.value.evidence.ssh_version.startswith("SSH-2.0-OpenSSH_")
    assert server.logged("Connection closed by")
    assert not {"Failed", "Accepted", "Invalid user"} & set(server.log().split())


def test_a_changed_host_key_ends_the_way_before_anybody_signs_in(
    at_site: Site, free_port: Port, tmp_path: Path
) -> None:
    server = at_site.far.sshd(free_port())
    other = key_pair(tmp_path, "other")
    own = tmp_path / "own"
    own.write_text(f"[{at_site.far.address}]:{server.port} {' '.join(other.public.split()[:2])}\n")

    with pytest.raises(HostKeyChanged) as caught:
        connect(at_site.target(server), [at_site.by_password(), at_site.by_key()], KnownHosts(own, ()))

    assert caught.value.known == (f"ssh-ed25519 {other.fingerprint}",)
    assert caught.value.evidence.ssh_version.startswith("SSH-2.0-OpenSSH_")
    assert "ssh-keygen -R" in caught.value.remedy
    assert server.logged("[preauth]")
    assert not {"Failed", "Accepted", "userauth-request"} & set(server.log().split())


def test_an_unknown_host_is_refused_in_strict_mode(at_site: Site, tmp_path: Path) -> None:
    with pytest.raises(Stopped) as caught:
        connect(at_site.target(), [at_site.by_key()], KnownHosts(tmp_path / "own", (), "strict"))

    assert caught.value.outcome == "host_key_unknown"
    assert caught.value.evidence.host_key.startswith("ssh-ed25519 SHA256:")


@pytest.mark.parametrize("hashed", [False, True])
def test_a_host_is_asked_for_the_type_of_key_that_is_known(at_site: Site, tmp_path: Path, hashed: bool) -> None:
    file = tmp_path / "user"
    file.write_text(f"{at_site.far.address} {' '.join(at_site.server.public_keys['ecdsa'].split()[:2])}\n")
    if hashed:
        subprocess.run(["ssh-keygen", "-H", "-f", str(file)], check=True, capture_output=True)

    with connect(at_site.target(), [at_site.by_key()], KnownHosts(tmp_path / "own", [file], "strict")) as session:
        assert session.evidence.host_key.startswith("ecdsa-sha2-nistp256 SHA256:")


def test_a_certified_host_is_known(at_site: Site, free_port: Port, tmp_path: Path) -> None:
    authority, mine = key_pair(tmp_path, "authority"), key_pair(tmp_path, "mine")
    certificate = certify(authority, mine, at_site.far.address, host=True)
    server = at_site.far.sshd(free_port(), host_keys=[mine], certificates=[certificate])
    file = tmp_path / "user"
    file.write_text(f"@cert-authority [10.88.*]:* {' '.join(authority.public.split()[:2])}\n")
    known = KnownHosts(tmp_path / "own", [file], "strict")

    with connect(at_site.target(server), [at_site.by_password(names_range=False)], known) as session:
        assert session.evidence.host_key.startswith("ssh-ed25519-cert-v01@openssh.com SHA256:")


def test_what_both_sides_lack_is_named_and_old_devices_are_reached_where_that_is_allowed(
    at_site: Site, known: KnownHosts, free_port: Port
) -> None:
    old = {
        "KexAlgorithms": "diffie-hellman-group1-sha1",
        "HostKeyAlgorithms": "ssh-rsa",
        "Ciphers": "aes128-cbc",
        "MACs": "hmac-sha1",
    }
    server = at_site.far.sshd(free_port(), host_keys=("rsa-2048",), options=old)

    with pytest.raises(Stopped) as caught:
        connect(at_site.target(server), [at_site.by_key()], known)
    with connect(at_site.target(server), [at_site.by_key()], known, allow_old=True) as session:
        done = session.execute("echo old", b"", limit=100, seconds=20)

    assert (caught.value.outcome, caught.value.phase) == ("algorithms", "key_exchange")
    assert caught.value.reason == (
        "no key exchange in common: the server offers diffie-hellman-group1-sha1; "
        "no host key in common: the server offers ssh-rsa; no cipher in common: the server offers aes128-cbc"
    )
    assert "allow old algorithms (--old-algorithms)" in caught.value.remedy
    assert done.stdout == b"old\n"
    assert session.evidence.weak == ("diffie-hellman-group1-sha1", "ssh-rsa", "aes128-cbc", "hmac-sha1")


def test_old_algorithms_are_not_proposed_where_they_would_not_help(
    at_site: Site, known: KnownHosts, free_port: Port
) -> None:
    server = at_site.far.sshd(free_port(), options={"KexAlgorithms": "sntrup761x25519-sha512@openssh.com"})

    for allow_old in (False, True):
        with pytest.raises(Stopped) as caught:
            connect(at_site.target(server), [at_site.by_key()], known, allow_old=allow_old)
        assert caught.value.outcome == "algorithms"
        assert "old" not in caught.value.remedy


@pytest.mark.parametrize(
    ("option", "value", "weak"),
    [
        ("KexAlgorithms", "diffie-hellman-group14-sha256", ("diffie-hellman-group14-sha256",)),
        ("KexAlgorithms", "curve25519-sha256", ()),
        ("KexAlgorithms", "ecdh-sha2-nistp384", ()),
        ("Ciphers", "aes256-ctr", ()),
        ("HostKeyAlgorithms", "rsa-sha2-256", ()),
    ],
)
def test_weak_algorithms_in_use_are_counted(
    at_site: Site, known: KnownHosts, free_port: Port, option: str, value: str, weak: tuple[str, ...]
) -> None:
    server = at_site.far.sshd(free_port(), host_keys=("ed25519", "rsa-2048"), options={option: value})

    with connect(at_site.target(server), [at_site.by_key()], known) as session:
        assert session.evidence.weak == weak


def test_the_time_in_all_ends_a_command_too(at_site: Site, known: KnownHosts) -> None:
    with connect(at_site.target(), [at_site.by_key()], known, Deadlines(total=2.0)) as session:
        start = time.monotonic()
        with pytest.raises(Stopped) as caught:
            session.execute("sleep 60", b"", limit=100, seconds=60)

    assert time.monotonic() - start < 10
    assert (caught.value.outcome, caught.value.phase) == ("timed_out", "total")
    assert caught.value.evidence.host_key


def test_no_secret_is_in_logs_names_of_threads_or_errors(
    at_site: Site, known: KnownHosts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = at_site.by_password(text="wrong " + PASSWORD)

    with connect(at_site.target(), [at_site.by_password()], known) as session:
        session.execute("cat >/dev/null", b"", limit=10, seconds=20)
        seen = [thread.name for thread in threading.enumerate()] + [repr(session), repr(session.wire)]
        seen += [repr(vars(session.wire)), repr(vars(session.wire.auth_handler))]
    with pytest.raises(Stopped) as caught:
        connect(at_site.target(), [wrong], known)

    seen += [repr(caught.value), str(caught.value), caught.value.remedy, caplog.text]
    assert not [text for text in seen if PASSWORD in text]
    assert not [record for record in caplog.records if record.name.startswith(("paramiko", "surveymark.ssh"))]


def test_threads_and_sockets_are_gone_when_a_session_is_closed(at_site: Site, known: KnownHosts) -> None:
    def count() -> int:
        return sum(thread.name.startswith("ssh ") for thread in threading.enumerate())

    before, files = count(), len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        connect(at_site.target(), [at_site.by_key()], known).close()
        with pytest.raises(Stopped):
            connect(at_site.target(), [at_site.by_key("nobody")], known)

    assert count() == before
    assert len(list(Path("/proc/self/fd").iterdir())) <= files


def test_a_session_tells_whether_its_host_still_answers(at_site: Site, known: KnownHosts) -> None:
    session = connect(at_site.target(), [at_site.by_key()], known)

    assert session.answers(5.0)
    session.close()
    assert not session.answers(5.0)
