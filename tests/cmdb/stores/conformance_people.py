"""What people say, on every store: edits in one revision, beside what other sources claim."""

from __future__ import annotations

import random
from typing import Any

import pytest

from cmdb.attribute_register import declare, remove
from cmdb.by_hand import restore, retire
from cmdb.chain import verify_chain
from cmdb.edit import Words, edit
from cmdb.merging import merge
from cmdb.model.errors import ConflictError, UsageError
from cmdb.model.people import said
from cmdb.model.query_language import parse
from cmdb.model.text import tokens
from cmdb.model.times import SECOND
from cmdb.model.vocabulary import Vocabulary
from cmdb.ports import Store
from cmdb.query import find
from cmdb.splitting import split
from cmdb.taking import Sender
from tests.cmdb.building import START, Receiver, Reporter, packages, raw, receiver, software, system
from tests.cmdb.stores.building import host, revise
from tests.cmdb.stores.conformance_find import answer, pages, strings


def estate(store: Store) -> Receiver:
    """Two hosts, one of which runs a web server."""
    one = Receiver(store)
    one.take(Reporter("web").batch(system("web", os="debian"), software("nginx:80"), packages("curl")))
    one.take(Reporter("db").batch(system("db", os="debian")))
    return one


def say(one: Receiver, query: str, reason: str = "as agreed", unset: Any = (), **parts: Any) -> dict[str, Any]:
    """Edit; `parts` are values by attribute, and options of `edit` and Words that begin with "_"."""
    options = {name[1:]: parts.pop(name) for name in list(parts) if name.startswith("_")}
    words = Words(parts, unset, options.pop("tags", ()), options.pop("untagged", ()))
    drawn: dict[str, Any] = {"clock": lambda: START + one.now * SECOND, "randomness": one.random}
    return edit(one.store, query, words, "os:ann", reason, **drawn, **options)


OWN = {"amount": "integer", "billed": "boolean", "contract": "string", "sites": "list"}
"""Own attributes of Host of every type, by name."""


def later() -> int:
    return START + 100 * 86_400 * SECOND


def declared(one: Receiver) -> None:
    for name, type_name in OWN.items():
        declare(one.store, "Host", name, type_name, "", "os:ann", "needed", lambda: START, one.random)


class People:
    """Promises of people's words."""

    def test_own_attributes_of_every_type_are_found_like_any_other(self, store: Store) -> None:
        pick = random.Random(11)
        texts = strings(24, 5)
        makes: dict[str, Any] = {
            "amount": lambda: pick.choice((-5, 0, 42, 2**53 - 1)),
            "billed": lambda: pick.random() < 0.5,
            "contract": lambda: pick.choice(texts),
            "sites": lambda: sorted(set(pick.sample(texts, pick.randint(0, 3)))),
        }
        items = [
            host(f"web{n}", **{name: make() for name, make in makes.items() if pick.random() < 0.7}) for n in range(40)
        ]
        revise(store, created=items)
        own = {
            name: said(name, type_name, "A thing.")
            for name, type_name in zip(OWN, ("int", "bool", "str", "list[str]"), strict=True)
        }
        quoted = ['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts]
        asked = [f"{sign}has:{name}" for name in OWN for sign in ("", "-")]
        asked += [f"amount:{sign}42" for sign in ("", ">", "<", ">=", "<=")] + ["billed:true", "-billed:false"]
        asked += [
            f"{name}:{value}{star}" for name in ("contract", "sites") for value in quoted[:8] for star in ("", "*")
        ]
        asked += [f"contract:{sign}{value}" for value in quoted[8:12] for sign in ("<", ">=")]
        asked += [" ".join(tokens(text)[:1]) for text in texts[:8] if tokens(text)]

        for text in asked:
            query = parse(text, Vocabulary({"Host": own}))
            with store.view() as view:
                found, _ = pages(view, query, 7)
            assert found == answer(items, [], query), text

    def test_an_own_attribute_has_a_past_a_precedence_and_an_end(self, store: Store) -> None:
        one = estate(store)
        declared(one)
        born = one.head()
        say(one, "class:Host", amount="42", billed="yes", contract="K-1", sites="b,a")
        sheet = Reporter("web", source="sheet", route="import")
        row = {"class": "Host", "attributes": {"amount": 7, "contract": "K-2"}}
        body = raw("sheet", {"items": [row], "relations": []}, ["Host"])
        one.take(sheet.batch(body, at=10), Sender("os:ann", None, "import"))
        has = {"amount": 42, "billed": True, "contract": "K-1", "sites": ["a", "b"]}

        assert {n: v for n, v in one.one("name:web class:Host").attributes.items() if n in OWN} == has
        with store.view() as view:
            assert find(view, "amount:>41 sites:b")["total"] == 2
            assert find(view, "amount:>41", born)["total"] == 0
            with pytest.raises(UsageError, match="no field 'amount'"):
                find(view, "amount:>41", born - 4)
        remove(store, "Host", "amount", "os:ann", "a mistake", lambda: START, one.random)
        gone = one.head()

        assert "amount" not in one.one("name:web class:Host").attributes
        with store.view() as view:
            assert find(view, "amount:42", gone - 1)["total"] == 2
            with pytest.raises(UsageError, match="no field 'amount'"):
                find(view, "amount:42")
        declare(store, "Host", "amount", "integer", "", "os:ann", "after all", lambda: START, one.random)
        one.take(sheet.batch(body, at=20), Sender("os:ann", None, "import"))
        assert one.one("name:web class:Host").attributes["amount"] == 7
        one.sound()

    def test_what_comes_back_has_no_value_of_an_attribute_that_was_taken_back_meanwhile(self, store: Store) -> None:
        one = estate(store)
        declared(one)
        say(one, "class:Host", amount="42", contract="K-1")
        web, db = (one.one(f"name:{name} class:Host").id for name in ("web", "db"))
        merge(store, web, db, "os:ann", "one machine", later, one.random)
        with store.transaction() as tx:
            retire(tx, web, "os:ann", "scrapped", later, one.random)
        remove(store, "Host", "amount", "os:ann", "a mistake", later, one.random)

        with store.transaction() as tx:
            restore(tx, web, "os:ann", "not scrapped", later, one.random)
        split(store, web, "os:ann", "two after all", (), later, one.random)

        for id_ in (web, db):
            with store.view() as view:
                attributes = view.items([id_])[id_].attributes
                claimed = [name for claim in view.claims([id_]) for name in claim.attributes]
            assert (attributes.get("contract"), "amount" in attributes, "amount" in claimed) == ("K-1", False, False)
        one.sound()

    def test_an_own_attribute_is_written_by_people_and_imports_alone(self, store: Store) -> None:
        one = estate(store)
        declared(one)
        row = {"class": "Host", "attributes": {"amount": 7}}
        section = raw("more", {"items": [row], "relations": []}, ["Host"])

        receipt = one.take(Reporter("web", sequence=5).batch(section), Sender("agent", None, "agent"))

        assert [line["outcome"] for line in receipt["sections"]] == ["refused"]
        assert one.names("class:Host name:web") == ["web"]
        for class_name, value in (("Host", {"amount": "seven"}), ("Subnet", {"amount": 7})):
            row = {"class": class_name, "attributes": value}
            section = raw("more", {"items": [row], "relations": []}, [class_name])
            receipt = one.take(
                Reporter("web", source="sheet", route="import").batch(section), Sender("a", None, "import")
            )
            assert [line["outcome"] for line in receipt["sections"]] == ["refused"]

    def test_two_stores_of_one_process_have_their_own(self, store: Store) -> None:
        one = estate(store)
        declared(one)

        with receiver() as other, other.view() as view, pytest.raises(UsageError, match="no field 'amount'"):
            find(view, "amount:42")

    def test_an_edit_is_one_revision_with_actor_and_reason(self, store: Store) -> None:
        one = estate(store)

        done = say(one, "class:Host", owner="web team", lifecycle="In use", reason="handed over")

        assert (done["matched"], done["changed"], done["revision"]) == (2, 2, one.head())
        with store.view() as view:
            revision = view.revision(one.head())
            assert revision is not None
            assert (revision.kind, revision.actor, revision.cause) == ("edit", "os:ann", "handed over")
        assert one.names('owner:"web team" lifecycle:"in use"') == ["db", "web"]
        assert one.names("has:owner", at=one.head() - 1) == []
        one.sound()

    def test_discovery_and_people_do_not_disturb_each_other(self, store: Store) -> None:
        one = estate(store)
        say(one, "name:web class:Host", owner="ann")
        agent = Reporter("web", sequence=1)

        one.take(agent.batch(system("web", os="alma"), software("nginx:80"), packages("curl"), at=90))
        say(one, "name:nginx class:SoftwareInstance", criticality="high")
        one.take(agent.batch(system("web", os="alma"), software("nginx:81"), packages("curl"), at=180))

        assert one.one("name:web class:Host").attributes == {"name": "web", "os": "alma", "owner": "ann"}
        assert one.one("class:SoftwareInstance").attributes["criticality"] == "high"
        one.sound()

    def test_what_is_gone_goes_though_people_said_something_of_it(self, store: Store) -> None:
        one = estate(store)
        say(one, "name:nginx class:SoftwareInstance", owner="ann")

        one.take(Reporter("web", sequence=1).batch(system("web", os="debian"), software(), packages("curl"), at=90))

        assert one.names("class:SoftwareInstance") == []
        one.sound()

    def test_saying_it_again_writes_nothing_and_taking_it_back_undoes_it(self, store: Store) -> None:
        one = estate(store)
        before = one.natural()
        say(one, "class:Host", environment="test")
        number = one.head()

        again = say(one, "class:Host", environment="test")
        assert (again["changed"], again["revision"], one.head()) == (0, None, number)
        back = say(one, "class:Host", unset=["environment"])

        assert [row["changes"] for row in back["items"]] == [
            [{"attribute": "environment", "before": "test", "after": None}]
        ] * 2
        assert one.natural() == before

    def test_an_import_fills_what_people_do_not_say(self, store: Store) -> None:
        one = estate(store)
        host = {"class": "Host", "attributes": {"owner": "sheet", "location": "r1"}}
        imported = Reporter("web", source="sheet", route="import")
        one.take(imported.batch(raw("sheet", {"items": [host], "relations": []}, ["Host"]), at=10))
        assert one.one("name:web class:Host").attributes["owner"] == "sheet"

        shown = say(one, "name:web class:Host", owner="ann", _dry_run=True)
        assert shown["items"][0]["changes"] == [{"attribute": "owner", "before": "sheet", "after": "ann"}]
        say(one, "name:web class:Host", owner="ann")
        back = say(one, "name:web class:Host", unset=["owner"])

        assert back["items"][0]["changes"] == [{"attribute": "owner", "before": "ann", "after": "sheet"}]
        assert one.one("name:web class:Host").attributes["location"] == "r1"

    def test_a_word_that_agrees_with_an_import_is_kept_without_a_revision(self, store: Store) -> None:
        one = estate(store)
        sheet = Reporter("web", source="sheet", route="import")
        host = {"class": "Host", "attributes": {"owner": "ann"}}
        one.take(sheet.batch(raw("sheet", {"items": [host], "relations": []}, ["Host"]), at=10))
        number = one.head()

        assert say(one, "name:web class:Host", owner="ann")["revision"] is None
        assert one.head() == number
        host["attributes"] = {"owner": "bob"}
        one.take(sheet.batch(raw("sheet", {"items": [host], "relations": []}, ["Host"]), at=20))

        assert one.one("name:web class:Host").attributes["owner"] == "ann"

    def test_tags_come_and_go_one_by_one(self, store: Store) -> None:
        one = estate(store)
        say(one, "class:Host", _tags=["pci", "dmz"])
        say(one, "name:web class:Host", _tags=["old"], _untagged=["dmz"])

        assert one.names("tag:pci") == ["db", "web"]
        assert (one.names("tag:dmz"), one.names("tag:old")) == (["db"], ["web"])
        say(one, "tag:pci", _untagged=["pci", "dmz", "old"])
        assert one.names("has:tag") == []
        assert one.names("tag:dmz", at=one.head() - 1) == ["db"]

    def test_a_dry_run_shows_what_the_edit_does_and_writes_nothing(self, store: Store) -> None:
        one = estate(store)
        number = one.head()

        shown = say(one, "class:Host", owner="ann", _dry_run=True)
        assert (shown["dry_run"], shown["revision"], one.head()) == (True, None, number)
        done = say(one, "class:Host", owner="ann", _expect=shown["digest"])

        assert done["items"] == shown["items"]
        assert done["digest"] == shown["digest"]

    def test_what_would_do_something_else_than_was_shown_is_refused(self, store: Store) -> None:
        one = estate(store)
        shown = say(one, "class:Host", owner="ann", _dry_run=True)
        say(one, "name:db class:Host", owner="bob")

        with pytest.raises(ConflictError, match="Look again"):
            say(one, "class:Host", owner="ann", _expect=shown["digest"])

        assert one.names("owner:ann") == []

    @pytest.mark.parametrize(
        ("query", "values", "words"),
        [
            ("class:Host", {"os": "debian"}, "found out by discovery"),
            ("class:Host", {"colour": "red"}, "attribute add"),
            ("in:ID", {"owner": "ann"}, "-class:SoftwarePackage"),
            ("", {"owner": "ann"}, "empty query"),
            ("class:Host name:nobody", {"owner": "ann"}, "Nothing matches"),
            ("class:Host", {"lifecycle": "gone"}, "planned, ordered"),
            ("class:Host", {}, "Nothing is said"),
        ],
    )
    def test_what_people_may_not_say_is_refused_whole(
        self, store: Store, query: str, values: dict[str, Any], words: str
    ) -> None:
        one = estate(store)
        number = one.head()

        with pytest.raises(UsageError, match=words):
            say(one, query.replace("ID", one.one("name:web class:Host").id), **values)

        assert one.head() == number
        with store.view() as view:
            assert list(verify_chain(view)) == []
