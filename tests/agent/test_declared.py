"""Targets that configuration names."""

from __future__ import annotations

import pytest

from agent import declared
from agent.declared import Target, edges, end, ends, parse_hosts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("db1", ("db1", 1)),
        ("db1.example.org:5432", ("db1.example.org", 5432)),
        ("10.0.0.7:80", ("10.0.0.7", 80)),
        ("[2001:db8::1]:443", ("2001:db8::1", 443)),
        ("2001:db8::1", ("2001:db8::1", 1)),
        ("host_with_underscore.", ("host_with_underscore.", 1)),
        ("/run/x.sock", None),
        ("$host:80", None),
        ("a:99999", None),
        ("", None),
        ("user:secret", None),
        ("x@y", None),
    ],
)
def test_ends(text: str, expected: tuple[str, int] | None) -> None:
    assert end(text, 1) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://app:s3cret@db1:5433/shop?x=1", [("postgresql", "db1", 5433)]),
        (
            "mongodb://u:p@m1:27017,m2,[2001:db8::1]:5/x",
            [("mongodb", "m1", 27017), ("mongodb", "m2", 27017), ("mongodb", "2001:db8::1", 5)],
        ),
        ("postgres+asyncpg://db1/x", [("postgres+asyncpg", "db1", 5432)]),
        ("https://example.org", [("https", "example.org", 443)]),
        ("redis://:pa:ss@cache", [("redis", "cache", 6379)]),
        ("redis://user:12/34@cache", []),
        ("redis://user:p@ss@cache", [("redis", "cache", 6379)]),
        ("redis://user:12?34@cache", []),
        ("redis://user:12#34@cache", []),
        ("mysql:///socket", []),
        ("no url", []),
    ],
)
def test_servers_of_urls_without_anything_secret(url: str, expected: list[tuple[str, str, int]]) -> None:
    assert ends(url) == expected


def test_one_address_is_one_edge_with_all_reasons() -> None:
    found = list(
        edges(
            [
                Target("app", 80, "balancer pool a", "/x:1", False),
                Target("10.0.0.7", 80, "reverse proxy", "/x:9"),
                Target("10.0.0.7", 81, "reverse proxy", "/x:10", False),
                Target("127.0.0.1", 80, "reverse proxy", "/x:11"),
                Target("unknown.example.org", 80, "reverse proxy", "/x:12"),
            ],
            {"app": "10.0.0.7"},
        )
    )

    assert [(r.object, dict(r.attributes)) for r in found] == [
        (
            {"address": "10.0.0.7", "protocol": "tcp", "port": 80},
            {"why": "balancer pool a, reverse proxy", "evidence": "/x:1, /x:9", "strength": "hard"},
        ),
        (
            {"address": "10.0.0.7", "protocol": "tcp", "port": 81},
            {"why": "reverse proxy", "evidence": "/x:10", "strength": "soft"},
        ),
    ]


def test_comments_and_blank_lines_are_left_out_and_numbers_kept() -> None:
    assert list(declared.lines("# a\n\nb # c\n ; d\n", "#;")) == [(3, "b")]


def test_the_first_address_of_a_name_counts() -> None:
    assert parse_hosts("10.0.0.1 a A.example # b\n10.0.0.2 a\nrubbish\n") == {"a": "10.0.0.1", "a.example": "10.0.0.1"}
