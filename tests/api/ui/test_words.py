"""Words for people."""

from __future__ import annotations

import pytest

from api.ui import words
from cmdb.model.times import SECOND


@pytest.mark.parametrize(
    ("name", "one", "many"),
    [
        ("SoftwareInstance", "Software instance", "Software instances"),
        ("IPAddress", "IP address", "IP addresses"),
        ("Host", "Host", "Hosts"),
        ("FireDirectory", "Fire directory", "Fire directories"),
    ],
)
def test_a_class_is_named_in_words(name: str, one: str, many: str) -> None:
    assert (words.class_label(name), words.class_label(name, 2)) == (one, many)


def test_an_attribute_is_named_without_the_unit_that_its_value_brings() -> None:
    assert words.attribute_label("memory_bytes") == "Memory"
    assert words.attribute_label("os_version") == "OS version"
    assert words.attribute_label("seconds") == "Seconds"


@pytest.mark.parametrize(
    ("name", "value", "shown", "exact"),
    [
        ("memory_bytes", 8_232_345_600, "7.67 GiB", "8,232,345,600 bytes"),
        ("memory_bytes", 512, "512 bytes", ""),
        ("uptime_seconds", 273_600, "3 d 4 h", "273,600 seconds"),
        ("cpu_count", 1, "1 processor", ""),
        ("cpu_count", 4, "4 processors", ""),
        ("os", "debian", "debian", ""),
    ],
)
def test_a_quantity_is_rounded_with_its_unit_and_kept_exactly(
    name: str, value: str | int, shown: str, exact: str
) -> None:
    field = words.field("Host", name, value)

    assert (field.members, field.exact) == ([shown], exact)
    assert field.about.endswith(".")


def test_a_speed_counts_in_thousands() -> None:
    assert words.field("NetworkInterface", "speed_bps", 1_000_000_000).members == ["1 Gbit/s"]


def test_a_truth_value_and_a_list_are_told_apart_from_text() -> None:
    assert words.field("Endpoint", "exposed", True).members == ["yes"]
    assert words.field("Host", "resolvers", []).is_list
    assert words.field("Gone", "unheard", "x").about == ""


def test_a_span_has_its_two_largest_units() -> None:
    assert [words.span(s) for s in (0, 59, 3600, 3661, 90_061)] == ["0 s", "59 s", "1 h", "1 h 1 min", "1 d 1 h"]


def test_how_long_ago_is_never_in_the_future() -> None:
    assert words.ago(10 * SECOND, 5 * SECOND) == "just now"
    assert words.ago(0, 7200 * SECOND) == "2 h ago"
    assert words.ago(None, 1) == "never"


def test_hostile_text_is_escaped_isolated_and_shows_what_it_hides() -> None:
    shown = words.hostile("<b>\u202egnp.exe\x1b[31m")

    assert shown == (
        '<bdi>&lt;b&gt;<span class="odd">&lt;U+202E&gt;</span>gnp.exe<span class="odd">&lt;U+001B&gt;</span>[31m</bdi>'
    )
    assert words.hostile("plain") == "<bdi>plain</bdi>"


def test_a_time_is_exact_for_machines() -> None:
    assert words.moment(0) == '<time datetime="1970-01-01T00:00:00.000000Z">1970-01-01 00:00:00 UTC</time>'
    assert words.moment(None) == "unknown"
