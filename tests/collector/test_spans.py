"""Addresses as runs of numbers."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from collector.spans import Span, SpanSet, span_of

SPANS = st.builds(lambda first, more: Span(4, first, first + more), st.integers(0, 60), st.integers(0, 20))


def test_a_span_says_its_addresses() -> None:
    span = span_of(ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("10.0.0.2"))

    assert (span.count, list(span.addresses()), str(span)) == (2, ["10.0.0.1", "10.0.0.2"], "10.0.0.1-10.0.0.2")


def test_a_span_without_a_zone_id_has_the_addresses_of_every_one() -> None:
    anywhere = SpanSet([span_of(ipaddress.ip_address("fe80::1"))])
    there = SpanSet([span_of(ipaddress.ip_address("fe80::1%eth0"))])
    here, other = ipaddress.ip_address("fe80::1%eth0"), ipaddress.ip_address("fe80::1%eth1")

    assert [anywhere.has(here), anywhere.has(other)] == [True, True]
    assert [there.has(here), there.has(other), there.has(ipaddress.ip_address("fe80::1"))] == [True, False, False]
    assert there.split(span_of(here)) == ([span_of(here)], [])
    assert there.split(span_of(other)) == ([], [span_of(other)])


def test_an_address_of_one_version_is_in_no_span_of_the_other() -> None:
    everything = SpanSet([Span(6, 0, 2**128 - 1)])

    assert not everything.has(ipaddress.ip_address("10.0.0.1"))
    assert everything.split(Span(4, 1, 2)) == ([], [Span(4, 1, 2)])


@given(st.lists(SPANS, max_size=6), SPANS)
def test_the_parts_of_a_span_are_those_within_and_those_without(spans: list[Span], span: Span) -> None:
    among = {number for one in spans for number in range(one.first, one.last + 1)}
    asked = range(span.first, span.last + 1)

    inside, outside = SpanSet(spans).split(span)

    assert [n for part in inside for n in range(part.first, part.last + 1)] == [n for n in asked if n in among]
    assert [n for part in outside for n in range(part.first, part.last + 1)] == [n for n in asked if n not in among]
    assert all(SpanSet(spans).has(ipaddress.ip_address(n)) == (n in among) for n in asked)
