from __future__ import annotations

import base64
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.outcome import Stopped
from collector.ssh.host_key_index import HostKeyIndex
from collector.ssh.known_hosts import (
    HostKey,
    HostKeyChanged,
    KnownHosts,
    OtherTypesKnown,
    fingerprint,
    host_names,
)
from collector.target import Target
from tests.lab.ssh_keys import KeyPair, certify, key_pair

ROOT = Path(__file__).resolve().parents[3]


def host_key(pair: KeyPair) -> HostKey:
    return HostKey.of(base64.b64decode(pair.public.split()[1]))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[KeyPair]:
    folder = tmp_path_factory.mktemp("keys")
    return [key_pair(folder, f"k{n}", kind) for n, kind in enumerate(["ed25519", "ed25519", "ecdsa-256"])]


WEB = host_names(Target("web1", "10.0.0.1"))
ODD_PORT = host_names(Target("web1", "10.0.0.1", 2222))


def lines(names: str, *pairs: KeyPair) -> str:
    return "".join(f"{names} {' '.join(pair.public.split()[:2])}\n" for pair in pairs)


def known(tmp_path: Path, text: str = "", mode: str = "accept-new") -> KnownHosts:
    (tmp_path / "user").write_text(text)
    return KnownHosts(tmp_path / "state" / "known_hosts", [tmp_path / "user", tmp_path / "absent"], mode)


def test_a_new_key_is_kept_and_known_the_next_time_and_to_ssh_keygen(tmp_path: Path, pairs: list[KeyPair]) -> None:
    own = tmp_path / "state" / "known_hosts"

    assert not known(tmp_path).vouch(ODD_PORT, host_key(pairs[0])).before
    assert known(tmp_path).vouch(ODD_PORT, host_key(pairs[0])).before
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    assert stat.S_IMODE(own.parent.stat().st_mode) == 0o700
    done = subprocess.run(
        ["ssh-keygen", "-lF", "[10.0.0.1]:2222", "-f", str(own)], capture_output=True, text=True, check=True
    )
    assert pairs[0].fingerprint in done.stdout
    assert fingerprint(host_key(pairs[0]).blob) == pairs[0].fingerprint


@pytest.mark.parametrize("names", ["web1", "10.0.0.1", "10.0.0.*,!10.0.0.9", "HASHED"])
def test_a_key_of_the_users_file_is_known_and_another_one_stops_the_way(
    tmp_path: Path, pairs: list[KeyPair], names: str
) -> None:
    text = lines("10.0.0.1" if names == "HASHED" else names, pairs[0])
    hosts = known(tmp_path, text)
    if names == "HASHED":
        subprocess.run(["ssh-keygen", "-H", "-f", str(tmp_path / "user")], check=True, capture_output=True)
        assert "10.0.0.1" not in (tmp_path / "user").read_text()
        hosts = KnownHosts(tmp_path / "state" / "known_hosts", [tmp_path / "user"])

    assert hosts.vouch(WEB, host_key(pairs[0])).before
    with pytest.raises(HostKeyChanged) as caught:
        hosts.vouch(WEB, host_key(pairs[1]))
    stop = caught.value
    assert (stop.outcome, stop.phase) == ("host_key_changed", "key_exchange")
    assert stop.known == (f"ssh-ed25519 {pairs[0].fingerprint}",)
    assert stop.presented == stop.evidence.host_key == f"ssh-ed25519 {pairs[1].fingerprint}"
    assert pairs[0].fingerprint in stop.reason
    assert pairs[1].fingerprint in stop.reason
    assert f"{tmp_path / 'user'} line 1" in stop.reason
    assert not (tmp_path / "state" / "known_hosts").exists()


def test_the_remedy_of_a_changed_key_is_a_command_that_helps(tmp_path: Path, pairs: list[KeyPair]) -> None:
    hosts = known(tmp_path, lines("[web1]:2222,[10.0.0.1]:2222", pairs[0]))
    with pytest.raises(HostKeyChanged) as caught:
        hosts.vouch(ODD_PORT, host_key(pairs[1]))

    subprocess.run(caught.value.remedy.partition(": ")[2], shell=True, check=True, capture_output=True)

    again = KnownHosts(tmp_path / "state" / "known_hosts", [tmp_path / "user"])
    assert not again.vouch(ODD_PORT, host_key(pairs[1])).before


def test_the_remedy_also_mends_a_key_that_the_sweep_kept_itself(tmp_path: Path, pairs: list[KeyPair]) -> None:
    hosts = known(tmp_path)
    hosts.vouch(WEB, host_key(pairs[0]))
    with pytest.raises(HostKeyChanged) as caught:
        hosts.vouch(WEB, host_key(pairs[1]))

    subprocess.run(caught.value.remedy.partition(": ")[2], shell=True, check=True, capture_output=True)

    assert not known(tmp_path).vouch(WEB, host_key(pairs[1])).before


def test_a_host_may_have_several_keys(tmp_path: Path, pairs: list[KeyPair]) -> None:
    hosts = known(tmp_path, lines("10.0.0.1", *pairs))

    assert all(hosts.vouch(WEB, host_key(pair)).before for pair in pairs)
    assert hosts.types(WEB) == ("ssh-ed25519", "ecdsa-sha2-nistp256")


def test_a_key_of_another_type_is_no_way_around_the_known_one(tmp_path: Path, pairs: list[KeyPair]) -> None:
    hosts = known(tmp_path, lines("10.0.0.1", pairs[2]))

    with pytest.raises(OtherTypesKnown) as again:
        hosts.vouch(WEB, host_key(pairs[0]))
    assert again.value.types == ("ecdsa-sha2-nistp256",)
    with pytest.raises(HostKeyChanged):
        hosts.vouch(WEB, host_key(pairs[0]), asked=again.value.types)


@pytest.mark.parametrize("mode", ["strict", "pinned"])
def test_an_unknown_key_is_refused_where_nobody_may_be_new(tmp_path: Path, pairs: list[KeyPair], mode: str) -> None:
    hosts = known(tmp_path, mode=mode)

    with pytest.raises(Stopped) as caught:
        hosts.vouch(WEB, host_key(pairs[0]))

    assert caught.value.outcome == "host_key_unknown"
    line = caught.value.remedy.split("'")[1]
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "known_hosts").write_text(line + "\n")
    assert known(tmp_path, mode=mode).vouch(WEB, host_key(pairs[0])).before


def test_pinned_asks_the_sweeps_own_file_only(tmp_path: Path, pairs: list[KeyPair]) -> None:
    text = lines("10.0.0.1", pairs[0])

    assert known(tmp_path, text, "strict").vouch(WEB, host_key(pairs[0])).before
    with pytest.raises(Stopped, match="nobody has vouched"):
        known(tmp_path, text, "pinned").vouch(WEB, host_key(pairs[0]))
    with pytest.raises(ValueError, match="accept-new, strict, pinned"):
        known(tmp_path, text, "no")


def test_a_revoked_key_is_never_talked_to(tmp_path: Path, pairs: list[KeyPair]) -> None:
    hosts = known(tmp_path, lines("@revoked *", pairs[0]) + lines("10.0.0.1", pairs[0]))

    with pytest.raises(HostKeyChanged, match="revoked"):
        hosts.vouch(WEB, host_key(pairs[0]))


def test_an_address_in_another_zone_is_another_host(tmp_path: Path, pairs: list[KeyPair]) -> None:
    hosts = known(tmp_path, lines("10.0.0.1", pairs[2]))
    office, plant = (host_names(Target("10.0.0.1", "10.0.0.1", zone=zone)) for zone in ("office", "plant"))

    assert not hosts.vouch(office, host_key(pairs[0])).before
    assert not hosts.vouch(plant, host_key(pairs[1])).before
    assert hosts.vouch(office, host_key(pairs[0])).before
    with pytest.raises(HostKeyChanged):
        hosts.vouch(plant, host_key(pairs[0]))


def test_an_alias_stands_for_the_address_and_a_name_without_port_is_known_at_any(
    tmp_path: Path, pairs: list[KeyPair]
) -> None:
    alias = host_names(Target("web1", "10.0.0.1", 2222, host_key_alias="Cluster"))
    hosts = known(tmp_path, lines("cluster", pairs[0]) + lines("10.0.0.1", pairs[1]))

    assert hosts.vouch(alias, host_key(pairs[0])).before
    assert hosts.vouch(ODD_PORT, host_key(pairs[1])).before
    assert not hosts.vouch(ODD_PORT, host_key(pairs[0])).before  # another service of the host, kept under its port


@pytest.mark.parametrize("name", ["a b", "x,y", "*", "!x", "#", "@revoked", "|1|", "[x]", "new\nline", ""])
def test_a_name_that_would_be_more_than_a_name_is_left_out(name: str) -> None:
    assert host_names(Target(name, "10.0.0.1")).names == ("10.0.0.1",)


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20), st.sampled_from([22, 2222]), st.booleans())
def test_whatever_a_host_is_called_its_line_is_one_and_about_no_other_host(
    address: str, zone: str, port: int, alias: bool
) -> None:
    names = host_names(Target("x", address, port, zone=zone, host_key_alias=address if alias else ""))
    index = HostKeyIndex(Path("/own"))
    index.add(f"{names.own} ssh-ed25519 AAAA\n".encode())

    assert [entry.key for entry in index.named([names.own])] == ["AAAA"]
    assert names.own in names.names
    assert not list(index.named(["10.0.0.1", "web1", "[10.0.0.1]:2222"])) or names.own in ("10.0.0.1", "web1")


def test_certificates_of_hosts_are_checked_as_ssh_does(tmp_path: Path, pairs: list[KeyPair]) -> None:
    authority, stranger = key_pair(tmp_path, "authority"), key_pair(tmp_path, "stranger")

    def certificate(by: KeyPair, principals: str, **more: object) -> HostKey:
        file = certify(by, pairs[0], principals, **{"host": True, **more})  # type: ignore[arg-type]
        return HostKey.of(base64.b64decode(file.read_text().split()[1]))

    hosts = known(tmp_path, lines("@cert-authority 10.0.0.*", authority))

    assert hosts.types(WEB) == ("certificate",)
    assert hosts.vouch(WEB, certificate(authority, "10.0.0.1")).before
    assert hosts.vouch(host_names(Target("x", "10.0.0.1", 22)), certificate(authority, "10.0.0.*")).before
    for wrong, reason in (
        (certificate(stranger, "10.0.0.1"), "authority is not the known one"),
        (certificate(authority, "10.0.0.2"), "it is for 10.0.0.2"),
        (certificate(authority, "10.0.0.1", host=False), "for users"),
        (certificate(authority, "10.0.0.1", valid="20200101:20200102"), "not valid at this time"),
        (HostKey("ssh-ed25519-cert-v01@openssh.com", b"\0\0\0\x20ssh-ed25519-cert-v01@openssh.com\0"), "known one"),
    ):
        with pytest.raises(HostKeyChanged, match=reason):
            hosts.vouch(WEB, wrong)
    good = certificate(authority, "10.0.0.1")
    forged = HostKey(good.type, good.blob[:-1] + bytes([good.blob[-1] ^ 1]))
    with pytest.raises(HostKeyChanged, match="signature is wrong"):
        hosts.vouch(WEB, forged)
    revoked = known(tmp_path, lines("@cert-authority *", authority) + lines("@revoked *", authority))
    with pytest.raises(HostKeyChanged, match="revoked"):
        revoked.vouch(WEB, good)


KEEPING = """
import sys
from pathlib import Path
from collector.ssh.known_hosts import HostKey, HostNames, KnownHosts
hosts, key, start = KnownHosts(Path(sys.argv[1]), ()), HostKey.of(bytes.fromhex(sys.argv[2])), int(sys.argv[3])
for number in range(start, start + 40):
    hosts.vouch(HostNames("x", f"10.0.0.{number}", (f"10.0.0.{number}",)), key)
"""


def test_processes_that_keep_keys_at_once_tear_and_repeat_nothing(tmp_path: Path, pairs: list[KeyPair]) -> None:
    own, key = tmp_path / "known_hosts", host_key(pairs[0])
    arguments = [sys.executable, "-c", KEEPING, str(own), key.blob.hex()]
    workers = [subprocess.Popen([*arguments, str(start)], cwd=ROOT) for start in (0, 20, 40)]

    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert sorted(own.read_text().splitlines()) == sorted(f"10.0.0.{n} {key.type} {key.base64}" for n in range(80))


def test_what_another_process_kept_meanwhile_counts(tmp_path: Path, pairs: list[KeyPair]) -> None:
    first, second = known(tmp_path), known(tmp_path)

    assert not first.vouch(WEB, host_key(pairs[0])).before
    with pytest.raises(HostKeyChanged):
        second.vouch(WEB, host_key(pairs[1]))


def test_a_torn_last_line_is_left_and_a_link_is_not_followed(tmp_path: Path, pairs: list[KeyPair]) -> None:
    own = tmp_path / "known_hosts"
    own.write_text("10.0.0.9 ssh-ed25519 AAAA")
    assert not KnownHosts(own, ()).vouch(WEB, host_key(pairs[0])).before
    assert own.read_text().startswith("10.0.0.9 ssh-ed25519 AAAA\n10.0.0.1 ssh-ed25519 ")

    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        KnownHosts(tmp_path / "link", ()).vouch(WEB, host_key(pairs[0]))
    assert (tmp_path / "elsewhere").read_text() == ""


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    hosts = KnownHosts(tmp_path / "known_hosts", [tmp_path / "folder"])

    assert hosts.left_out == [f"{tmp_path / 'folder'}: is no file"]


def test_a_host_may_have_files_and_names_of_its_own(tmp_path: Path, pairs: list[KeyPair]) -> None:
    (tmp_path / "theirs").write_text(lines("db.example.org", pairs[0]))
    hosts = known(tmp_path, lines("10.0.0.1", pairs[1]))
    target = Target(
        "db", "10.0.0.1", host_names=("DB.example.org",), known_hosts_files=(str(tmp_path / "theirs"), "/dev/null")
    )

    assert hosts.vouch(host_names(target), host_key(pairs[0])).before
    with pytest.raises(HostKeyChanged, match="theirs line 1"):
        hosts.vouch(host_names(target), host_key(pairs[1]))
    assert hosts.vouch(WEB, host_key(pairs[1])).before


def test_ten_thousand_known_hosts_are_not_felt(tmp_path: Path) -> None:
    def blob(number: int) -> HostKey:
        return HostKey.of(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + number.to_bytes(32, "big"))

    plain = "".join(f"10.{n >> 8}.{n & 255}.1 ssh-ed25519 {blob(n).base64}\n" for n in range(10_000))
    (tmp_path / "plain").write_text(plain)
    (tmp_path / "hashed").write_text(plain)
    subprocess.run(["ssh-keygen", "-H", "-f", str(tmp_path / "hashed")], check=True, capture_output=True)
    (tmp_path / "hashed.old").unlink()

    def asked(file: str, how_many: int, wrong: int = 0) -> tuple[float, float]:
        start = time.process_time()
        hosts = KnownHosts(tmp_path / "own", [tmp_path / file], "strict")
        loaded = time.process_time()
        for number in range(how_many):
            address = f"10.{number >> 8}.{number & 255}.1"
            names = host_names(Target(address, address))
            hosts.types(names)
            if wrong:
                with pytest.raises(HostKeyChanged):
                    hosts.vouch(names, blob(number + wrong))
            else:
                assert hosts.vouch(names, blob(number)).before
        return loaded - start, time.process_time() - loaded

    loads = [asked("plain", 200) for _ in range(3)]
    hashed = [asked("hashed", 200) for _ in range(3)]
    changed = asked("hashed", 10, wrong=1)
    # CPU seconds; the machine of the tests may be busy, so the bounds are wide of what docs/sweep.md states.
    assert min(load for load, _ in [*loads, *hashed]) < 0.2
    assert min(look for _, look in [*loads, *hashed]) < 0.2
    assert changed[1] < 2
