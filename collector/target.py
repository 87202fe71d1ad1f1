"""What a sweep is sent to: one address with what is known of how to reach it. Plain values that can be pickled."""

from __future__ import annotations

from dataclasses import dataclass

SSH = "ssh"
SNMP = "snmp"
PORTS = {SSH: 22, SNMP: 161}
"""The port of each protocol where nothing says another one."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A host on the way (ProxyJump of ssh_config(5)). `user` is empty where the credential says it.

    `address` of the first hop is an address, of those behind it possibly a name, which the hop before resolves; `name` is
    what it is called by, where that is not the address: its key and its credential may be kept under it.
    `identity_files`, `host_key_alias` and `credentials` are as those of a Target.
    """

    address: str
    port: int = 22
    user: str = ""
    identity_files: tuple[str, ...] = ()
    host_key_alias: str = ""
    credentials: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One host to look at.

    `name` is what the user or an inventory calls it, `address` where it is reached: IPv4 or IPv6 in its canonical text
    form, or a name that a jump host resolves. `zone` is the routing domain of its addresses. `credentials` are names of
    entries to try, in this order; where there is none, every entry whose scope covers the address is. `user` and
    `identity_files` (paths of private keys) come from an inventory or ssh_config(5) and stand above what the entry
    says. `host_key_alias` is the name under which its host key is kept where that is not the address. `origin` says
    where the target was named, for messages ("argument", "hosts.ini line 12").
    `alternatives` are further addresses that the same name resolved to, in the resolver's order. `host_names` are the
    names that stand for the address, under which known_hosts(5) may have its key too. `known_hosts_files` are those of
    UserKnownHostsFile, `identities_only` is IdentitiesOnly: no key of an agent but those of `identity_files`. `protocol` is how
    it is asked, one of PORTS: a host that is asked both ways is two targets.
    """

    name: str
    address: str
    port: int = 22
    zone: str = "default"
    user: str = ""
    credentials: tuple[str, ...] = ()
    identity_files: tuple[str, ...] = ()
    jumps: tuple[Hop, ...] = ()
    host_key_alias: str = ""
    origin: str = "argument"
    alternatives: tuple[str, ...] = ()
    host_names: tuple[str, ...] = ()
    known_hosts_files: tuple[str, ...] = ()
    identities_only: bool = False
    protocol: str = SSH

    @property
    def endpoint(self) -> str:
        """Address and port as text; IPv6 in brackets (RFC 3986)."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"
