"""The proxy that a host is set to use for a server.

Source: the usual variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in capitals or not (curl(1), Environment).
NO_PROXY is a list of names, each with all below it, addresses and networks (CIDR); "*" stands for everything.
A proxy is asked by plain HTTP for a connection to the server (CONNECT); what it may know, it knows from that alone.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.errors import UsageError

_URL = re.compile(
    r"(?:(?P<scheme>[a-z0-9]+)://)?(?:(?P<user>[^:@/]*)(?::(?P<password>[^@/]*))?@)?"
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?/?\Z"
)
_ENTRY = re.compile(
    r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[^:\[\]]+)|(?P<bare>[0-9a-f.]*:[0-9a-f:.]*:[0-9a-f:./]*))(?::(?P<port>[0-9]{1,5}))?\Z"
)


@dataclass(frozen=True)
class Proxy:
    """`authorization` is what proves to it who asks; it is shown nowhere."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)


def proxy_for(host: str, port: int, secure: bool, environment: Mapping[str, str]) -> Optional[Proxy]:
    """The proxy that leads to a host, None where it is reached directly. Raises UsageError where what is set can not be used."""
    given = _said(environment, "https_proxy" if secure else "http_proxy") or _said(environment, "all_proxy")
    if not given or _direct(host, port, _said(environment, "no_proxy")):
        return None
    found = _URL.match(given)
    if found is None or (found["scheme"] or "http") != "http":
        raise UsageError("The proxy that is set can not be used: write http://host:port.")
    said = ""
    if found["user"]:
        from urllib.parse import unquote

        pair = f"{unquote(found['user'])}:{unquote(found['password'] or '')}"
        said = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
    return Proxy(found["host"].strip("[]"), int(found["port"] or 3128), said)


def _said(environment: Mapping[str, str], name: str) -> str:
    """Small letters first: a web server may be made to set HTTP_PROXY by who asks it, not so the small one."""
    return (environment.get(name) or environment.get(name.upper()) or "").strip()


def _direct(host: str, port: int, listed: str) -> bool:
    """True where NO_PROXY names the host."""
    name = host.lower().rstrip(".")
    for entry in re.split(r"[\s,]+", listed.lower()):
        found = _ENTRY.match(entry)
        if entry == "*":
            return True
        if found is None or (found["port"] and int(found["port"]) != port):
            continue
        meant = found["six"] or found["bare"] or found["name"].lstrip("*").lstrip(".")
        if meant and (name == meant or name.endswith(f".{meant}") or _within(name, meant)):
            return True
    return False


def _within(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except (ValueError, TypeError):
        return False
