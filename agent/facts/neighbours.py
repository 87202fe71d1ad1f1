"""What is plugged into a host's ports, by the words of those neighbours.

Sources: `lldpctl -f json` of lldpd, lldpcli(8), where /run/lldpd.pid says that it runs; the partners of bonds by LACP (IEEE
802.1AX) from `ip -d address`, ip-link(8). Yields Adjacency items, and a NetworkDevice by reference for each neighbour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent import lldpd
from agent.adjacencies import CLASSES as _CLASSES
from agent.adjacencies import Heard, observe
from agent.fact import Command, Context, File, Inapplicable, Material, Unavailable, Usual
from agent.iproute import Interface, parse_addresses
from cmdb.model.declaration import CI, Relation

NAME = "neighbours"
VERSION = 1
CLASSES = _CLASSES
RELATIONS: tuple[str, ...] = ()
LIMITED = False

_ADDRESSES = Command(("/usr/sbin/ip", "-d", "address"))
_RUNS = File("/run/lldpd.pid", 64)
_DEBIAN = File("/etc/debian_version")
_LLDP = Command(("/usr/sbin/lldpctl", "-f", "json"), root=True)
_AS_LLDPD = Command(
    (
        *("/usr/bin/setpriv", "--reuid", "_lldpd", "--regid", "_lldpd", "--clear-groups", "--no-new-privs"),
        *("/usr/sbin/lldpctl", "-f", "json"),
    ),
    root=True,
)
"""On Debian and its kin the program belongs to the account of lldpd, which could replace it: it gets the rights of that account
and never those of root."""
NEEDS = (_ADDRESSES, _RUNS, _DEBIAN)
USUAL = (
    Usual(_LLDP, where="/run/lldpd", unless=_DEBIAN.path),
    Usual(_AS_LLDPD, where="/run/lldpd", unless="/etc/redhat-release"),
)


def further(material: Material, context: Context) -> list[Command]:  # noqa: ARG001 - as every fact
    """lldpd is asked where it runs."""
    return [_asking(material)] if material.optional(_RUNS.path) else []


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:  # noqa: ARG001 - as every fact
    """Items; raises Inapplicable where neither lldpd runs nor a bond has a partner, Unavailable where it runs and can not be
    asked."""
    runs = material.optional(_RUNS.path) is not None
    heard = partners(parse_addresses(_printed(material, _ADDRESSES)))
    if runs:
        heard += lldpd.parse_json(_printed(material, _asking(material)))
    elif not heard:
        raise Inapplicable("lldpd does not run here, and no bond has a partner by LACP")
    return observe(heard)


def _asking(material: Material) -> Command:
    return _AS_LLDPD if material.optional(_DEBIAN.path) else _LLDP


def partners(interfaces: Iterable[Interface]) -> list[Heard]:
    """The systems that LACP has found on the other side, one for each port that is in the aggregator in use."""
    every = list(interfaces)
    bonds = {i.name: i for i in every if i.partner}
    return [
        Heard("lacp", i.name, chassis=f"mac {bonds[i.master].partner}")
        for i in every
        if i.master in bonds and i.aggregator == bonds[i.master].aggregator
    ]


def _printed(material: Material, command: Command) -> str:
    output = material.output(command)
    if output.status:
        said = output.stderr.decode("utf-8", "replace").strip()[:200]
        raise Unavailable(f"{' '.join(command.argv)} ended with status {output.status}: {said}")
    return output.text
