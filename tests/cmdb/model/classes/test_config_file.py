"""ConfigFile as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.config_file import ConfigFile
from tests.cmdb.model.classes.declared import check


def test_a_watched_file_is_known_by_its_path_its_content_is_never_kept() -> None:
    made = ConfigFile(path="/etc/ssh/sshd_config", mode="0644")

    check(made)
    assert made.local_key() == "/etc/ssh/sshd_config"
    assert "content" not in CLASSES["ConfigFile"].attributes
