"""A host looks the same by the script of a sweep as by the agent on it, in every shell, with whatever rights."""

from __future__ import annotations

import gzip
import os
import pty
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.fact import (
    Capacity,
    Certificates,
    Command,
    Content,
    Digests,
    File,
    FileDigest,
    Files,
    Links,
    Missing,
    Need,
    Output,
    Supplied,
)
from agent.shell import LocalShell
from collector.execution import Executed
from collector.outcome import NOT_A_HOST, Stopped
from collector.secret import Secret
from collector.ssh.elevation import Elevation
from collector.ssh.shell import SshShell
from tests.collector.ssh.shells import NOBODY, STABLE, Here, as_user, local_look, look

SHELLS = ("dash", "bash", "bash --posix", "ksh", "mksh", "busybox ash")
NO_ROOT = Elevation("")


@pytest.fixture(scope="module")
def local() -> object:
    return local_look(facts=STABLE)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_posix_shell_shows_what_the_agent_sees(shell: str, local: object) -> None:
    here = Here(shell)

    assert look(SshShell(here, sweep="t"), STABLE) == local
    assert len(here.sent) == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_an_ordinary_user_sees_what_an_agent_of_that_user_sees(shell: str) -> None:
    found = look(SshShell(Here(shell, uid=NOBODY), sweep="t", elevate=NO_ROOT), STABLE)

    assert found == local_look(NOBODY, STABLE)
    assert found["accounts"][2] == "user"


@pytest.fixture(scope="module")
def applets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of programs that are all BusyBox."""
    folder = tmp_path_factory.mktemp("applets")
    folder.chmod(0o755)
    for parent in folder.parents[:2]:
        parent.chmod(0o755)
    for name in subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True).stdout.split():
        (folder / name).symlink_to("/bin/busybox")
    return folder


def of(folder: Path, *without: str) -> Here:
    """A host whose programs lie in a folder, but for some."""
    for name in without:
        (folder / name).unlink()

    def change(script: bytes) -> bytes:
        path = str(folder).encode()
        script = script.replace(b"PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL", b"PATH=" + path + b" LC_ALL")
        return script.replace(b"for w in /usr/bin /bin /usr/sbin /sbin; do", b"for w in " + path + b"; do")

    return Here("dash", change=change)


def test_programs_of_busybox_show_what_the_agent_sees(applets: Path, local: object) -> None:
    assert look(SshShell(of(applets), sweep="t"), STABLE) == local


def test_a_host_without_gzip_is_seen_as_well(applets: Path, local: object) -> None:
    assert look(SshShell(of(applets, "gzip"), sweep="t"), STABLE) == local


@pytest.mark.parametrize(
    ("name", "fails"),
    [
        ("grep", {"accounts", "cpu", "groups", "identity", "kernel", "memory", "os_release", "sshd"}),
        ("find", {"accounts", "config_files", "groups", "os_release", "sshd", "ssh_host_keys"}),
        ("sha256sum", {"config_files"}),
    ],
)
def test_a_program_that_is_not_there_makes_failures_and_never_an_absence(
    tmp_path: Path, name: str, fails: set[str], local: dict[str, tuple[str, str, str, list[bytes]]]
) -> None:
    for program in ("sh", "grep", "find", "stat", "sha256sum", "gzip", "xargs", "sleep", "readlink"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")

    found = look(SshShell(of(tmp_path, name), sweep="t"), STABLE)

    assert {section for section in STABLE if found[section][0] == "failed"} >= fails
    different = {section for section in STABLE if found[section] != local[section]}
    assert all(found[section][0] == "failed" for section in different), different


# ------------------------------------------------------------------------------------------------- needs one by one
BLOCK = b"-----BEGIN CERTIFICATE-----\nQUFB\nQUFB\n-----END CERTIFICATE-----"
KEY = b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"


def odd_tree(folder: Path) -> list[Need]:
    """What a host may have in the places where we look."""
    own = folder / "own"
    own.mkdir()
    for name, data in {
        "plain": b"text\n",
        "unfinished": b"one\ntwo",
        "empty": b"",
        "blank lines": b"\n\n\n",
        "zeros": b"a\0b\n\0",
        "latin": b"\xff\xfe\n",
        "marks": b"\n0123 end 0 1.0\nx:y\n",
        "back\\slash": b"b",
        "new\nline": b"n",
        "col:on": b"c:d\n",
        "carriage": b"a\r\nb\r\n",
        "\udcff": b"name of no text\n",
        ".hidden": b"h",
        "secret": b"s\n",
        "both.pem": KEY + BLOCK + b"\n" + KEY + BLOCK.replace(b"CERT", b"TRUSTED CERT"),
        "cut.pem": BLOCK[:35] + b"\n" + KEY + BLOCK.replace(b"\n", b"\r\n"),
        "inner.pem": b" " + BLOCK + b"\n" + KEY,
    }.items():
        (own / name).write_bytes(data)
    (own / "secret").chmod(0o600)
    os.mkfifo(own / "fifo")
    (own / "folder").mkdir()
    (own / "link").symlink_to("plain")
    (own / "dangling").symlink_to("nowhere")
    (own / "circle").symlink_to("circle")
    with (own / "huge").open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    shut = folder / "shut"
    shut.mkdir(mode=0o700)
    (shut / "in").write_text("inside")
    theirs = folder / "theirs"
    theirs.mkdir()
    (theirs / "planted").symlink_to("/etc/shadow")
    (theirs / "file").write_text("plain\n")
    os.chown(theirs, 1000, 1000)
    (folder / "way").symlink_to("own/plain")
    (folder / "through").symlink_to("theirs/../own")
    (folder / "led").symlink_to("theirs/planted")
    files = [*(f"{own}/{name}" for name in ("plain", "unfinished", "empty", "zeros", "latin", "fifo", "folder", "link",
             "dangling", "circle", "huge", "absent", "secret")), f"{shut}/in", f"{theirs}/planted", f"{theirs}/file",
             f"{folder}/way", f"{folder}/led", f"{folder}/through/plain", f"{own}/plain/x", "relative", "/etc/../etc/passwd",
             "/etc/passwd", "/etc/shadow", "/etc/os-release", "/etc"]  # fmt: skip
    globs = [f"{own}/*", f"{own}/.h*", f"{own}/[a-e]*", f"{own}/?????", f"{shut}/*", f"{theirs}/*", f"{folder}/[ot]*/plain",
             f"{folder}/nothing/*", f"{folder}/through/p*", "/etc/cron.d/*"]  # fmt: skip
    return [
        *map(File, files),
        File(f"{own}/plain", 3),
        *(kind(pattern) for kind in (Files, Digests, Links, Certificates) for pattern in globs),
        Files(f"{own}/*", count=3),
        *(Certificates(path) for path in files if path.startswith("/") and ".." not in path),
        Certificates(f"{own}/both.pem"),
        Links(f"{folder}/way"),
        Links("/proc/self/ns/uts"),
        *(File(f"/proc/{name}") for name in ("version", "self/environ", "1/environ", "nothing", "sys/kernel/hostname")),
        Files("/sys/class/net/lo/*dress"),
        Files("/sys/class/net/l?/speed"),
        Command(("/usr/bin/uname", "-m")),
        Command(("/usr/bin/id",)),
        Command(("/usr/sbin/dmidecode", "-t", "0"), root=True),
        Command(("/usr/bin/passwd", "-S", "-a"), root=True),
        Command(("/usr/bin/dpkg-query", "-W", "no such package")),
        Capacity(),
    ]


def same(need: Need, local: Supplied, far: Supplied) -> None:
    """Equal but for what stands in docs/sweep.md: owners and modes in /proc and /sys, and free space, which moves."""
    if isinstance(need, Capacity) and isinstance(local, dict) and isinstance(far, dict):
        assert {p: size for p, (size, _) in local.items()} == {p: size for p, (size, _) in far.items()}
    elif isinstance(need, (File, Files)) and getattr(need, "path", getattr(need, "pattern", ""))[1:4] in ("pro", "sys"):
        assert bare(local) == bare(far), need
    else:
        assert local == far, need


def bare(found: Supplied) -> object:
    if isinstance(found, dict):
        return {path: bare(content) for path, content in found.items()}
    return found.data if isinstance(found, Content) else found


@pytest.fixture(scope="module")
def tree() -> Iterator[list[Need]]:
    """Below /srv: under /tmp everybody can write on the way, so that no link counts."""
    base = Path("/srv") / f"surveymark-test-{os.getpid()}"
    base.mkdir()
    yield odd_tree(base)
    subprocess.run(["rm", "-rf", str(base)], check=True)


@pytest.mark.parametrize("uid", [0, NOBODY])
@pytest.mark.parametrize("shell", ["dash", "bash", "mksh", "ksh"])
def test_every_need_is_supplied_as_the_agent_supplies_it(shell: str, uid: int, tree: list[Need]) -> None:
    local = as_user(uid, lambda: LocalShell().supply(tree))

    far = SshShell(Here(shell, uid=uid), sweep="t", elevate=NO_ROOT, looked_at=()).supply(tree)

    assert list(far) == tree
    for need in tree:
        same(need, local[need], far[need])


def test_what_was_brought_once_is_not_asked_again_and_the_unforeseen_makes_one_journey_more() -> None:
    here = Here()
    shell = SshShell(here, sweep="t")
    shell.supply([File("/etc/passwd")])
    assert shell.journeys == len(here.sent) == 1

    found = shell.supply([File("/etc/passwd"), File("/etc/debconf.conf"), Files("/etc/apt/*.d/*")])

    assert shell.journeys == len(here.sent) == 2
    assert isinstance(found[File("/etc/debconf.conf")], Content)
    assert b"/etc/debconf.conf" not in here.sent[0]
    assert b"/etc/passwd" not in here.sent[1]
    shell.supply([File("/etc/debconf.conf")])
    assert shell.journeys == 2


def test_the_host_sees_whose_sweep_it_is_and_nothing_secret() -> None:
    here = Here()
    SshShell(here, sweep="2026-03-07-abc", elevate=Elevation("sudo", Secret("geheim"))).supply([])

    assert here.commands[0].endswith("surveymark-sweep-2026-03-07-abc'")
    assert b"geheim" not in here.sent[0]
    with pytest.raises(ValueError, match="no id of a sweep"):
        SshShell(here, sweep="x'; rm -rf /")


def test_an_account_without_a_shell_is_no_host_that_we_know() -> None:
    def sftp_only(command: str, stdin: bytes, **_: object) -> Executed:
        return Executed(b"This service allows sftp connections only.\n", b"", 1)

    with pytest.raises(Stopped) as stopped:
        SshShell(sftp_only, sweep="t").supply([File("/etc/passwd")])

    assert stopped.value.outcome == NOT_A_HOST
    assert "sftp connections only" in stopped.value.reason


def test_an_answer_that_was_cut_leaves_failures() -> None:
    here = Here()

    def cut(command: str, stdin: bytes, *, limit: int, seconds: float, **_: object) -> Executed:
        whole = here(command, stdin, limit=limit, seconds=seconds)
        return Executed(whole.stdout[: len(whole.stdout) // 2], whole.stderr, None, True)

    found = look(SshShell(cut, sweep="t", elevate=NO_ROOT), STABLE)

    assert {outcome for outcome, _, _, _ in found.values()} <= {"failed", "collected", "not_applicable", ""}
    full = local_look(facts=STABLE)
    assert all(found[name] == full[name] or found[name][0] == "failed" for name in STABLE)
    assert found["packages_dpkg"][0] == "failed"


def test_a_host_that_sends_without_end_is_too_big_and_not_empty() -> None:
    found = look(SshShell(Here(), sweep="t", limit=20_000), STABLE)

    assert "collected" not in {found[name][0] for name in ("accounts", "packages_dpkg", "config_files")}


def test_a_login_that_is_noisy_slow_and_sets_traps_changes_nothing(tmp_path: Path, local: object) -> None:
    tmp_path.joinpath("grep").write_text("#!/bin/sh\necho nothing\n")
    tmp_path.joinpath("grep").chmod(0o755)
    noise = "echo Welcome; echo '0123 begin texts 1.0'; echo oops >&2; sleep 1; eval \"$1\"; s=$?; echo bye; exit $s"
    here = Here(
        login=("bash", "-c", noise, "bash"),
        environment={"PATH": f"{tmp_path}:{os.environ['PATH']}", "GREP_OPTIONS": "-v", "LC_ALL": "de_DE.UTF-8",
                     "IFS": "/", "ENV": "/dev/null", "BASH_ENV": "/nowhere", "POSIXLY_CORRECT": "1", "TZ": "Asia/Tokyo",
                     "LD_LIBRARY_PATH": str(tmp_path), "S": "x"},
    )  # fmt: skip

    assert look(SshShell(here, sweep="t"), STABLE) == local


def test_a_terminal_that_was_forced_upon_us_changes_nothing(local: object) -> None:
    def by_terminal(command: str, stdin: bytes, *, limit: int, seconds: float, **_: object) -> Executed:
        main, side = pty.openpty()
        process = subprocess.Popen(
            ["/bin/sh", "-c", command], stdin=side, stdout=side, stderr=side, start_new_session=True
        )
        os.close(side)
        sender = threading.Thread(
            target=lambda: [os.write(main, stdin[n : n + 512]) for n in range(0, len(stdin), 512)]
        )
        sender.start()
        found = b"".join(iter(lambda: _read(main), b""))
        sender.join()
        os.close(main)
        return Executed(found, b"", process.wait())

    found = look(SshShell(by_terminal, sweep="t"), STABLE)

    assert found == local


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 65536)
    except OSError:  # the other side is gone
        return b""


def test_the_sweeps_own_connection_is_not_seen() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        ends = [*client.getsockname(), *server.getsockname()]
        here = Here(environment={"PATH": os.environ["PATH"], "SSH_CONNECTION": " ".join(map(str, ends))})

        [content] = SshShell(here, sweep="t", looked_at=()).supply([File("/proc/net/tcp", 1 << 20)]).values()
        [all_of_it] = LocalShell().supply([File("/proc/net/tcp", 1 << 20)]).values()
        accepted.close()

    assert isinstance(content, Content)
    assert isinstance(all_of_it, Content)
    port = f":{client_port:04X}" if (client_port := ends[1]) else ""
    assert port in all_of_it.text
    assert port not in content.text


def test_no_line_of_a_private_key_is_sent_and_no_file_of_none_is_left_out(tree: list[Need]) -> None:
    wanted = [need for need in tree if isinstance(need, Certificates)]
    here = Here()
    sent: list[bytes] = []
    shell = SshShell(lambda *a, **k: _kept(here(*a, **k), sent), sweep="t", looked_at=())

    far = shell.supply(wanted)

    both = next(d for n, d in far.items() if isinstance(n, Certificates) and n.pattern.endswith("both.pem"))
    assert isinstance(both, dict)
    [content] = both.values()
    assert isinstance(content, Content)
    assert content.data.count(b"QUFB") == 4
    assert sent
    assert b"c2VjcmV0" not in b"".join(sent)


def _kept(answer: Executed, sent: list[bytes]) -> Executed:
    packed = answer.stdout.partition(b" packed\n")[2]
    sent.append(gzip.decompress(packed) if packed else answer.stdout)
    return answer


def test_kinds_of_answers_are_those_of_the_agent(tree: list[Need]) -> None:
    far = SshShell(Here(), sweep="t", looked_at=()).supply(tree)

    kinds = {type(answer) for answer in far.values()}
    assert {Content, Output, Missing, dict} <= kinds
    digests = next(d for n, d in far.items() if isinstance(n, Digests) and n.pattern.endswith("own/*"))
    assert isinstance(digests, dict)
    assert {type(d) for d in digests.values()} == {FileDigest, Missing}
