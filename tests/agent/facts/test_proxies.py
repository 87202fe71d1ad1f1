"""Proxies that a host goes through."""

from __future__ import annotations

import pytest

from agent.fact import Collected, Content, Files
from agent.facts import proxies
from agent.facts.proxies import parse, parse_squid
from tests.agent.supplied import made, recorded, run


def test_the_recorded_parent_of_squid() -> None:
    outcome = run(proxies, recorded("debian12-servers"))

    assert isinstance(outcome, Collected), outcome
    assert outcome.items[0].attributes() == {"proxies": ["192.0.2.71:3128"]}
    [edge] = outcome.relations
    assert edge.object == {"address": "192.0.2.71", "protocol": "tcp", "port": 3128}
    assert "secret" not in repr(outcome)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("/etc/environment", 'http_proxy="http://u:s3cret@p.example.org:3128/"\nno_proxy=a\n', ["p.example.org:3128"]),
        ("/etc/profile.d/p.sh", "export HTTPS_PROXY=http://10.0.0.1:8080\n# http_proxy=http://x\n", ["10.0.0.1:8080"]),
        ("/etc/sysconfig/proxy", 'HTTP_PROXY=""\nHTTPS_PROXY="http://10.0.0.1:8080"\n', ["10.0.0.1:8080"]),
        (
            "/etc/systemd/system/docker.service.d/p.conf",
            '[Service]\nEnvironment="HTTP_PROXY=http://10.0.0.1:3128"\n',
            ["10.0.0.1:3128"],
        ),
        (
            "/etc/apt/apt.conf.d/proxy",
            'Acquire::http::Proxy "http://10.0.0.1:3142";\nAcquire::https::Proxy "DIRECT";\n',
            ["10.0.0.1:3142"],
        ),
        (
            "/etc/apt/apt.conf",
            'Acquire {\n http { Proxy "http://10.0.0.1:3142"; };\n};\n// Proxy "http://x";\n',
            ["10.0.0.1:3142"],
        ),
        ("/etc/dnf/dnf.conf", "[main]\nproxy=http://p:3128\nproxy_password=s3cret\n", ["p:3128"]),
        ("/etc/yum.conf", "proxy=_none_\n", []),
        ("/etc/environment", "http_proxy=$OTHER\n", []),
    ],
)
def test_files_that_set_a_proxy(path: str, text: str, expected: list[str]) -> None:
    assert [t.shown for t in parse(text, path)] == expected


def test_siblings_of_squid_are_no_parents_and_several_parents_are_soft() -> None:
    text = "cache_peer a parent 3128 0\ncache_peer b parent 3128 0\ncache_peer c sibling 3128 0\n"

    assert [(t.server, t.hard) for t in parse_squid(text, "/f")] == [("a", False), ("b", False)]


def test_a_host_without_a_proxy_has_an_empty_list() -> None:
    outcome = run(proxies, made({Files("/etc/environment"): {"/etc/environment": Content(b"LANG=C\n")}}))

    assert isinstance(outcome, Collected)
    assert outcome.items[0].attributes() == {"proxies": []}
