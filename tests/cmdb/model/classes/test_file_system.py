"""FileSystem as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.file_system import FileSystem
from tests.cmdb.model.classes.declared import check


def test_a_file_system_is_known_by_where_it_is_mounted() -> None:
    made = FileSystem(mount_point="/srv/a b")

    check(made)
    assert made.local_key() == "/srv/a b"
    assert CLASSES["FileSystem"].parents == ("Host", "NetworkDevice")
