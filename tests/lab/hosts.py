"""Hosts as namespaces: network, mount, pid, UTS and IPC, on an overlay over this machine's own root file system.

Each host has its own name, machine-id, files, packages database, processes and addresses; programs are this machine's, so that
nothing has to be downloaded. All hosts of a lab are joined by one bridge in a namespace of its own; none reaches this machine's
network. Needs root. Everything that was started is ended, by its process id, and everything mounted goes with its namespace.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from tests.lab.ssh_keys import KeyPair
from tests.lab.ssh_server import SshServer, make_account

REPOSITORY = Path(__file__).resolve().parents[2]
NETWORK = "10.88.0"
NETWORK6 = "fd88::"
PATIENCE_SECONDS = 30.0
_LABS = itertools.cycle("abcdefghijklmnopqrstuvwxyz")  # several may run at once in one process

# The host's own pid namespace begins here: mounts, then an init that reaps.
_BOOT = r"""
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=0755 lab "$PLACE"
mkdir -p "$PLACE/upper" "$PLACE/work" "$PLACE/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$PLACE/upper,workdir=$PLACE/work" "$PLACE/root"
cd "$PLACE/root"
mkdir -p run tmp proc sys dev
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=0755 run run
for path in $KEEP $SHARE; do mkdir -p "$PLACE/root$path"; done
for path in $KEEP; do while [ "$path" != / ]; do path=$(dirname "$path"); chmod o+x "$PLACE/root$path"; done; done
for path in $KEEP; do mount --bind -o ro "$path" "$PLACE/root$path"; done
for path in $SHARE; do mount --bind "$path" "$PLACE/root$path"; done
mount -t proc proc proc
mount --rbind /sys sys
mount -t tmpfs -o mode=0755 dev dev
for node in null zero full random urandom tty; do : > dev/$node; mount --bind /dev/$node dev/$node; done
mkdir dev/shm dev/pts; ln -s /proc/self/fd dev/fd
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts; ln -s pts/ptmx dev/ptmx
mkdir -p etc
rm -f etc/hostname etc/machine-id etc/resolv.conf etc/ssh/ssh_host_*
echo "$NAME" > etc/hostname
echo "$MACHINE_ID" > etc/machine-id
printf '127.0.0.1 localhost\n' > etc/hosts
rm -rf var/lib/surveymark root/.local/state/surveymark root/.config/surveymark
hostname "$NAME"
mkdir .before
pivot_root . .before
cd /
umount -l /.before
rmdir /.before
exec "$PYTHON" -I -c '
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
open("/run/ready", "w").close()
while True:
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        signal.sigtimedwait([signal.SIGCHLD], 0.2)
'
"""


class Lab:
    """Some hosts on one bridge, as a context manager."""

    def __init__(self, share: Sequence[Path] = ()) -> None:
        self._share = [str(p) for p in share]
        self._prefix = f"sml{os.getpid() % 100000}{next(_LABS)}-"
        self._hosts: dict[str, Host] = {}
        self._switch = self._prefix + "sw"

    def __enter__(self) -> Lab:
        _run("ip", "netns", "add", self._switch)
        _run("ip", "-n", self._switch, "link", "add", "br0", "type", "bridge")
        _run("ip", "-n", self._switch, "link", "set", "br0", "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for host in self._hosts.values():
            host.end()
            subprocess.run(["ip", "netns", "del", host.namespace], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "del", self._switch], check=False, capture_output=True)

    def host(self, name: str) -> Host:
        """Start a host; its addresses are 10.88.0.N and fd88::N (in hexadecimal)."""
        number = len(self._hosts) + 1
        namespace = self._prefix + name
        mac = f"02:88:00:00:{os.getpid() % 256:02x}:{number:02x}"
        _run("ip", "netns", "add", namespace)
        _run("ip", "link", "add", "eth0", "netns", namespace, "address", mac, "type", "veth",
             "peer", "name", f"port{number}", "netns", self._switch)  # fmt: skip
        _run("ip", "-n", self._switch, "link", "set", f"port{number}", "master", "br0", "up")
        _run("ip", "-n", namespace, "link", "set", "lo", "up")
        _run("ip", "-n", namespace, "addr", "add", f"{NETWORK}.{number}/24", "dev", "eth0")
        _run("ip", "-n", namespace, "addr", "add", f"{NETWORK6}{number:x}/64", "dev", "eth0", "nodad")
        _run("ip", "-n", namespace, "link", "set", "eth0", "up")
        host = Host(name, namespace, f"{NETWORK}.{number}", self._share, f"{NETWORK6}{number:x}")
        self._hosts[name] = host
        host.start()
        return host


class Host:
    """One host. Commands run in all of its namespaces, on its own root."""

    def __init__(self, name: str, namespace: str, address: str, share: Sequence[str], address6: str = "") -> None:
        self.name = name
        self.namespace = namespace
        self.address = address
        self.address6 = address6
        self._share = share
        self._place = tempfile.mkdtemp(prefix=f"surveymark-lab-{name}-")
        self._boot: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Boot it, and wait until it is ready."""
        keep = [str(REPOSITORY), *_python_homes()]
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "PLACE": self._place,
            "NAME": self.name,
            "MACHINE_ID": os.urandom(16).hex(),
            "KEEP": " ".join(shlex.quote(p) for p in keep),
            "SHARE": " ".join(shlex.quote(p) for p in self._share),
            "PYTHON": str(REPOSITORY / ".venv/bin/python"),
        }
        log = Path(self._place + ".log")
        with log.open("wb") as output:
            self._boot = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, "unshare", "-m", "-u", "-i", "-p", "-f", "--kill-child=KILL",
                 "sh", "-c", _BOOT],
                env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + PATIENCE_SECONDS
        children = Path(f"/proc/{self._boot.pid}/task/{self._boot.pid}/children")
        while time.monotonic() < until:
            if self._boot.poll() is not None:
                raise RuntimeError(f"host {self.name} did not boot: {log.read_text()[-2000:]}")
            first = children.read_text().split()[:1]
            if first and Path(f"/proc/{first[0]}/root/run/ready").exists():
                self._pid = int(first[0])
                log.unlink()
                return
            time.sleep(0.02)
        raise RuntimeError(f"host {self.name} was not ready in {PATIENCE_SECONDS} s: {log.read_text()[-2000:]}")

    def run(
        self,
        *command: str,
        check: bool = True,
        user: str | None = None,
        env: dict[str, str] | None = None,
        text: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as root or as `user`; raises with what it printed where it fails and `check` is set."""
        done = subprocess.run(
            self._command(command, user), input=text, capture_output=True, text=True, timeout=240,
            env=self._environment(env), check=False,
        )  # fmt: skip
        if check and done.returncode:
            raise RuntimeError(
                f"{self.name}: {command}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            )
        return done

    def spawn(
        self, *command: str, user: str | None = None, env: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start something that stays; it ends with the host."""
        process = subprocess.Popen(
            self._command(command, user), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=self._environment(env), start_new_session=True,
        )  # fmt: skip
        self._started.append(process)
        return process

    def surveymark(
        self, *arguments: str, check: bool = True, user: str | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the `surveymark` command on the host."""
        return self.run(str(REPOSITORY / ".venv/bin/surveymark"), *arguments, check=check, user=user, env=env)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file of the host."""
        self.run("sh", "-c", f"mkdir -p {shlex.quote(str(Path(path).parent))}; cat > {shlex.quote(path)}", text=text)
        self.run("chmod", f"{mode:o}", path)

    def path(self, inside: str) -> Path:
        """A path of the host as this process reaches it."""
        return Path(f"/proc/{self._pid}/root{inside}")

    @contextlib.contextmanager
    def network(self) -> Iterator[None]:
        """Let the calling thread, and threads that it starts meanwhile, open their sockets on this host's network."""
        with Path("/proc/thread-self/ns/net").open("rb") as own, Path(f"/run/netns/{self.namespace}").open("rb") as its:
            _enter(its.fileno())
            try:
                yield
            finally:
                _enter(own.fileno())

    def account(
        self,
        name: str,
        *,
        password: str | None = None,
        authorized_keys: Sequence[str] = (),
        shell: str = "/bin/sh",
        groups: Sequence[str] = (),
    ) -> None:
        """Make a user (or change root's): `authorized_keys` are lines of that file."""
        make_account(self, name, password, authorized_keys, shell, groups)

    def sshd(
        self,
        port: int = 22,
        *,
        host_keys: Sequence[str | KeyPair] = ("ed25519",),
        options: Mapping[str, str] | None = None,
        listen: Sequence[str] = (),
        certificates: Sequence[Path] = (),
    ) -> SshServer:
        """Start a real sshd at `port`; it ends with the host.

        `host_keys` are types of ssh-keygen(1), with bits after a dash ("rsa-2048"), or pairs of the test's own.
        `options` are lines of sshd_config(5) over a plain set (passwords and keys on, PAM off); keyboard-interactive
        takes {"UsePAM": "yes", "KbdInteractiveAuthentication": "yes"}. `certificates` are of the host keys.
        """
        return SshServer(self, port, host_keys, options or {}, listen, certificates)

    def wait_for(self, *command: str) -> None:
        """Wait until a command on the host succeeds, 30 s at most."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.run(*command, check=False).returncode:
            if time.monotonic() > until:
                raise RuntimeError(f"{self.name}: {command} did not come true in {PATIENCE_SECONDS} s")
            time.sleep(0.1)

    def end(self) -> None:
        """End it with all that runs on it."""
        for process in self._started:
            if process.poll() is None:
                process.terminate()
        if self._boot is not None and self._boot.poll() is None:
            os.killpg(self._boot.pid, signal.SIGKILL)
        for process in [*self._started, *([self._boot] if self._boot else [])]:
            process.wait(10)
        Path(self._place).rmdir()

    def _command(self, command: Sequence[str], user: str | None) -> list[str]:
        enter = ["nsenter", "-t", str(self._pid), "-a", "-r", "-w"]
        return [*enter, "runuser", "-u", user, "--", *command] if user else [*enter, *command]

    def _environment(self, more: dict[str, str] | None) -> dict[str, str]:
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root", **(more or {})}


def _python_homes() -> list[str]:
    """Where the environment's Python really lies, when that is no part of the system."""
    real = (REPOSITORY / ".venv/bin/python").resolve()
    return [] if str(real).startswith("/usr/") else [str(real.parents[1])]


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")


def _enter(network: int) -> None:
    """setns(2) of the calling thread; `os.setns` came with Python 3.12."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(network, 0x40000000):  # CLONE_NEWNET
        raise OSError(ctypes.get_errno(), "setns")
