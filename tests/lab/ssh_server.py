"""A real OpenSSH server on a host of the lab; several may run on one host, each on a port of its own."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.ssh_keys import KeyPair

if TYPE_CHECKING:
    from tests.lab.hosts import Host

PATIENCE_SECONDS = 30.0

_OPTIONS = {
    "UsePAM": "no",
    "PasswordAuthentication": "yes",
    "KbdInteractiveAuthentication": "no",
    "PubkeyAuthentication": "yes",
    "PermitRootLogin": "yes",
    "StrictModes": "no",
    "UseDNS": "no",
    "PrintMotd": "no",
    "X11Forwarding": "no",
    "LogLevel": "VERBOSE",
    "MaxStartups": "200",
    "PerSourceMaxStartups": "none",
    "AuthorizedKeysFile": "/etc/ssh/authorized_keys/%u",
}


class SshServer:
    """One running sshd. Made by `Host.sshd`.

    `public_keys` has the host's public key line by type ("ed25519"), `log()` what sshd wrote at VERBOSE.
    """

    def __init__(
        self,
        host: Host,
        port: int,
        host_keys: Sequence[str | KeyPair],
        options: Mapping[str, str],
        listen: Sequence[str],
        certificates: Sequence[Path],
    ) -> None:
        self.host, self.port = host, port
        self._folder = f"/etc/ssh/server-{port}"
        self._pid_file = f"/run/sshd-{port}.pid"
        self._log = f"/run/sshd-{port}.log"
        self._make_keys(host_keys)
        lines = [f"Port {port}", f"PidFile {self._pid_file}"]
        lines += [f"ListenAddress {address}" for address in listen]
        lines += [f"HostKey {self._folder}/{name}" for name in self.public_keys]
        for number, certificate in enumerate(certificates):
            host.write(f"{self._folder}/host-{number}-cert.pub", certificate.read_text())
            lines.append(f"HostCertificate {self._folder}/host-{number}-cert.pub")
        lines += [f"{name} {value}" for name, value in {**_OPTIONS, **options}.items()]
        host.write(f"{self._folder}/sshd_config", "\n".join(lines) + "\n")
        self.start()

    @property
    def known_hosts(self) -> str:
        """Its keys as lines of known_hosts(5), under the host's address and port."""
        name = self.host.address if self.port == 22 else f"[{self.host.address}]:{self.port}"
        return "".join(f"{name} {' '.join(line.split()[:2])}\n" for line in self.public_keys.values())

    def start(self) -> None:
        """Start it (again), and wait until it listens."""
        self.host.path(self._pid_file).unlink(missing_ok=True)
        self.host.spawn("/usr/sbin/sshd", "-D", "-f", f"{self._folder}/sshd_config", "-E", self._log)
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.host.path(self._pid_file).exists():  # written once it listens
            if time.monotonic() > until:
                raise RuntimeError(f"sshd of {self.host.name} does not listen at {self.port}: {self.log()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server that listens; open sessions stay."""
        self.host.run("kill", self.host.path(self._pid_file).read_text().strip())

    def log(self) -> str:
        file = self.host.path(self._log)
        return file.read_text(errors="replace") if file.exists() else ""

    def logged(self, text: str, times: int = 1) -> bool:
        """Wait until the log has the text so often: a session may be over before its server has written a line."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.log().count(text) < times:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def _make_keys(self, host_keys: Sequence[str | KeyPair]) -> None:
        commands = [f"mkdir -p /run/sshd {self._folder}"]
        for key in host_keys:
            if isinstance(key, KeyPair):
                self.host.write(f"{self._folder}/{key.private.name}", key.private.read_text(), 0o600)
                self.host.write(f"{self._folder}/{key.private.name}.pub", key.public + "\n")
                continue
            kind, _, bits = key.partition("-")
            size = f"-b {bits}" if bits else ""
            commands.append(f"ssh-keygen -q -t {kind} {size} -N '' -C '' -f {self._folder}/{kind}")
        self.host.run("sh", "-c", " && ".join(commands))
        names = [key.private.name if isinstance(key, KeyPair) else key.partition("-")[0] for key in host_keys]
        self.public_keys = {name: self.host.path(f"{self._folder}/{name}.pub").read_text().strip() for name in names}


def make_account(
    host: Host, name: str, password: str | None, authorized_keys: Sequence[str], shell: str, groups: Sequence[str]
) -> None:
    """A user of the host; `authorized_keys` are lines of that file."""
    lines = [
        f"useradd -m -s {shlex.quote(shell)} {shlex.quote(name)} 2>/dev/null || usermod -s {shlex.quote(shell)} {name}"
    ]
    lines += [f"usermod -aG {shlex.quote(group)} {shlex.quote(name)}" for group in groups]
    if password is None:
        lines.append(
            f"usermod -p '*' {shlex.quote(name)}"
        )  # no password, yet not locked: sshd without PAM refuses locked ones
    else:
        lines.append(f"printf '%s\\n' {shlex.quote(f'{name}:{password}')} | chpasswd -c SHA256 -s 1000")
    keys = "".join(f"{line}\n" for line in authorized_keys)
    lines.append(
        f"mkdir -p /etc/ssh/authorized_keys && printf %s {shlex.quote(keys)} > /etc/ssh/authorized_keys/{name}"
    )
    host.run("sh", "-c", "set -e\n" + "\n".join(lines))
