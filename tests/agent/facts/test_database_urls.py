"""Databases that configuration names."""

from __future__ import annotations

from agent.fact import Collected, Content, Failed, Files, Missing
from agent.facts import database_urls
from agent.facts.database_urls import parse
from tests.agent.supplied import made, run

TEXT = """DATABASE_URL="postgresql://app:s3cret@10.0.0.7/shop?sslmode=require"
# OLD=mysql://x
cache: rediss://:s3cret@cache.example.org:6380/0
spring.datasource.url=jdbc:mysql://db1:3307/shop?user=a&password=s3cret
MONGO=mongodb+srv://u:s3cret@cluster.example.org/x
BROKER=amqp://u:s3cret@b1,b2:5673
HOME=https://example.org/
"""


def test_urls_of_databases_without_their_secrets() -> None:
    outcome = run(database_urls, made({Files("/etc/default/*"): {"/etc/default/shop": Content(TEXT.encode())}}))

    assert isinstance(outcome, Collected), outcome
    assert outcome.items[0].attributes() == {
        "databases": [
            "amqp://b1:5672",
            "amqp://b2:5673",
            "mongodb://cluster.example.org:27017",
            "mysql://db1:3307",
            "postgresql://10.0.0.7:5432",
            "rediss://cache.example.org:6380",
        ]
    }
    [edge] = outcome.relations
    assert edge.object == {"address": "10.0.0.7", "protocol": "tcp", "port": 5432}
    assert edge.attributes == {"why": "database postgresql", "evidence": "/etc/default/shop:1", "strength": "hard"}
    assert "s3cret" not in repr(outcome)


def test_a_password_with_any_characters_is_never_taken_for_a_server() -> None:
    for password in ("a/b", "a@b", "a:b", "12/34", "a#b", "a?b", "a,b", "12?34", "12#34"):
        assert "b" not in [t.server for t in parse(f"X=mysql://root:{password}@db/x\n", "/f")]
        assert all(t.server == "db" for t in parse(f"X=mysql://root:{password}@db/x\n", "/f"))


def test_what_root_can_not_read_fails_the_section() -> None:
    lack = {Files("/etc/default/*"): {"/etc/default/x": Missing("too_big", "/etc/default/x has more")}}

    assert run(database_urls, made(lack)) == Failed("/etc/default/x has more")
