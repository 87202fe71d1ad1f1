"""What of an inventory was not used."""

from __future__ import annotations

from collector.inventory.listed import Ignored


def test_a_matter_is_told_once_with_its_first_place_and_how_often() -> None:
    ignored = Ignored()
    ignored.add("ansible_host is a template", "hosts line 3")
    ignored.add("a is no text", "hosts line 4")
    ignored.add("ansible_host is a template", "hosts line 5")

    assert ignored.lines() == [
        "hosts line 3: ansible_host is a template (2 times in all).",
        "hosts line 4: a is no text.",
    ]
