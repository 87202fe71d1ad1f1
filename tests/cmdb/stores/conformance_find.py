"""The promise of `find`: the answers of query_language.matches, in the order of class, name and id."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterable, Sequence

import pytest

from cmdb.model.errors import UsageError
from cmdb.model.query_language import (
    ClassTerm,
    FieldTerm,
    FreeText,
    HasTerm,
    IdTerm,
    ParentTerm,
    Query,
    RelationTerm,
    Term,
    matches,
    parse,
)
from cmdb.model.text import fold, tokens
from cmdb.ports import Store, View
from cmdb.states import COUNTED, Item, Link
from tests.cmdb.stores.building import changed, host, ids, link, package, part, revise, types_of

ALPHABET = (
    "aAbBzZ09 _-./\\\"'*?~^&|!(){}[]:+,;<>=#%$\t\n\u0085\u00a0\u2003\u2028\u3000\u200d\u0301\u0308\u00e4\u00c4\u00df"
    "\u0130\u03c2\u03a3\ufb01\uff21\u0e33\u1100\u1161\uac01\ud7ff\ue000\uf8ff\ufffd\uffff\U00010000\U0001f600\U0001d400\U0010ffff"
)
WORDS = (
    "and",
    "OR",
    "Not",
    "TO",
    "nginx",
    "Nginx",
    "ngin",
    "debian",
    *("a" * n for n in (119, 120, 121, 260)),
    "\U0001d400" * 130,
)


def strings(count: int, seed: int) -> list[str]:
    """That many different valid values: of hostile characters, of words, and some longer than an index takes."""
    pick = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        text = "".join(pick.choices(ALPHABET, k=pick.choice((1, 1, 2, 3, 5, 8))))
        if pick.random() < 0.3:
            text = " ".join([*pick.sample(WORDS, pick.randint(1, 3)), text])
        if pick.random() < 0.05:
            text = text + pick.choice("x\u00e4\u20ac\U0001f600") * pick.choice((480, 700, 1000)) + text
        text = unicodedata.normalize("NFC", text)
        if len(text.encode()) <= 4096:
            found[text] = None
    return list(found)


def estate(seed: int = 7) -> tuple[list[Item], list[Link]]:
    """Hosts with parts and relations, their names and values hostile."""
    pick = random.Random(seed)
    texts = strings(260, seed)
    hosts = [
        host(text, os=pick.choice(texts), os_family=sorted({pick.choice(texts), "debian"}), cpu_count=n % 5)
        for n, text in enumerate(texts[:90])
    ]
    parts: list[Item] = []
    for n, text in enumerate(texts[90:]):
        below = pick.choice(hosts)
        if n % 4 == 0:
            parts.append(part(below, "Endpoint", text, name=text, port=n, exposed=n % 3 == 0, protocol="tcp"))
        elif n % 4 == 1:
            parts.append(package(below, text, versions=[], held=bool(n % 8), source=pick.choice(texts)))
        elif n % 4 == 2:
            parts.append(part(below, "SoftwareInstance", text, command=pick.choice(texts), ports=["tcp/80", "tcp/81"]))
        else:
            parts.append(part(below, "ConfigFile", text, path=text, digest=pick.choice(texts), size_bytes=-n))
    everything = [*hosts, *parts]
    links = {
        one.key: one
        for one in (
            link(pick.choice(everything), pick.choice(("DEPENDS_ON", "TALKS_TO", "RUNS_ON")), pick.choice(everything))
            for _ in range(60)
        )
    }
    return everything, list(links.values())


def answer(items: Sequence[Item], links: Sequence[Link], query: Query) -> list[str]:
    """Ids that the reference finds, in order."""
    found = [item for item in items if matches(query, item, types_of(item, links, items))]
    return ids(sorted(found, key=lambda i: (i.class_name, i.name, i.id)))


def pages(view: View, query: Query, limit: int, at: int | None = None) -> tuple[list[str], list[int | None]]:
    """Ids of all pages, and the totals that they told."""
    found: list[str] = []
    totals: list[int | None] = []
    after: str | None = None
    while True:
        page = view.find(query, at, after, limit)
        assert len(page.items) <= limit
        found += ids(page.items)
        totals.append(page.total)
        after = page.next
        if after is None:
            return found, totals


def questions(items: Sequence[Item], seed: int, count: int) -> Iterable[Query]:
    """Queries that are likely to have an answer, and their opposites."""
    pick = random.Random(seed)
    fields = [
        "name",
        "os",
        "os_family",
        "source",
        "path",
        "versions",
        "port",
        "cpu_count",
        "exposed",
        "held",
        "size_bytes",
    ]
    values = [v for i in items for v in i.attributes.values() if isinstance(v, str)]
    values += ["", "true", "false", "TRUE", "3", "-5", "007", "x", "debian", "tcp/80"]

    def term() -> Term:
        kind, negated = pick.randrange(10), pick.random() < 0.25
        value = pick.choice(values)
        if kind == 0:
            return ClassTerm(pick.choice(("Host", "Endpoint", "ConfigFile", "LocalGroup")), negated)
        if kind == 1:
            return HasTerm(pick.choice(fields), negated)
        if kind == 2:
            return RelationTerm(pick.choice(("RUNS_ON", "CONTAINS", "DEPENDS_ON", "EXPOSES")), negated)
        if kind == 3:
            return (IdTerm if pick.random() < 0.5 else ParentTerm)(pick.choice(items).id, negated)
        if kind <= 5 and tokens(value):
            words = tokens(value)
            cut = [w[: pick.randint(1, len(w))] for w in pick.sample(words, min(len(words), pick.randint(1, 3)))]
            return FreeText(tuple(dict.fromkeys(cut)), negated)
        operator = pick.choice(("=", "=", "prefix", ">", "<", ">=", "<="))
        if operator == "prefix":
            value = fold(value)[: pick.randint(1, 8)] or "w"
        return FieldTerm(pick.choice(fields), operator, value, negated)

    for _ in range(count):
        yield Query(tuple(term() for _ in range(pick.choice((1, 1, 2, 3)))), "")
    for item in pick.sample(list(items), count // 6):
        yield Query((FieldTerm("name", "=", item.name),), "")
        yield Query((FieldTerm("name", "prefix", item.name[: pick.randint(1, 300)]),), "")


class Find:
    """Needs the fixture `store`, an empty store. `queries` of each kind are asked."""

    queries = 400

    def test_answers_are_those_of_the_reference(self, store: Store) -> None:
        items, links = estate()
        revise(store, created=items, links=links)

        with store.view() as view:
            for query in questions(items, 3, self.queries):
                wanted = answer(items, links, query)
                page = view.find(query, limit=1000)
                assert ids(page.items) == wanted, str(query)
                assert (page.total, page.next) == (len(wanted), None), str(query)

    def test_answers_of_the_past_are_those_of_the_reference(self, store: Store) -> None:
        items, links = estate()
        revise(store, created=items, links=links)
        renamed = [changed(item, name=f"new {n}", os="new") for n, item in enumerate(items[:60])]
        gone = [item for item in items[200:] if item.parent is not None]
        without = {item.id for item in gone}
        cut = [one for n, one in enumerate(links) if n < 30 or without & {one.subject, one.object}]
        revise(store, updated=list(zip(items, renamed, strict=False)), retired=gone, links_retired=cut)
        now = [*renamed, *(i for i in items[60:] if i.id not in without)]
        left = [one for one in links if one not in cut]

        with store.view() as view:
            for n, query in enumerate(questions(items, 5, self.queries)):
                assert ids(view.find(query, limit=1000).items) == answer(now, left, query), str(query)
                if n % 8 == 0:
                    page = view.find(query, at=1, limit=1000)
                    wanted = answer(items, links, query)
                    assert (ids(page.items), page.total) == (wanted, len(wanted)), str(query)

    def test_pages_give_every_answer_once_and_in_order(self, store: Store) -> None:
        items, links = estate(11)
        twins = [package(item, "twin") for item in items[:20]]
        revise(store, created=[*items, *twins], links=links)
        revise(store, created=[host("later")])

        with store.view() as view:
            for text in ("", "class:Host", "-class:Host", "has:os_family debian", "rel:RUNS_ON", "name:twin"):
                query = parse(text)
                wanted = answer([*items, *twins], links, query)
                for limit in (1, 7, 1000) if len(wanted) < 50 else (40, len(wanted)):
                    found, totals = pages(view, query, limit, at=1)
                    assert found == wanted, (text, limit)
                    assert set(totals) == {len(wanted)}
                    later, _ = pages(view, query, limit)
                    assert [i for i in later if i in set(wanted)] == wanted, (text, limit)

    def test_order_is_by_code_point_and_not_by_utf16(self, store: Store) -> None:
        names = [
            "\U00010000",
            "\uffff",
            "\ue000",
            "\ud7ff",
            "z",
            "a",
            "\U0010ffff",
            "\uffff\U00010000",
            "\U00010000\uffff",
        ]
        revise(store, created=[host(name) for name in names])

        with store.view() as view:
            found, _ = pages(view, parse("class:Host"), 1)
            by_id = view.items(found)
            assert [by_id[i].name for i in found] == sorted(names)
            above = view.find(Query((FieldTerm("name", ">", "\uffff"),), ""))
            assert [item.name for item in above.items] == [n for n in sorted(names) if n > "\uffff"]

    def test_a_page_without_room_tells_the_total(self, store: Store) -> None:
        revise(store, created=[host(f"web{n}") for n in range(3)])

        with store.view() as view:
            page = view.find(parse("web"), limit=0)
            assert (page.items, page.total) == ([], 3)

    def test_totals_beyond_the_limit_are_unknown(self, store: Store) -> None:
        web = host()
        revise(store, created=[web, *(package(web, f"p{n}") for n in range(COUNTED + 1))])

        with store.view() as view:
            assert view.find(parse("class:SoftwarePackage"), limit=2).total is None
            assert view.find(parse("manager:dpkg"), limit=2).total is None
            assert view.find(parse("name:p1*"), limit=2).total == 1 + 10 + 100 + 1

    def test_search_follows_every_change(self, store: Store) -> None:
        web = host("web01", os="debian", os_family=["linux"], cpu_count=2)
        revise(store, created=[web])
        new = changed(web, os="rhel", os_family=[], cpu_count=None, name="web02", kernel="K")
        revise(store, updated=[(web, new)])

        def found(text: str) -> bool:
            with store.view() as view:
                return bool(view.find(parse(text)).items)

        for text in ("os:debian", "debian", "linux", "cpu_count:2", "has:cpu_count", "web01"):
            assert not found(text)
        for text in ("os:rhel", "rhel", "name:web02", "has:os_family", "kernel:k"):
            assert found(text)
        revise(store, retired=[new])
        assert not found("os:rhel")
        assert not found("")

    def test_a_cursor_of_another_kind_is_refused(self, store: Store) -> None:
        with store.view() as view, pytest.raises(UsageError, match="cursor"):
            view.find(parse(""), after="nonsense")

    def test_every_word_of_a_very_long_text_is_found(self, store: Store) -> None:
        words = [f"{n:04} {'word' * 20} {n:04}x" for n in range(900)]
        revise(store, created=[host("web01", resolvers=words), host("web02")])

        with store.view() as view:
            for text in ("0000x", "0451x", "0899x", "resolvers:0899*", f'resolvers:"{words[700]}"', "-web02"):
                assert [i.name for i in view.find(parse(text)).items] == ["web01"], text
            assert [i.name for i in view.find(parse("-0899x")).items] == ["web02"]

    def test_very_long_names_stand_in_their_place(self, store: Store) -> None:
        names = [
            start + end for start in ("x" * 700, "x" * 599, "\U0001f600" * 900, "") for end in ("", "a", "\uffff", "b")
        ]
        names = sorted(name for name in names if name)
        revise(store, created=[host(name) for name in names])

        with store.view() as view:
            found, _ = pages(view, parse(""), 2)
            by_id = view.items(found)
            assert [by_id[i].name for i in found] == names
