"""Servers that balancers and reverse proxies pass requests on to.

Sources: upstream and *_pass of nginx (ngx_http_upstream_module, ngx_stream_proxy_module), server of haproxy (configuration
manual, section 5.2), BalancerMember and ProxyPass of Apache (mod_proxy).
Yields the Host's `balancer_pools`, 'pool server:port', and DEPENDS_ON to each whose address is known; where a pool has several
members each of them is soft. Sockets of the host itself and names made of variables are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from agent import declared
from agent.declared import Target
from agent.fact import Context, File, Files, Inapplicable, Material
from cmdb.model.classes.host import Host
from cmdb.model.declaration import CI, Relation

NAME = "balancer_pools"
VERSION = 1
CLASSES = ("Host",)
RELATIONS = ("DEPENDS_ON",)
LIMITED = True
STEADY = True
EVERY = 12

_NGINX = tuple(
    Files(f"/etc/nginx/{pattern}")
    for pattern in (
        "*.conf",
        "conf.d/*.conf",
        "sites-enabled/*",
        "stream.d/*.conf",
        "streams-enabled/*",
        "upstreams/*.conf",
    )
)
_HAPROXY = (Files("/etc/haproxy/*.cfg"), Files("/etc/haproxy/conf.d/*.cfg"))
_APACHE = tuple(
    Files(pattern)
    for pattern in (
        "/etc/apache2/*.conf",
        "/etc/apache2/*-enabled/*.conf",
        "/etc/apache2/vhosts.d/*.conf",
        "/etc/httpd/conf/*.conf",
        "/etc/httpd/conf.d/*.conf",
    )
)
NEEDS = (*_NGINX, *_HAPROXY, *_APACHE, File(declared.HOSTS))

_UPSTREAM = re.compile(r"\bupstream\s+([\w.\-]+)\s*\{([^{}]*)\}")
_SERVER = re.compile(r"(?:^|[;{\s])server\s+([^\s;{}]+)")
_PASS = re.compile(r"\b(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass\s+(?:(https?|grpcs?|uwsgis?)://)?([^\s;{}/]+)")
_SECTION = re.compile(
    r"(global|defaults|frontend|backend|listen|userlist|peers|resolvers|cache|mailers|program)\b\s*(\S*)"
)


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:
    """Members of pools; raises Inapplicable where no balancer is configured, Unavailable where root may not read it."""
    nginx = dict(declared.texts(_NGINX, material, context))
    haproxy = dict(declared.texts(_HAPROXY, material, context))
    apache = dict(declared.texts(_APACHE, material, context))
    if not nginx and not haproxy and not apache:
        raise Inapplicable("neither nginx, haproxy nor Apache is configured here")
    return observe([*parse_nginx(nginx), *parse_haproxy(haproxy), *parse_apache(apache)], declared.hosts(material))


def parse_nginx(texts: Mapping[str, str]) -> list[Target]:
    """Members of upstreams, and servers that are passed on to without one, from the texts of all files."""
    found: list[Target] = []
    pools: set[str] = set()
    bare = {path: _without_comments(text) for path, text in texts.items()}
    for path, text in bare.items():
        for block in _UPSTREAM.finditer(text):
            pools.add(block[1])
            members = list(_SERVER.finditer(block[2]))
            for member in members:
                held = declared.end(member[1], 80)
                if held and not member[1].startswith("unix:"):
                    line = text.count("\n", 0, block.start(2) + member.start(1)) + 1
                    found.append(Target(*held, f"balancer pool {block[1]}", f"{path}:{line}", len(members) == 1))
    for path, text in bare.items():
        for match in _PASS.finditer(text):
            held = declared.end(match[2], declared.PORTS.get(match[1] or "", 80)) if match[2] not in pools else None
            if held and "$" not in match[2] and match[2] != "unix:":
                line = text.count("\n", 0, match.start(2)) + 1
                found.append(Target(*held, "reverse proxy", f"{path}:{line}"))
    return found


def parse_haproxy(texts: Mapping[str, str]) -> list[Target]:
    """Servers of backends and listeners."""
    found: list[Target] = []
    for path, text in texts.items():
        section, pool = "", ""
        for number, line in declared.lines(text):
            words = line.split()
            match = _SECTION.match(line)
            if match:
                section, pool = match[1], match[2]
            elif section in ("backend", "listen") and len(words) > 2 and words[0] in ("server", "server-template"):
                place = words[3] if words[0] == "server-template" and len(words) > 3 else words[2]
                held = declared.end(re.sub(r"\A(ipv[46]|tcp[46]?)@", "", place))
                if held and not place.startswith(("unix@", "abns@", "fd@")):
                    found.append(Target(*held, f"balancer pool {pool}", f"{path}:{number}"))
    members = [t.why for t in found]
    return [Target(t.server, t.port, t.why, t.evidence, members.count(t.why) == 1) for t in found]


def parse_apache(texts: Mapping[str, str]) -> list[Target]:
    """Members of balancers, and servers that ProxyPass names without one."""
    found: list[Target] = []
    for path, text in texts.items():
        pool = ""
        for number, line in declared.lines(text):
            block = re.match(r"\s*<Proxy\s+\"?balancer://([^\s\"/>]+)", line, re.IGNORECASE)
            pool = block[1] if block else "" if re.match(r"\s*</Proxy>", line, re.IGNORECASE) else pool
            member = re.match(
                r"\s*BalancerMember\s+(?:\"?balancer://([^\s\"/]+)/?\"?\s+)?\"?(\S+?)\"?(?:\s|\Z)", line, re.IGNORECASE
            )
            passed = re.match(
                r"\s*ProxyPass(?:Match)?\s+(?:\"?[/^]\S*\s+)?\"?(\w+://\S+?)\"?(?:\s|\Z)", line, re.IGNORECASE
            )
            url = member[2] if member else passed[1] if passed else ""
            why = f"balancer pool {member[1] or pool}" if member else "reverse proxy"
            if (
                url
                and not url.startswith(("balancer:", "unix:"))
                and "$" not in url.partition("://")[2].partition("/")[0]
            ):
                found += [Target(server, port, why, f"{path}:{number}") for _, server, port in declared.ends(url)]
    members = [t.why for t in found]
    return [
        Target(t.server, t.port, t.why, t.evidence, t.why == "reverse proxy" or members.count(t.why) == 1)
        for t in found
    ]


def observe(targets: Iterable[Target], hosts: Mapping[str, str]) -> Iterator[CI | Relation]:
    """What the CMDB should know of them."""
    targets = list(targets)
    yield Host(balancer_pools=sorted({f"{t.why.removeprefix('balancer pool ')} {t.shown}" for t in targets}))
    yield from declared.edges(targets, hosts)


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)(^|\s)#.*$", r"\1", text)
