"""What a target may be written as: an address, a name, a network or a range of addresses.

    10.0.0.1   10.0.0.0/24   10.0.0.1-20   10.0.0.250-10.0.1.5   web.example.org   admin@web:2222
    2001:db8::1   2001:db8::/120   2001:db8::1-2001:db8::ff   [2001:db8::1]:2222   fe80::1%eth0   !10.0.0.7

A leading "!" leaves out what follows. An IPv4 network gives its addresses without the first and the last, which are
those of the network and of broadcast (RFC 1122 section 3.2.1.3), but for /31 and /32 (RFC 3021); left out are all.
An IPv4 address that is written as an IPv6 one (RFC 4291 section 2.5.5.2) is the IPv4 address. A zone id stands behind
"%" (RFC 4007 section 11). Nothing here looks up a name or connects.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector.spans import Address, Span, span_of, zone_id_of

MOST_TARGETS = 65_536
"""How many addresses a sweep takes if nobody says otherwise: a network of IPv4 with 16 bits, or of IPv6 with 112."""
MOST_CHARACTERS = 512
_MAPPED = 0xFFFF << 32
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_PATTERN = re.compile(r"[a-z0-9_.*?-]{1,253}\Z")
USER = re.compile(r"[\w.][\w.+$\\@-]{0,127}\Z")
_ZONE = re.compile(r"[A-Za-z0-9_.~-]{1,32}\Z")


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression. Either `name` or `span` is set; a name that leaves out may be a pattern with * and ?.

    `port` is None and `user` empty where the expression says none. `text` is what was written, `called` the host in it as
    it was written: names in an OpenSSH configuration are told apart by capitals.
    """

    text: str
    excludes: bool = False
    user: str = ""
    name: str = ""
    span: Span | None = None
    port: int | None = None
    called: str = ""

    @property
    def count(self) -> int:
        """How many targets it makes."""
        return self.span.count if self.span is not None else 1

    def __str__(self) -> str:
        """The expression in its one writing, which parses to the same."""
        host = self.name if self.span is None else str(self.span)
        port = "" if self.port is None else f":{self.port}"
        if self.span is not None and self.span.version == 6 and port:
            host = f"[{host}]"
        return f"{'!' if self.excludes else ''}{self.user + '@' if self.user else ''}{host}{port}"


def parse(text: str, *, excludes: bool = False) -> Expression:
    """One expression; `excludes` as if "!" stood before it.

    Raises UsageError that names the text and what is wrong with it.
    """
    written = text.strip()
    if not written or len(written) > MOST_CHARACTERS:
        raise UsageError(f"A target has 1 to {MOST_CHARACTERS} characters; {shown(text)} has {len(written)}.")
    out = written.startswith("!")
    user, sign, rest = written.removeprefix("!").strip().rpartition("@")
    if ":" in user.rpartition("://")[2]:
        raise UsageError(
            f"The target …@{rest[:80]!r} has a colon before the @. A password does not belong there, since others can"
            " read arguments: write user@host, and name a credential."
        )
    if "://" in written:
        raise UsageError(f"{shown(text)} is a URL: write user@host:port.")
    if sign and not USER.match(user):
        raise UsageError(f"{shown(user)} in {shown(text)} is no user's name.")
    host, port = _port_apart(rest, text)
    excludes = excludes or out
    if excludes and (port is not None or sign):
        raise UsageError(
            f"{shown(text)} leaves out a host, so it takes no user and no port: write its address or name."
        )
    span = _span(host, text, whole=excludes)
    if span is not None:
        return Expression(written, excludes, user, "", span, port, host)
    if excludes and any(sign in host for sign in "*?"):
        if not _PATTERN.match(host.lower()):
            raise UsageError(f"{shown(text)} is no pattern of names.")
        return Expression(written, True, "", host.lower().rstrip("."))
    return Expression(written, excludes, user, dns_name(host, text), None, port, host)


@lru_cache(maxsize=8_192)
def address_of(text: str) -> Address | None:
    """The address that a text is, in the one form that we keep; None where it is none."""
    plain, sign, zone = text.partition("%")
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped if not sign else None
    if not sign:
        return address
    if not (address.version == 6 and address.is_link_local and _ZONE.match(zone)):
        return None
    return ipaddress.IPv6Address(f"{address}%{zone}")


def dns_name(host: str, text: str | None = None) -> str:
    """A host name in its one writing: small letters, without the last dot, other scripts encoded (RFC 5891).

    Raises UsageError where it is none. `text` is what it was a part of.
    """
    of = shown(text if text is not None else host)
    name = host.rstrip(".").lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii").lower()
        except UnicodeError:
            raise UsageError(f"{of} is no host name.") from None
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.match(label) for label in labels):
        raise UsageError(f"{of} is neither an address nor a name, network or range. {_FORMS}")
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        # What inet_aton(3) takes for an address in another writing: 127.1, 2130706433, 0x7f.1 (RFC 3696 section 2).
        raise UsageError(f"{of} is no full address: write all four numbers, as in 10.0.0.1.")
    return name


def matches(name: str, pattern: str) -> bool:
    """Whether a name is what an exclusion or a permitted range names, which may have * and ?."""
    return name == pattern or (("*" in pattern or "?" in pattern) and fnmatchcase(name, pattern))


def port_of(text: str, of: str) -> int:
    """A port's number. Raises UsageError that names `of`, where it stands."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65_535):
        raise UsageError(f"{shown(text)} in {shown(of)} is no port: a number from 1 to 65535.")
    return int(text)


_FORMS = "Write 10.0.0.1, 10.0.0.0/24, 10.0.0.1-20, 2001:db8::1, [2001:db8::1]:22, host, host:port or user@host."


def _port_apart(rest: str, text: str) -> tuple[str, int | None]:
    """Host and port of host:port and [host]:port."""
    if rest.startswith("["):
        host, sign, behind = rest[1:].partition("]")
        if not sign or ":" not in host or (behind and not behind.startswith(":")):
            raise UsageError(f"{shown(text)} is no [IPv6 address]:port.")
        return host, port_of(behind[1:], text) if behind else None
    if rest.count(":") == 1:
        host, _, port = rest.partition(":")
        return host, port_of(port, text)
    return rest, None


def _span(host: str, text: str, *, whole: bool) -> Span | None:
    """The addresses that a host is written as; None where it is a name."""
    if "/" in host:
        return _network(host, text, whole=whole)
    only = address_of(host)
    if only is not None:
        return span_of(only)
    first, sign, last = host.rpartition("-")
    begin = address_of(first) if sign else None
    if begin is not None:
        return _range(begin, last, text)
    if ":" in host or "%" in host:
        raise UsageError(
            f"{shown(text)} is no IPv6 address, alone or with a port as in [2001:db8::1]:22. A zone id (%eth0) is taken"
            " of link-local addresses alone."
        )
    return None


def _network(host: str, text: str, *, whole: bool) -> Span:
    base, _, bits = host.partition("/")
    address = address_of(base)
    if address is None:
        raise UsageError(f"{shown(text)} is no network: {shown(base)} is no address.")
    if ":" in base and address.version == 4:
        raise UsageError(f"{shown(text)} is a network of IPv4 written as IPv6: write it as IPv4.")
    most = address.max_prefixlen
    if not (bits.isascii() and bits.isdigit() and len(bits) <= 3 and int(bits) <= most):
        raise UsageError(f"{shown(text)} is no network: behind the / stands a number from 0 to {most}.")
    size = 1 << (most - int(bits))
    first = int(address) & ~(size - 1)
    last = first + size - 1
    if address.version == 4 and size > 2 and not whole:
        first, last = first + 1, last - 1
    return _apart(Span(address.version, first, last, zone_id_of(address)), text)


def _range(begin: Address, last: str, text: str) -> Span:
    end = address_of(last)
    if end is None and begin.version == 4 and last.isascii() and last.isdigit() and len(last) <= 3 and int(last) < 256:
        end = ipaddress.IPv4Address(int(begin) & ~0xFF | int(last))
    if end is None or end.version != begin.version or (zone_id_of(end) and zone_id_of(end) != zone_id_of(begin)):
        raise UsageError(f"{shown(text)} is no range: write 10.0.0.1-20, or both addresses in full.")
    if int(end) < int(begin):
        raise UsageError(f"{shown(text)} is no range: it ends before it begins.")
    return _apart(span_of(begin, end), text)


def _apart(span: Span, text: str) -> Span:
    """A span, if no address in it is an IPv4 one in the writing of IPv6: it would be another one then."""
    if (
        span.version == 6
        and span.first < _MAPPED + (1 << 32)
        and span.last >= _MAPPED
        and span.last - span.first < 1 << 32
    ):
        raise UsageError(f"{shown(text)} has addresses of IPv4 written as IPv6: write them as IPv4.")
    return span
