"""What a target may be written as."""

from __future__ import annotations

import ipaddress
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.targets import Expression, address_of, dns_name, matches, parse

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).filter(lambda found: "::ffff:" not in str(found))
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,10}[a-z](\.[a-z][a-z0-9]{0,8}){0,3}", fullmatch=True)
USERS = st.from_regex(r"[a-z_][a-z0-9_.-]{0,10}", fullmatch=True)


def listed(text: str) -> list[str]:
    span = parse(text).span
    assert span is not None
    return list(span.addresses())


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("10.0.0.1", ["10.0.0.1"]),
        ("10.0.0.1-3", ["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
        ("10.0.0.254-10.0.1.1", ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"]),
        ("10.0.0.0/30", ["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.3/30", ["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.0/31", ["10.0.0.0", "10.0.0.1"]),
        ("10.0.0.9/32", ["10.0.0.9"]),
        ("2001:DB8:0::1", ["2001:db8::1"]),
        ("2001:db8::/127", ["2001:db8::", "2001:db8::1"]),
        ("2001:db8::fe-2001:db8::100", ["2001:db8::fe", "2001:db8::ff", "2001:db8::100"]),
        ("[2001:db8::1]", ["2001:db8::1"]),
        ("fe80::1%br-lan", ["fe80::1%br-lan"]),
        ("fe80::1%eth0-fe80::2", ["fe80::1%eth0", "fe80::2%eth0"]),
        ("fe80::%eth0/127", ["fe80::%eth0", "fe80::1%eth0"]),
        ("::ffff:10.0.0.1", ["10.0.0.1"]),
    ],
)
def test_addresses_networks_and_ranges_are_what_they_say(text: str, addresses: list[str]) -> None:
    assert listed(text) == addresses


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("Web.Example.org.", "", "web.example.org", None),
        ("web:2222", "", "web", 2222),
        ("admin@web", "admin", "web", None),
        ("user@corp.example@web:22", "user@corp.example", "web", 22),
        ("root@10.0.0.1:2222", "root", "10.0.0.1", 2222),
        ("root@[2001:db8::1]:2222", "root", "2001:db8::1", 2222),
        ("10.0.0.1-3:2222", "", "10.0.0.1-10.0.0.3", 2222),
        ("[2001:db8::/127]:2222", "", "2001:db8::-2001:db8::1", 2222),
        ("db-1", "", "db-1", None),
        ("10-0-0-1.example.org", "", "10-0-0-1.example.org", None),
        ("büro.example", "", "xn--bro-hoa.example", None),
    ],
)
def test_users_names_and_ports_stand_beside_the_host(text: str, user: str, host: str, port: int | None) -> None:
    found = parse(text)

    assert (found.user, found.name or str(found.span), found.port) == (user, host, port)
    assert not found.excludes


def test_an_exclusion_takes_a_network_whole_and_patterns_of_names() -> None:
    network = parse("!10.0.0.0/24")
    assert network.excludes
    assert network.span is not None
    assert network.count == 256
    assert parse("10.0.0.0/24", excludes=True).span == network.span
    assert parse("! Web-*.Example.org").name == "web-*.example.org"
    assert matches("web-1.example.org", "web-*.example.org")
    assert not matches("web.example.org", "web-*.example.org")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1 to 512 characters"),
        ("x" * 513, "has 513"),
        ("10.0.0.0/33", "a number from 0 to 32"),
        ("10.0.0.0/255.255.255.0", "a number from 0 to 32"),
        ("2001:db8::/129", "from 0 to 128"),
        ("web/24", "'web' is no address"),
        ("10.0.0.9-3", "ends before it begins"),
        ("10.0.0.9-300", "no range"),
        ("10.0.0.1-2001:db8::1", "no range"),
        ("fe80::1%eth0-fe80::2%eth1", "no range"),
        ("::ffff:0.0.0.0/112", "written as IPv6"),
        ("::fffe:ffff:ffff-::ffff:0:1", "no range|written as IPv6"),
        ("web:0", "no port"),
        ("web:65536", "no port"),
        ("web:٢٢", "no port"),
        ("[2001:db8::1", r"no \[IPv6 address\]:port"),
        ("[10.0.0.1]:22", r"no \[IPv6 address\]:port"),
        ("2001:db8::1:99999", "no IPv6 address"),
        ("2001:db8::1%eth0", "link-local"),
        ("10.0.0.1%eth0", "link-local"),
        ("127.1", "no full address"),
        ("2130706433", "no full address"),
        ("web.0x7f", "no full address"),
        ("10.0.0.256", "no full address"),
        ("web server", "neither an address nor a name"),
        ("-oProxyCommand=id", "neither an address nor a name"),
        ("web..org", "neither"),
        ("web*", "neither"),
        ("-l@web", "no user's name"),
        ("ro ot@web", "no user's name"),
        ("ssh://root@web:22", "is a URL"),
        ("!root@web", "no user and no port"),
        ("!web:22", "no user and no port"),
        ("!we$b*", "no pattern"),
    ],
)
def test_what_is_no_target_is_refused_with_the_text(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse(text)


def test_a_password_is_refused_and_not_repeated() -> None:
    for text in ("root:hunter2@web", "ssh://root:hunter2@web", "!root:hunter2@web:22"):
        with pytest.raises(UsageError, match="A password does not belong there") as caught:
            parse(text)
        assert "hunter2" not in str(caught.value)


@given(st.ip_addresses(v=4), st.integers(8, 32))
def test_a_network_of_ipv4_has_the_hosts_that_the_standard_library_gives_it(
    address: ipaddress.IPv4Address, bits: int
) -> None:
    network = ipaddress.ip_network(f"{address}/{bits}", strict=False)
    expected = 2 ** (32 - bits) - (2 if bits < 31 else 0)

    found = parse(f"{address}/{bits}")

    assert found.count == expected
    if bits > 22:
        assert found.span is not None
        assert list(found.span.addresses()) == [str(host) for host in network.hosts()]


@given(ADDRESSES, st.integers(0, 500))
def test_a_range_has_as_many_addresses_as_lie_between_its_ends(
    first: ipaddress.IPv4Address | ipaddress.IPv6Address, more: int
) -> None:
    last = min(int(first) + more, 2**first.max_prefixlen - 1)
    text = f"{first}-{type(first)(last)}"

    try:
        found = parse(text)
    except UsageError as error:
        assert "written as IPv6" in str(error)  # noqa: PT017 - ranges that touch the block of mapped addresses
        return

    assert found.count == last - int(first) + 1
    assert found.span is not None
    addresses = list(found.span.addresses())
    assert len(addresses) == len(set(addresses)) == found.count
    assert addresses[0] == str(first)


@given(
    st.one_of(
        NAMES,
        ADDRESSES.map(str),
        st.builds("{}/{}".format, st.ip_addresses(v=4), st.integers(0, 32)),
        st.builds("{0}-{0}".format, ADDRESSES),
    ),
    st.none() | USERS,
    st.none() | st.integers(1, 65_535),
    st.booleans(),
)
def test_an_expression_in_its_one_writing_says_the_same(
    host: str, user: str | None, port: int | None, excludes: bool
) -> None:
    tail = "" if port is None else f":{port}"
    text = (
        ("!" if excludes else "")
        + (f"{user}@" if user else "")
        + (f"[{host}]" if ":" in host and tail else host)
        + tail
    )
    if excludes and (user or port):
        with pytest.raises(UsageError):
            parse(text)
        return

    found = parse(text)
    again = parse(str(found))

    assert (again.user, again.name, again.span, again.port, again.excludes) == (
        found.user, found.name, found.span, found.port, found.excludes
    )  # fmt: skip
    assert str(again) == str(found)


@given(st.one_of(st.text(max_size=40), st.text(alphabet="0123456789abcdef.:/-%@![]*? ", max_size=40)))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with suppress(UsageError):
        found = parse(text)
        assert isinstance(found, Expression)
        assert bool(found.name) != (found.span is not None)
        assert found.span is None or found.count >= 1
        assert parse(str(found)).span == found.span


def test_one_address_has_one_writing() -> None:
    assert str(address_of("::ffff:192.0.2.1")) == "192.0.2.1"
    assert str(address_of("2001:DB8::0001")) == "2001:db8::1"
    assert address_of("010.0.0.1") is None
    assert address_of("web") is None
    assert address_of("fe80::1%et h") is None


def test_a_name_has_one_writing() -> None:
    assert dns_name("WEB.Example.ORG.") == "web.example.org"
    assert dns_name("_host.example") == "_host.example"
    with pytest.raises(UsageError, match="'a b' is neither"):
        dns_name("a b")
