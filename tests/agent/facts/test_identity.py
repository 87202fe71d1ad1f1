"""What a host calls itself."""

from __future__ import annotations

import pytest

from agent.fact import Failed, ParseError
from agent.facts import identity
from agent.facts.identity import Identity, parse
from tests.agent.supplied import attributes, made, pass_over, recorded, run

ID = "8f4c2a1e6b7d4930a5c8e2f1d0b39764"


def test_the_recorded_names() -> None:
    outcome, marks = pass_over(identity, recorded("debian12-root"))

    expected = {"name": "host1", "fqdn": "host1.example.org", "machine_id": ID}
    assert attributes(outcome) == expected
    assert marks == {"host_name": "host1", "fqdn": "host1.example.org", "machine_id": ID}


@pytest.mark.parametrize(
    ("hostname", "hosts", "expected"),
    [
        ("web1\n", "", ("web1", None)),
        ("web1.example.org\n", "127.0.0.1 localhost\n", ("web1", "web1.example.org")),
        ("web1\n", "127.0.1.1\tweb1.example.org web1 # me\n", ("web1", "web1.example.org")),
        ("web1\n", "10.0.0.5 web1 web1.example.org\n", ("web1", "web1.example.org")),
        ("web1\n", "10.0.0.5 db1.example.org db1\n10.0.0.6 web1.a b\n", ("web1", "web1.a")),
        ("localhost\n", "127.0.0.1 localhost localhost.localdomain\n", ("localhost", None)),
        ("web1\n", "# 10.0.0.5 web1.example.org web1\n", ("web1", None)),
        ("web1\n", "garbage\n\n10.0.0.5\n", ("web1", None)),
    ],
)
def test_the_qualified_name_is_found_as_hostname_finds_it(
    hostname: str, hosts: str, expected: tuple[str, str | None]
) -> None:
    found = parse(hostname, hosts, [])

    assert (found.name, found.fqdn) == expected


def test_the_first_machine_id_that_is_one_counts() -> None:
    assert parse("a", "", ["uninitialized\n", f"{ID}\n"]).machine_id == ID
    assert parse("a", "", ["", "0" * 32, "x" * 32]) == Identity("a", None, None)


def test_names_that_installers_leave_are_shown_and_do_not_identify() -> None:
    outcome, marks = pass_over(identity, made({"/proc/sys/kernel/hostname": "localhost.localdomain\n"}))

    assert attributes(outcome)["name"] == "localhost"
    assert marks == {}


@pytest.mark.parametrize("text", ["", "\n", "(none)\n"])
def test_no_host_name_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="no host name"):
        parse(text, "", [])


def test_a_hostile_name_is_valid_text_and_breaks_nothing() -> None:
    name = "<script>\x1b[31m" + "x" * 1_000_000

    found = attributes(run(identity, made({"/proc/sys/kernel/hostname": name})))

    assert str(found["name"]).startswith("<script>")
    assert len(str(found["name"]).encode()) <= 4096


def test_without_the_kernels_word_the_section_has_failed() -> None:
    assert isinstance(run(identity, made({"/etc/machine-id": ID})), Failed)
