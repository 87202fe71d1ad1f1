"""Backups that somebody altered and closed again with a digest that fits: taken where they are sound, else refused by name."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdb import backup
from cmdb.model.errors import StoreError
from cmdb.portable import RECORDS
from tests.cmdb.building import START, open_store
from tests.cmdb.stores.old_stores import tell

Line = Any

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "\0", "ci", "Host", "updated", "AAAA", "RUNS_ON", "." * 3000, float("nan")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """The lines of a backup with every kind of record, the closing one left out."""
    folder = tmp_path_factory.mktemp("sound")
    with closing(open_store(folder / "cmdb.db", genesis="7" * 64)) as store:
        tell(store)
        with store.dump() as dump:
            backup.write(folder / "it.backup", dump, START)
    lines = [json.loads(line) for line in gzip.decompress((folder / "it.backup").read_bytes()).splitlines()][:-1]
    assert {line[0] for line in lines[1:]} == set(RECORDS)
    return lines


@pytest.fixture(scope="module")
def restore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[list[Line]], str]]:
    """Restores lines into an empty store; returns why they are refused, empty where they are taken."""
    folder = tmp_path_factory.mktemp("restored")
    file = folder / "it.backup"
    numbers = iter(range(10_000))
    stores = [open_store(folder / "0.db")]

    def run(lines: list[Line]) -> str:
        encoded = [json.dumps(line).encode() + b"\n" for line in lines]
        closed = {"records": len(lines) - 1, "sha256": hashlib.sha256(b"".join(encoded)).hexdigest()}
        file.write_bytes(gzip.compress(b"".join([*encoded, json.dumps(closed).encode() + b"\n"]), 1))
        try:
            kept = backup.verify(file)
            stores[-1].load(kept.birth, kept.head, backup.read(file))
        except StoreError as error:
            return error.message
        stores.append(open_store(folder / f"{next(numbers) + 1}.db"))
        return ""

    yield run
    for store in stores:
        store.close()


def record(lines: list[Line], kind: str) -> list[Any]:
    """The first record of a kind, to be altered."""
    found: list[Any] = next(line for line in lines[1:] if line[0] == kind)
    return found


def put(kind: str, field: str, value: Any) -> Callable[[list[Line]], None]:
    return lambda lines: record(lines, kind).__setitem__(1 + lines[0]["fields"][kind].index(field), value)


def again(kind: str) -> Callable[[list[Line]], None]:
    return lambda lines: lines.append(record(lines, kind))


def without(kind: str) -> Callable[[list[Line]], None]:
    return lambda lines: lines.__setitem__(slice(1, None), [line for line in lines[1:] if line[0] != kind])


def test_what_was_not_altered_is_taken(sound: list[Line], restore: Callable[[list[Line]], str]) -> None:
    assert restore(sound) == ""


@pytest.mark.parametrize(
    ("alter", "why"),
    [
        (put("ci", "class_name", "Ghost"), "class_name of a ci can not be 'Ghost'"),
        (put("ci", "attributes", {"os version": 1}), "attributes of a ci can not be"),
        (put("ci", "attributes", {"cpu_count": 1.5}), "attributes of a ci can not be"),
        (put("ci", "salt", "not base64!"), "'not base64!' is no base64"),
        (put("ci", "since", 2**63), "since of a ci can not be 9223"),
        (put("ci", "parent", "X" * 26), "does not fit together"),
        (put("link", "object", "X" * 26), "does not fit together"),
        (put("link", "type", "LOVES"), "type of a link can not be 'LOVES'"),
        (put("claim", "target", [1, 2]), "target of a claim can not be"),
        (put("revision", "did", [["ci", "eaten", "X"]]), "did of a revision can not be"),
        (put("revision", "number", None), "number of a revision can not be None"),
        (put("entry", "value", {"deep": "\ud800"}), "no line of JSON that a store can hold"),
        (put("note", "value", float("nan")), "no line of JSON that a store can hold"),
        (again("revision"), "does not fit together"),
        (again("entry"), "does not fit together"),
        (again("ci"), "does not fit together"),
        (without("ci"), "does not fit together"),
        (without("revision"), "ends with revision 0"),
        (lambda lines: lines.append(["mood", 1]), "no kind of record: 'mood'"),
        (lambda lines: lines.append([]), "no kind of record"),
        (lambda lines: lines.append(7), "no kind of record"),
        (lambda lines: lines[1].pop(), "values, and not"),
        (lambda lines: lines[0]["fields"].pop("ci"), "no kind of record: 'ci'"),
        (lambda lines: lines[0]["fields"]["ci"].remove("id"), "a ci has no id"),
        (lambda lines: lines[0]["fields"]["ci"].append("id"), "a ci has a field twice"),
        (lambda lines: lines[0].update(fields=[]), "no proper fields"),
        (lambda lines: lines[0]["fields"].update(ci=3), "no object of lists"),
        (lambda lines: lines[0].pop("genesis"), "no proper genesis"),
        (lambda lines: lines[0].update(digest_key="zz"), "no proper digest_key"),
        (lambda lines: lines[0]["head"].update(number="1"), "no proper head"),
        (lambda lines: lines[0].update(made_at=None), "no proper made_at"),
    ],
)
def test_one_that_can_not_be_is_refused_with_what_and_the_remedy(
    sound: list[Line], restore: Callable[[list[Line]], str], alter: Callable[[list[Line]], None], why: str
) -> None:
    lines = json.loads(json.dumps(sound))
    alter(lines)

    told = restore(lines)

    assert why in told
    assert "use another" in told


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_whatever_was_altered_ends_as_a_store_or_with_a_sentence(
    sound: list[Line], restore: Callable[[list[Line]], str], data: st.DataObject
) -> None:
    lines = json.loads(json.dumps(sound))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(1, len(lines) - 1))
        line = lines[place]
        match data.draw(st.sampled_from(["value", "value", "value", "drop", "again", "move", "line", "kind", "head"])):
            case "value" if isinstance(line, list) and line:
                line[data.draw(st.integers(0, len(line) - 1))] = data.draw(JSON)
            case "kind" if isinstance(line, list) and line:
                line[0] = data.draw(st.sampled_from([*RECORDS]))
            case "drop":
                del lines[place]
            case "again":
                lines.insert(data.draw(st.integers(1, len(lines))), line)
            case "move":
                lines.insert(data.draw(st.integers(1, len(lines) - 1)), lines.pop(place))
            case "line":
                lines[place] = data.draw(JSON)
            case "head":
                lines[0][data.draw(st.sampled_from([n for n in lines[0] if n != "surveymark_backup"]))] = data.draw(
                    JSON
                )

    told = restore(lines)

    assert told == "" or "use another" in told or "upgrade" in told, told
