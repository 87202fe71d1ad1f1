"""What a server is told: where it listens, under which names, with which certificate, and what it takes at most."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from api.admission import AT_ONCE
from cmdb.model.batch import MAX_BATCH_BYTES
from cmdb.model.errors import UsageError

LISTEN = "127.0.0.1:8765"
BYTES_A_DAY = 1024 * 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """Settings of one server. `host_names` are further names by which it may be asked, beside the address itself."""

    host: str = "127.0.0.1"
    port: int = 8765
    certificate: Path | None = None
    key: Path | None = None
    host_names: tuple[str, ...] = ()
    max_batch_bytes: int = MAX_BATCH_BYTES
    max_body_bytes: int = 1024 * 1024
    """Of every other request."""
    requests_per_minute: int = 6000
    """Of one caller."""
    failures_per_minute: int = 30
    """Attempts with wrong credentials from one address."""
    session_hours: int = 12
    trusted_proxies: tuple[str, ...] = ()
    """Networks of reverse proxies whose X-Forwarded-For is believed; none."""
    agent_bytes_per_day: int = BYTES_A_DAY
    """Of one agent."""
    batches_at_once: int = AT_ONCE

    @property
    def secure(self) -> bool:
        return self.certificate is not None

    @property
    def url(self) -> str:
        """Where it is reached, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"

    def answers_to(self, name: str) -> bool:
        """True where a Host header (RFC 9110 section 7.2) names this server, which keeps DNS rebinding out."""
        host = name.rpartition(":")[0] if name.rpartition(":")[2].isdigit() and not name.endswith("]") else name
        host = host.strip("[]").lower().rstrip(".")
        known = {self.host.lower(), *(n.lower() for n in self.host_names)}
        if is_loopback(self.host):
            known |= {"localhost", "127.0.0.1", "::1"}
        return host in known


def listening(
    listen: str,
    certificate: str | None = None,
    key: str | None = None,
    names: tuple[str, ...] = (),
    proxies: tuple[str, ...] = (),
) -> Settings:
    """Settings from `--listen HOST:PORT` and its companions. Plain HTTP is refused on any address but loopback."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"{listen!r:.80} is no address to listen on: write HOST:PORT, as in {LISTEN}.")
    if bool(certificate) != bool(key):
        raise UsageError("--certificate and --key belong together.")
    for path in (certificate, key):
        if path and not Path(path).is_file():
            raise UsageError(f"{path} is no file.")
    if not certificate and not is_loopback(host):
        raise UsageError(
            f"{host} can be reached from outside, and plain HTTP would show tokens to everybody on the way: "
            "give --certificate and --key, or listen on 127.0.0.1 behind a proxy that has them."
        )
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError as error:
            raise UsageError(f"--trusted-proxy: {error}; write a network as 10.0.0.0/8.") from None
    return Settings(
        host=host,
        port=int(port),
        certificate=Path(certificate) if certificate else None,
        key=Path(key) if key else None,
        host_names=names,
        trusted_proxies=proxies,
    )


def is_loopback(host: str) -> bool:
    """True for addresses that only this machine reaches (RFC 1122 3.2.1.3, RFC 4291 2.5.3), and their name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
