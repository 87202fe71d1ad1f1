"""Which proxy leads to a server, by the usual variables."""

from __future__ import annotations

import pytest

from agent.proxies import Proxy, proxy_for
from cmdb.model.errors import UsageError


def led(host: str = "cmdb.example.com", port: int = 443, secure: bool = True, **environment: str) -> str:
    """Host and port of the proxy, empty where there is none."""
    found = proxy_for(host, port, secure, environment)
    return f"{found.host}:{found.port}" if found else ""


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": ""}, ""),
        ({"HTTPS_PROXY": "http://proxy:8080"}, "proxy:8080"),
        ({"https_proxy": "http://proxy:8080/"}, "proxy:8080"),
        ({"HTTPS_PROXY": "proxy"}, "proxy:3128"),
        ({"HTTPS_PROXY": "proxy:1"}, "proxy:1"),
        ({"HTTPS_PROXY": "http://[::1]:8080"}, "::1:8080"),
        ({"HTTP_PROXY": "http://proxy:8080"}, ""),
        ({"ALL_PROXY": "http://proxy:8080"}, "proxy:8080"),
        ({"ALL_PROXY": "http://other:1", "HTTPS_PROXY": "http://proxy:8080"}, "proxy:8080"),
    ],
)
def test_variables_name_it(environment: dict, expected: str) -> None:
    assert led(**environment) == expected


@pytest.mark.parametrize(
    ("listed", "host", "direct"),
    [
        ("*", "cmdb.example.com", True),
        ("example.com", "cmdb.example.com", True),
        (".example.com", "cmdb.example.com", True),
        ("*.example.com", "cmdb.example.com", True),
        ("CMDB.example.com", "cmdb.Example.com.", True),
        ("example.com", "badexample.com", False),
        ("other, cmdb.example.com", "cmdb.example.com", True),
        ("cmdb.example.com:443", "cmdb.example.com", True),
        ("cmdb.example.com:8443", "cmdb.example.com", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("fd00::/8", "fd00::1", True),
        ("[fd00::1]:443", "fd00::1", True),
        ("[fd00::1]:1", "fd00::1", False),
        ("nonsense/99,:,[,::::", "cmdb.example.com", False),
        ("", "cmdb.example.com", False),
    ],
)
def test_no_proxy_names_who_is_reached_directly(listed: str, host: str, direct: bool) -> None:
    assert (led(host, HTTPS_PROXY="http://proxy:8080", NO_PROXY=listed) == "") is direct


def test_its_password_is_shown_nowhere() -> None:
    found = proxy_for("cmdb.example.com", 443, True, {"HTTPS_PROXY": "http://user:s%40cret@proxy:8080"})

    assert found == Proxy("proxy", 8080, "Basic dXNlcjpzQGNyZXQ=")
    assert "s@cret" not in repr(found)
    assert "dXNl" not in repr(found)


@pytest.mark.parametrize(
    "given", ["https://user:secret@proxy", "socks5://user:secret@proxy:1", "http://a b", "http://user:secret@"]
)
def test_one_that_can_not_be_used_is_refused_without_its_password(given: str) -> None:
    with pytest.raises(UsageError) as error:
        led(HTTPS_PROXY=given)

    assert "secret" not in error.value.message
