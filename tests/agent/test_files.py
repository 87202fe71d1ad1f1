"""Reading files as root without being led astray, on the real file system."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from agent.fact import Certificates, Content, Digests, FileDigest, Files, Links, Missing
from agent.files import FileAccess

LIMIT = 1024 * 1024


def reason(found: object) -> str:
    assert isinstance(found, Missing), found
    return f"{found.kind}: {found.reason}"


def test_a_file_comes_with_content_mode_and_owner(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"hello\n")
    path.chmod(0o640)

    assert FileAccess().read(str(path), LIMIT) == Content(b"hello\n", 0o640, os.geteuid(), os.getegid())


def test_what_is_not_there_is_absent(tmp_path: Path) -> None:
    assert reason(FileAccess().read(str(tmp_path / "none"), LIMIT)).startswith("absent: ")
    assert reason(FileAccess().read(str(tmp_path / "none" / "deeper"), LIMIT)).startswith("absent: ")


def test_files_of_proc_say_size_zero_and_are_read_all_the_same() -> None:
    found = FileAccess().read("/proc/self/status", LIMIT)

    assert isinstance(found, Content)
    assert b"Pid:" in found.data


def test_a_link_of_the_system_is_followed() -> None:
    assert isinstance(FileAccess().read("/etc/os-release", LIMIT), Content)


def test_relative_absolute_and_chained_links_are_followed_where_only_root_can_write(trusted: Path) -> None:
    (trusted / "deep" / "er").mkdir(parents=True)
    (trusted / "deep" / "er" / "file").write_text("found")
    (trusted / "one").symlink_to("deep/er/../er/file")
    (trusted / "two").symlink_to(trusted / "one")
    (trusted / "folder").symlink_to("deep")

    for path in ("one", "two", "folder/er/file"):
        found = FileAccess().read(str(trusted / path), LIMIT)
        assert isinstance(found, Content), found
        assert found.data == b"found"


def test_links_in_a_circle_end(trusted: Path) -> None:
    (trusted / "a").symlink_to("b")
    (trusted / "b").symlink_to("a")

    assert reason(FileAccess().read(str(trusted / "a"), LIMIT)).startswith("denied: ")


def test_a_link_where_others_can_write_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "planted").symlink_to("/etc/shadow")
    (tmp_path / "folder").symlink_to("/etc")

    for path in ("planted", "folder/shadow"):
        assert "symbolic link where others than root can write" in reason(
            FileAccess().read(str(tmp_path / path), LIMIT)
        )


def test_a_link_in_a_folder_of_a_user_below_a_safe_one_is_not_followed(trusted: Path) -> None:
    (trusted / "home").mkdir()
    os.chown(trusted / "home", 65534, 65534)
    (trusted / "home" / ".bashrc").symlink_to("/etc/shadow")
    (trusted / "home" / "real").write_text("x")

    assert reason(FileAccess().read(str(trusted / "home" / ".bashrc"), LIMIT)).startswith("denied: ")
    assert isinstance(FileAccess().read(str(trusted / "home" / "real"), LIMIT), Content)


def test_a_file_that_changes_places_with_a_link_never_yields_what_the_link_names(tmp_path: Path) -> None:
    target = tmp_path / "secret"
    target.write_text("secret")
    path, spare = tmp_path / "file", tmp_path / "spare"
    path.write_text("plain")
    spare.symlink_to(target)
    stop = threading.Event()

    def swap() -> None:
        other = tmp_path / "other"
        while not stop.is_set():
            path.rename(other)
            spare.rename(path)
            path.rename(spare)
            other.rename(path)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        found = [FileAccess().read(str(path), LIMIT) for _ in range(3000)]
    finally:
        stop.set()
        thread.join()

    assert {f.data for f in found if isinstance(f, Content)} == {b"plain"}
    assert {f.kind for f in found if isinstance(f, Missing)} <= {"absent", "denied"}


def test_fifos_sockets_devices_and_folders_are_no_files_and_do_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for path in (tmp_path / "fifo", tmp_path / "socket", tmp_path, Path("/dev/zero"), Path("/proc/self")):
            assert isinstance(FileAccess().read(str(path), LIMIT), Missing), path

    assert FileAccess().contents(Files(f"{tmp_path}/*")) == {}


def test_a_file_beyond_the_limit_is_too_big_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(1 << 40)

    assert reason(FileAccess().read(str(path), 100)).startswith("too_big: ")
    assert reason(FileAccess().digests(Digests(str(path), limit=100))[str(path)]).startswith("too_big: ")  # type: ignore[index]
    assert reason(FileAccess().read("/proc/self/status", 10)).startswith("too_big: ")


def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)

    assert isinstance(FileAccess().read(str(tmp_path / "a"), 100), Content)
    assert isinstance(FileAccess().read(str(tmp_path / "a"), 99), Missing)


@pytest.mark.parametrize(
    "path",
    [
        "/proc/1/environ",
        "/proc/self/environ",
        "/proc/self/task/1/environ",
        "/proc/thread-self/environ",
        "/proc/self/root/etc/passwd",
        "/proc/self/./root/etc/passwd",
        "//proc/1/environ",
    ],
)
def test_an_environment_is_never_read(path: str) -> None:
    assert "is never read" in reason(FileAccess().read(path, LIMIT))


def test_an_environment_is_not_read_by_a_glob_either() -> None:
    found = FileAccess().contents(Files("/proc/[0-9]*/environ"))

    assert isinstance(found, dict)
    assert found
    assert all(isinstance(f, Missing) for f in found.values())


def test_an_environment_is_not_read_through_a_link(trusted: Path) -> None:
    (trusted / "link").symlink_to("/proc/self/environ")

    assert isinstance(FileAccess().read(str(trusted / "link"), LIMIT), Missing)


@pytest.mark.parametrize(
    "path", ["relative", "", "/etc/../etc/passwd", "/proc/../etc/passwd", "/proc/self/../1/environ"]
)
def test_a_path_must_be_plain_and_absolute(path: str) -> None:
    assert isinstance(FileAccess().read(path, LIMIT), Missing)


def test_a_glob_finds_what_the_shell_would_find(tmp_path: Path) -> None:
    for name in ("b.conf", "a.conf", ".hidden.conf", "c.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "d.conf").mkdir()
    (tmp_path / "d.conf" / "x").write_text("x")

    found = FileAccess().contents(Files(f"{tmp_path}/*.conf"))

    assert isinstance(found, dict)
    assert list(found) == [f"{tmp_path}/a.conf", f"{tmp_path}/b.conf"]
    assert FileAccess().contents(Files(f"{tmp_path}/*/x")).keys() == {f"{tmp_path}/d.conf/x"}  # type: ignore[union-attr]
    assert FileAccess().contents(Files(f"{tmp_path}/none/*")) == {}


def test_names_that_are_no_utf_8_are_found_and_read(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff\n", "wb") as file:
        file.write(b"x")

    found = FileAccess().contents(Files(f"{tmp_path}/*"))

    assert found == {f"{tmp_path}/\\xff\n": Content(b"x", 0o644, os.geteuid(), os.getegid())}


def test_more_files_than_allowed_are_an_answer_and_not_some_of_them(tmp_path: Path) -> None:
    for n in range(4):
        (tmp_path / str(n)).write_text("")

    assert reason(FileAccess().contents(Files(f"{tmp_path}/*", count=3))).startswith("too_big: ")


def test_digests_are_those_of_the_content(tmp_path: Path) -> None:
    data = os.urandom(700_000)
    (tmp_path / "a").write_bytes(data)
    (tmp_path / "a").chmod(0o600)

    found = FileAccess().digests(Digests(f"{tmp_path}/a"))

    expected = FileDigest(hashlib.sha256(data).hexdigest(), len(data), 0o600, os.geteuid(), os.getegid(), False)
    assert found == {f"{tmp_path}/a": expected}


def test_a_file_is_public_where_everyone_may_read_it_and_enter_all_directories_on_the_way(trusted: Path) -> None:
    (trusted / "deep" / "er").mkdir(parents=True)
    (trusted / "deep" / "er" / "file").write_text("x")
    (trusted / "link").symlink_to("deep/er/file")
    (trusted / "back").symlink_to("deep/../file")
    (trusted / "file").write_text("x")

    def public(name: str) -> object:
        found = FileAccess().digests(Digests(str(trusted / name)))
        assert isinstance(found, dict)
        return [f.public for f in found.values() if isinstance(f, FileDigest)]

    assert [public(n) for n in ("deep/er/file", "link", "back", "file")] == [[True]] * 4
    (trusted / "deep").chmod(0o750)
    assert [public(n) for n in ("deep/er/file", "link", "back", "file")] == [[False], [False], [True], [True]]
    (trusted / "file").chmod(0o640)
    assert public("file") == [False]
    assert [f.public for f in FileAccess().digests(Digests("/proc/version")).values()] == [False]  # type: ignore[union-attr]


def test_links_yield_their_targets(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/nowhere")

    assert FileAccess().links(Links(f"{tmp_path}/*")) == {f"{tmp_path}/a": "/nowhere"}
    own = FileAccess().links(Links(f"/proc/{os.getpid()}/exe"))
    assert own == {f"/proc/{os.getpid()}/exe": os.readlink("/proc/self/exe")}  # noqa: PTH115


def test_a_mount_that_may_hang_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "nfs").mkdir()
    (tmp_path / "nfs" / "file").write_text("x")
    access = FileAccess(frozenset([f"{tmp_path}/nfs"]))

    assert "mount" in reason(access.read(f"{tmp_path}/nfs/file", LIMIT))
    found = access.contents(Files(f"{tmp_path}/*/file"))
    assert isinstance(found, dict)
    assert "not entered" in reason(found[f"{tmp_path}/nfs/file"])


def test_an_ordinary_user_is_told_what_root_would_see(trusted: Path) -> None:
    code = (
        "import os; from agent.files import FileAccess; from agent.fact import Files\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "print(FileAccess().read('/etc/shadow', 9999).kind, FileAccess().read('/etc/shadow', 9999).reason)\n"
        "print(FileAccess().contents(Files('/root/*'))['/root'].kind)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )

    assert done.stdout == "denied /etc/shadow may not be read: Permission denied; run as root\ndenied\n"


def test_a_glob_does_not_climb_out_of_proc() -> None:
    found = FileAccess().contents(Files("/proc/../etc/*"))

    assert isinstance(found, dict)
    assert all(isinstance(f, Missing) for f in found.values())


def test_kernel_threads_are_left_out_where_nobody_wants_them_and_nothing_else_is() -> None:
    access = FileAccess()
    stats = access.contents(Files("/proc/[0-9]*/stat"))
    assert not isinstance(stats, Missing)
    kernel = [
        path.split("/")[2]
        for path, stat in stats.items()
        if isinstance(stat, Content) and int(stat.data.rpartition(b")")[2].split()[6]) & 0x00200000
    ]
    # A descriptor may have the number of a kernel thread; there is none in a container.
    number = next((int(pid) for pid in kernel if 100 < int(pid) < 1000), 900)
    assert os.dup2(0, number, inheritable=False) == number

    try:
        names = access.contents(Files("/proc/[0-9]*/cmdline", kernel_threads=False))
        open_files = access.links(Links("/proc/[0-9]*/fd/*", kernel_threads=False))
        everything = access.contents(Files("/proc/[0-9]*/cmdline"))
    finally:
        os.close(number)

    assert not isinstance(names, Missing)
    assert not isinstance(open_files, Missing)
    assert not isinstance(everything, Missing)
    assert not {path.split("/")[2] for path in names} & set(kernel)
    assert f"/proc/{os.getpid()}/cmdline" in names
    assert f"/proc/{os.getpid()}/fd/{number}" in open_files
    assert set(kernel) <= {path.split("/")[2] for path in everything}


def test_of_a_file_with_certificate_and_key_only_the_certificate_is_taken(tmp_path: Path) -> None:
    certificate = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
    key = b"-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----"
    (tmp_path / "a.pem").write_bytes(b"\n".join([key, b"a comment", certificate, key, certificate]))
    (tmp_path / "b.pem").write_bytes(key)

    found = FileAccess().certificates(Certificates(f"{tmp_path}/*.pem"))

    assert isinstance(found, dict)
    contents = {name.rpartition("/")[2]: content for name, content in found.items()}
    assert isinstance(contents["a.pem"], Content)
    assert contents["a.pem"].data == certificate + b"\n" + certificate
    assert isinstance(contents["b.pem"], Content)
    assert contents["b.pem"].data == b""
