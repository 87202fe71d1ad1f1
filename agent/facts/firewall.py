"""Rules of the host's packet filter, whoever set them (nftables, iptables, ufw, firewalld).

Sources: `nft -s list ruleset`, `iptables-save` and `ip6tables-save` (see agent/packet_filter.py), where /proc/modules or, of what
is built in, modules.builtin of kmod's modules.builtin(5) shows that the kernel has loaded the filter: it is not loaded by asking.
Tables that iptables-save prints are told in its words, since nft does not know all matches of them.
Yields a FirewallChain for each chain and a FirewallSet for each named set or map, without what rules count.

Left out are chains and tables whose rules container engines, virtual machines and banning daemons change by themselves
(KUBE-…, cali-…, CILIUM…, DOCKER but for DOCKER-USER, CNI-…, NETAVARK…, LIBVIRT_…, f2b-…; tables kube-proxy, netavark and the
like); rules of other chains that lead there are told. Sets of ipset(8) are not read. Only root may ask: an ordinary user's
section has failed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Optional

from agent.fact import Command, Context, File, Inapplicable, Material, Missing, Need, Unavailable, Usual
from agent.packet_filter import Chain, Set, parse_nft, parse_save
from agent.scrub import scrub_text
from cmdb.model.classes.firewall_chain import FirewallChain
from cmdb.model.classes.firewall_set import FirewallSet

NFT = Command(("/usr/sbin/nft", "-s", "list", "ruleset"), root=True)
SAVES = {
    Command(("/usr/sbin/iptables-save",), root=True): "ip",
    Command(("/usr/sbin/ip6tables-save",), root=True): "ip6",
}
_MODULES = File("/proc/modules")
_RELEASE = File("/proc/sys/kernel/osrelease")
_FILTERS = ("nf_tables", "ip_tables", "ip6_tables")
_MOST = 1000
_LEGACY = b"-legacy tables present"
"""What iptables-save of nftables says where rules lie in the older filter too."""

NAME = "firewall"
VERSION = 1
CLASSES = ("FirewallChain", "FirewallSet")
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 3
STEADY = True
NEEDS: tuple[Need, ...] = (_MODULES, _RELEASE)
USUAL = tuple(Usual(command, where="/sys/module/nf_tables", lacking="/proc/modules") for command in (NFT, *SAVES))

_ENGINES = re.compile(
    r"KUBE-|cali-|CILIUM|OLD_CILIUM|DOCKER(?!-USER\Z)|CNI-|NETAVARK|LIBVIRT_|f2b-|WEAVE|FLANNEL|crowdsec"
)
_ENGINES_TABLES = re.compile(r"kube-|netavark\Z|libvirt_|docker-|cilium|calico|f2b-|crowdsec|flannel|cni_")


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    """What tells whether there is a filter to ask about, and where there is the questions."""
    if _loaded(material) is None:
        yield _builtin(material)
    elif _loaded(material):
        yield from (NFT, *SAVES)


def collect(material: Material, context: Context) -> Iterable[FirewallChain | FirewallSet]:  # noqa: ARG001 - as every fact
    """Chains and sets; none where the kernel has no filter loaded. Raises Inapplicable where there is no tool to ask with."""
    if not _loaded(material):
        return []
    chains: list[tuple[str, Chain]] = []
    sets: list[Set] = []
    told: set[tuple[str, str]] = set()
    asked = False
    for command, family in SAVES.items():
        text = _output(material, command)
        asked = asked or text is not None
        for chain in parse_save(text or "", family):
            chains.append(("iptables", chain))
            told.add((family, chain.table))
    text = _output(material, NFT)
    if text is None and not asked:
        raise Inapplicable("neither nft nor iptables-save is installed, so the host sets no rules by itself")
    ruleset = parse_nft(text or "")
    chains += [("nftables", chain) for chain in ruleset.chains if (chain.family, chain.table) not in told]
    sets += [one for one in ruleset.sets if (one.family, one.table) not in told]
    return [
        *(observe(syntax, chain) for syntax, chain in chains if not _of_engine(chain.table, chain.name)),
        *(observe_set(one) for one in sets if not _of_engine(one.table, one.name)),
    ]


def observe(syntax: str, chain: Chain) -> FirewallChain:
    """What the CMDB should know of a chain."""
    rules = [scrub_text(rule) for rule in chain.rules]
    return FirewallChain(
        name=f"{chain.family} {chain.table} {chain.name}",
        syntax=syntax,
        family=chain.family,
        table=chain.table,
        chain=chain.name,
        hook=chain.hook or None,
        policy=chain.policy or None,
        rules=rules if 0 < len(rules) <= _MOST else None,
        rule_count=len(rules),
        digest=_digest(rules),
    )


def observe_set(found: Set) -> FirewallSet:
    """What the CMDB should know of a set."""
    kept = not found.changes
    return FirewallSet(
        name=f"{found.family} {found.table} {found.name}",
        family=found.family,
        table=found.table,
        set=found.name,
        type=found.type or None,
        flags=found.flags or None,
        elements=found.elements if kept and 0 < len(found.elements) <= _MOST else None,
        element_count=len(found.elements) if kept else None,
        digest=_digest(found.elements) if kept else None,
    )


def _digest(lines: Sequence[str]) -> Optional[str]:
    return f"sha256:{hashlib.sha256(chr(10).join(lines).encode('utf-8', 'replace')).hexdigest()}" if lines else None


def _of_engine(table: str, name: str) -> bool:
    return _ENGINES.match(name) is not None or _ENGINES_TABLES.match(table) is not None


def _loaded(material: Material) -> Optional[bool]:
    """Whether the kernel has a filter loaded; None where only the list of what is built in can tell."""
    modules = material.optional(_MODULES.path)
    if modules is None:
        return True  # a kernel without modules has all of it built in, or none, and nothing is loaded by asking
    if any(line.split(" ", 1)[0] in _FILTERS for line in modules.text.splitlines()):
        return True
    lack = material.missing(_builtin(material))
    if lack is not None:
        return None if lack.kind == "unsupported" else True
    names = material.file(_builtin(material).path).text
    return any(f"/{name}.ko" in names for name in _FILTERS)


def _builtin(material: Material) -> File:
    return File(f"/lib/modules/{material.file(_RELEASE.path).text.strip()}/modules.builtin")


def _output(material: Material, command: Command) -> Optional[str]:
    """What a tool printed; None where it is not installed. Raises Unavailable where it failed."""
    lack: Optional[Missing] = material.missing(command)
    if lack is not None and lack.kind == "absent":
        return None
    output = material.output(command)
    if output.status:
        said = output.stderr.decode("utf-8", "replace").strip()
        raise Unavailable(f"{' '.join(command.argv)} ended with status {output.status}: {said[:200]}")
    if _LEGACY in output.stdout or _LEGACY in output.stderr:
        raise Unavailable(
            f"{command.argv[0]} says that tables of iptables-legacy are in force too, which it does not tell"
        )
    return output.text
