"""Whatever a host is called, what leaves a fact is valid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.valid import valid
from cmdb.model.classes import CLASSES
from cmdb.model.classes.config_file import ConfigFile
from cmdb.model.classes.endpoint import Endpoint
from cmdb.model.classes.local_group import LocalGroup
from cmdb.model.classes.service_setting import ServiceSetting
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.declaration import SUBJECT, Relation
from cmdb.model.values import MAX_INDEXED_BYTES, problem

texts = st.text(alphabet=st.characters(), max_size=50) | st.sampled_from(
    ["\udcff", "\0", "e\u0301", "x" * 5000, "/" * 3000]
)


@given(name=texts.filter(bool), members=st.lists(texts, max_size=5))
def test_texts_become_valid(name: str, members: list[str]) -> None:
    [item], _ = valid([LocalGroup(name=name, gid=1, members=members)])

    for attribute, value in item.attributes().items():
        assert problem(value, CLASSES["LocalGroup"].attributes[attribute].type) == ""


@given(st.lists(texts.filter(bool), min_size=3, max_size=3))
def test_a_key_fits_into_an_index(parts: list[str]) -> None:
    [item], _ = valid([ServiceSetting(service=parts[0], scope=parts[1], name=parts[2], values=[])])

    assert len(item.local_key().encode()) <= MAX_INDEXED_BYTES


def test_long_keys_that_differ_stay_different() -> None:
    items, _ = valid([ConfigFile(path="/" + "x" * 4000 + end) for end in "ab"])

    assert len({i.local_key() for i in items}) == 2


def test_references_follow_the_keys_that_they_name() -> None:
    software = SoftwareInstance(instance="exe e\u0301" + "y" * 5000)
    endpoint = Endpoint(protocol="tcp", address="0.0.0.0", port=80)

    items, [relation] = valid([software, endpoint, Relation("EXPOSES", software.ref(), endpoint.ref())])

    assert [relation.subject, relation.object] == [i.ref() for i in items]


def test_the_subject_and_addresses_are_references_too() -> None:
    address = {"address": "10.0.0.1", "protocol": "tcp", "port": 53}

    _, [relation] = valid([Relation("DEPENDS_ON", SUBJECT, address, {"why": "a\0b"})])

    assert (relation.subject, relation.object, relation.attributes) == (SUBJECT, address, {"why": "a\u2400b"})


def test_the_same_item_twice_is_one() -> None:
    items, _ = valid([LocalGroup(name="a", gid=1), LocalGroup(name="a", gid=1)])

    assert len(items) == 1


def test_two_items_with_one_key_are_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match="LocalGroup 'a'"):
        valid([LocalGroup(name="a", gid=1), LocalGroup(name="a", gid=2)])


def test_lists_are_sorted_and_distinct() -> None:
    [item], _ = valid([LocalGroup(name="a", members=["b", "a", "b"])])

    assert item.attributes()["members"] == ["a", "b"]


def test_an_item_without_its_key_is_an_error() -> None:
    with pytest.raises(ValueError, match="needs name"):
        valid([LocalGroup(gid=1)])


def test_the_same_relation_twice_is_one() -> None:
    once = Relation("DEPENDS_ON", SUBJECT, {"address": "10.0.0.1"}, {"why": "resolver"})
    other = Relation("DEPENDS_ON", SUBJECT, {"address": "10.0.0.2"}, {"why": "resolver"})

    assert valid([once, other, once])[1] == [once, other]
