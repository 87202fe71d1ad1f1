"""The form in which people say what they know."""

from __future__ import annotations

from api.ui import saying
from cmdb.model.people import LIFECYCLES, said
from cmdb.model.vocabulary import Vocabulary
from tests.cmdb.stores.building import host, package

OWN = Vocabulary(
    {"Host": {"billed": said("billed", "bool", "Is it paid for."), "sites": said("sites", "list[int]", "At.")}}
)
ITEM = host("web", owner="ann\nbob", billed=True, sites=[1, 2])


def test_a_field_for_each_attribute_that_only_people_tell() -> None:
    found = {field.name: field for field in saying.fields(ITEM, OWN)}

    assert set(found) == {
        "a.owner", "a.environment", "a.criticality", "a.location", "a.lifecycle", "a.tags", "a.billed", "a.sites"
    }  # fmt: skip
    assert (found["a.billed"].value, found["a.billed"].choices) == ("true", ("true", "false"))
    assert found["a.lifecycle"].choices == LIFECYCLES
    assert (found["a.sites"].value, found["a.sites"].about) == ("1, 2", "At.")
    assert saying.fields(package(ITEM, "curl"), OWN) == []


def test_a_form_says_only_what_it_says_otherwise() -> None:
    sent = {"a.owner": "annbob", "a.billed": "false", "a.sites": " ", "a.location": "r1", "a.os": "x", "other": "y"}

    assert saying.words_of(sent, ITEM, OWN) == {"set": {"location": "r1", "billed": "false"}, "unset": ["sites"]}
