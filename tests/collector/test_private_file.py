"""Files that only we may read."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from cmdb.model.errors import UsageError
from collector import private_file


def private(path: Path, content: bytes = b"x", mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_file_of_ours_is_read_whole(tmp_path: Path) -> None:
    assert private_file.read(private(tmp_path / "f", b"\0\xff"), 2) == b"\0\xff"
    assert private_file.read(private(tmp_path / "f", b"\0\xff", 0o400), 2) == b"\0\xff"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o666])
def test_what_is_open_to_others_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / "f", mode=mode)
    for look in (lambda: private_file.read(path, 10, "The key"), lambda: private_file.check(path, "The key")):
        with pytest.raises(UsageError, match=f"The key {path} is open to others .mode {mode:04o}.; chmod 600 {path}"):
            look()


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away")
def test_another_users_file_is_refused_except_what_systemd_hands_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = private(tmp_path / "f", mode=0o440)
    os.chown(path, 12345, 12345)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(UsageError, match="uid 12345"):
        private_file.read(path, 10)
    os.chown(path, 0, 0)
    assert private_file.read(path, 10) == b"x"
    path.chmod(0o444)
    with pytest.raises(UsageError, match="open to others"):
        private_file.read(path, 10)
    path.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "other"))
    with pytest.raises(UsageError, match="open to others"):
        private_file.read(path, 10)


def test_what_is_missing_no_file_or_too_long_is_said_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path, why in (
        (tmp_path / "none", "No such file"),
        (tmp_path, "no regular file"),
        (tmp_path / "pipe", "no regular file"),
        (private(tmp_path / "f", b"longer"), "longer than 3 bytes"),
        (Path("/\0"), "no name of a file"),
    ):
        with pytest.raises(UsageError, match=why):
            private_file.read(path, 3)


def test_a_file_is_replaced_whole_with_mode_0600_in_a_folder_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "f"
    before = os.umask(0)
    try:
        private_file.replace(path, b"1")
        private_file.replace(path, b"22")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"22"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["f"]


def test_a_folder_that_others_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(UsageError, match="chmod 700"):
        private_file.replace(tmp_path / "open" / "f", b"1")


def test_a_link_planted_in_the_place_of_the_new_file_is_not_followed(tmp_path: Path) -> None:
    victim = private(tmp_path / "victim", b"kept")
    (tmp_path / ".f.new").symlink_to(victim)
    private_file.replace(tmp_path / "f", b"ours")
    assert victim.read_bytes() == b"kept"
    assert not (tmp_path / "f").is_symlink()


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(50):
            with private_file.locked(tmp_path / "f"):
                with guard:
                    inside += 1
                    most = max(most, inside)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
