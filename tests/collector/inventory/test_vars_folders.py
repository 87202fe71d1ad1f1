"""Variables of hosts with those of the folders beside the inventory, as ansible-inventory tells them.

tests/recordings/ansible: expected.json is what `ansible-inventory -i FILE --list` of ansible-core 2.19.14 says of the
variables that are compared here.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cmdb.model.errors import UsageError
from collector.inventory import ansible_ini, ansible_yaml, vars_folders
from collector.inventory.groups import ALL
from collector.inventory.listed import Ignored
from collector.inventory.vars_folders import VarsFolder, joined


@pytest.mark.parametrize("form", ["ini", "yaml"])
def test_every_variable_is_the_one_that_ansible_takes(form: str, root: Path) -> None:
    folder = root / "tests/recordings/ansible" / form
    expected = json.loads((folder / "expected.json").read_text())
    compared = {name for variables in expected.values() for name in variables}
    if form == "ini":
        groups = ansible_ini.parse((folder / "hosts").read_text(), "hosts")
    else:
        groups = ansible_yaml.parse((folder / "hosts.yml").read_text(), "hosts.yml", Ignored())

    found = {
        host: {name: written.value for name, written in variables.items() if name in compared}
        for host, _, variables in joined(groups, folder, ALL, Ignored())
    }

    assert found == expected


def test_a_variable_says_where_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "host_vars" / "web").mkdir(parents=True)
    (tmp_path / "host_vars" / "web" / "way.yml").write_text("ansible_port: 2222\n")

    found = VarsFolder(tmp_path / "host_vars", Ignored(), tmp_path).variables("web")

    assert {name: (one.value, one.where) for name, one in found.items()} == {
        "ansible_port": ("2222", "host_vars/web/way.yml")
    }


def test_what_is_encrypted_is_left_and_told(tmp_path: Path) -> None:
    (tmp_path / "web.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    ignored = Ignored()

    assert VarsFolder(tmp_path, ignored, tmp_path).variables("web") == {}
    assert ignored.lines() == ["web.yml: the file is encrypted, and not decrypted."]


def test_names_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text("ansible_port: 1\n")
    (tmp_path / "host_vars").mkdir()
    folder = VarsFolder(tmp_path / "host_vars", Ignored(), tmp_path)

    assert [folder.variables(name) for name in ("../secret", "..", ".", "")] == [{}, {}, {}, {}]


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "web.yml").write_text("a: [\n")

    with pytest.raises(UsageError, match=r"web\.yml: Line 2 is no YAML"):
        VarsFolder(tmp_path, Ignored(), tmp_path).variables("web")


def test_folders_and_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "again").symlink_to(".")
    with pytest.raises(UsageError, match="nested deeper than 10 folders"):
        VarsFolder(tmp_path, Ignored(), tmp_path).variables("web")

    monkeypatch.setattr(vars_folders, "MOST_FILES", 1)
    (tmp_path / "a.yml").write_text("")
    (tmp_path / "b.yml").write_text("")
    folder = VarsFolder(tmp_path, Ignored(), tmp_path)
    folder.variables("a")
    with pytest.raises(UsageError, match="more than 1 files"):
        folder.variables("b")
