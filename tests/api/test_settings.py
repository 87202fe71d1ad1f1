"""What a server is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import Settings, is_loopback, listening
from cmdb.model.errors import UsageError


@pytest.mark.parametrize("listen", ["0.0.0.0:80", "[::]:80", "192.0.2.1:80", "host.example:80"])
def test_plain_http_is_refused_on_any_address_but_loopback(listen: str) -> None:
    with pytest.raises(UsageError, match="--certificate and --key"):
        listening(listen)


@pytest.mark.parametrize("listen", ["127.0.0.1:8765", "localhost:1", "[::1]:8765", "127.9.9.9:1"])
def test_loopback_needs_no_certificate(listen: str) -> None:
    assert not listening(listen).secure


@pytest.mark.parametrize("listen", ["8765", ":8765", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999"])
def test_what_is_no_address_is_refused(listen: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        listening(listen)


def test_a_certificate_and_its_key_belong_together_and_have_to_be_there(tmp_path: Path) -> None:
    file = tmp_path / "pem"
    file.write_text("")
    with pytest.raises(UsageError, match="belong together"):
        listening("0.0.0.0:1", str(file))
    with pytest.raises(UsageError, match="is no file"):
        listening("0.0.0.0:1", str(file), str(tmp_path / "none"))
    assert listening("0.0.0.0:1", str(file), str(file)).url == "https://0.0.0.0:1"


def test_only_its_own_names_are_answered_to() -> None:
    own = Settings(host_names=("cmdb.example",))

    for name in ("127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]:8765", "cmdb.example", "cmdb.example.:443"):
        assert own.answers_to(name), name
    for name in ("", "evil.example", "127.0.0.1.evil.example", "localhost.evil", "10.0.0.1", "cmdb.example@evil"):
        assert not own.answers_to(name), name
    assert not Settings(host="192.0.2.1").answers_to("localhost")


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert Settings(host="::1").url == "http://[::1]:8765"
    assert is_loopback("::1")
    assert not is_loopback("::")


def test_no_proxy_is_trusted_unless_its_network_is_named() -> None:
    assert listening("127.0.0.1:0").trusted_proxies == ()
    assert listening("127.0.0.1:0", proxies=("10.0.0.5/32", "::1")).trusted_proxies == ("10.0.0.5/32", "::1")
    with pytest.raises(UsageError, match="--trusted-proxy"):
        listening("127.0.0.1:0", proxies=("the proxy",))
