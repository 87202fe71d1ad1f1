"""A host with a real systemd: the machine's own file system under an overlay, in namespaces of its own, as root.

Nothing that it writes outlives it, and it has no network but its loopback. Units that would change the kernel's settings are not
there: only what a test starts runs.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_SECONDS = 60
_BOOT = r"""
set -eu
root=$1/root over=$1/over
mkdir -p "$root" "$over"
mount -t tmpfs tmpfs "$over"
mkdir "$over/upper" "$over/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$over/upper,workdir=$over/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 none "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
for folder in run tmp var/lib; do mount -t tmpfs -o mode=0755 tmpfs "$root/$folder"; done
mkdir -p "$root/var/lib/dpkg"
mount --bind /var/lib/dpkg "$root/var/lib/dpkg"
# What a target of the distribution would start touches the kernel that the machine has too.
rm -rf "$root"/usr/lib/systemd/system/*.wants/* "$root"/etc/systemd/system/*.wants/*
touch "$1/console"
mount --bind "$1/console" "$root/dev/console"
shift
[ $# = 0 ] || { mkdir -p "$root$1"; mount --bind "$1" "$root$1"; }
ip link set lo up
printf '%s\n' 0123456789abcdef0123456789abcdee >"$root/etc/machine-id"
exec chroot "$root" /usr/bin/env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=basic.target --log-target=console
"""


class SystemdHost:
    """Commands in the host. `folder` is the test's; `shared` is a folder that the host sees at the same place."""

    def __init__(self, pid: int, folder: Path) -> None:
        self._pid = pid
        self.folder = folder

    def run(
        self, *argv: str, check: bool = True, environment: Mapping[str, str] | None = None, seconds: float = _SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the host, as root. Raises CalledProcessError where it fails and `check` says so."""
        done = subprocess.run(
            self.entered(*argv),
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(environment or {})},
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def entered(self, *argv: str) -> list[str]:
        """A command as it is run in the host from outside."""
        return ["nsenter", f"--target={self._pid}", "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", *argv]

    def on_its_network(self, *argv: str) -> list[str]:
        """A command of the machine that has the host's network, and nothing else of it."""
        return ["nsenter", f"--target={self._pid}", "-n", *argv]

    @property
    def console(self) -> str:
        """What systemd said so far."""
        return (self.folder / "console").read_text(errors="replace")

    def running(self) -> str:
        """State of the system, as systemctl(1) is-system-running says it."""
        return self.run("systemctl", "is-system-running", check=False).stdout.strip()


@contextmanager
def systemd_host(folder: Path, shared: Path | None = None) -> Iterator[SystemdHost]:
    """A host until the block ends. Raises AssertionError where systemd does not come up."""
    boot = ["unshare", "--pid", "--fork", "--mount", "--uts", "--ipc", "--net", "--cgroup", "--kill-child"]
    argv = [*boot, "bash", "-c", _BOOT, "boot", str(folder), *([str(shared)] if shared else [])]
    with (folder / "boot.log").open("w") as log, subprocess.Popen(argv, stdout=log, stderr=log) as outer:
        try:
            host = SystemdHost(_first_process(outer, folder), folder)
            until = time.monotonic() + _SECONDS
            while host.running() not in ("running", "degraded"):
                if time.monotonic() > until or outer.poll() is not None:
                    said = (folder / "boot.log").read_text()
                    raise AssertionError(f"systemd did not come up\n{said}\n{host.console}")
                time.sleep(0.1)
            yield host
        finally:
            outer.kill()


def _first_process(outer: subprocess.Popen[bytes], folder: Path) -> int:
    """The process that is the first of the new namespace, once it is systemd."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and outer.poll() is None:
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/exe").readlink().name == "systemd":
            return int(children[0])
        time.sleep(0.05)
    raise AssertionError("no systemd was started\n" + (folder / "boot.log").read_text())
