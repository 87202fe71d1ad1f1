"""Inventory files in whatever form."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.inventory.files import FORMS, form_of, load


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("hosts", "[web]\nweb1\n", "ini"),
        ("hosts", "web1 ansible_host=10.0.0.1\n", "ini"),
        ("hosts", "web[01:20]\n", "ini"),
        ("hosts", "# comment\nall:\n  hosts:\n    web[1:2]:\n", "yaml"),
        ("hosts", "---\n", "yaml"),
        ("hosts", '{"all": {"hosts": {}}}', "yaml"),
        ("hosts", "10.0.0.1\nweb:2222\n[2001:db8::1]:22\n!10.0.0.2\n", "plain"),
        ("hosts", "", "plain"),
        ("hosts", "name,address\nweb,10.0.0.1\n", "csv"),
        ("hosts.txt", "web[1:2]\n", "ini"),
        ("hosts.txt", "address\n", "plain"),
        ("hosts.csv", "anything\n", "csv"),
        ("hosts.YAML", "anything\n", "yaml"),
        ("hosts.ini", "10.0.0.1\n", "ini"),
    ],
)
def test_the_form_is_told_by_ending_and_content(name: str, text: str, form: str) -> None:
    assert form_of(Path(name), text) == form


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hosts", "web ansible_host=10.0.0.1\n"),
        ("hosts.yml", "all: {hosts: {web: {ansible_host: 10.0.0.1}}}\n"),
        ("hosts.csv", "name,address\nweb,10.0.0.1\n"),
    ],
)
def test_every_form_gives_the_same_host(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)

    (host,) = load(str(tmp_path / name)).hosts

    assert (host.name, str(host.host)) == ("web", "10.0.0.1")
    assert host.origin.startswith(name)


def test_one_group_is_taken_where_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("alone\n[web]\nweb1\n[db]\ndb1\n[prod:children]\nweb\n")

    assert [host.name for host in load(f"{path}:prod").hosts] == ["web1"]
    assert [host.name for host in load(f"{path}:ungrouped").hosts] == ["alone"]
    assert [host.name for host in load(str(path)).hosts] == ["alone", "web1", "db1"]
    with pytest.raises(UsageError, match="has no group 'none'"):
        load(f"{path}:none")
    path.write_text("10.0.0.1\n")
    with pytest.raises(UsageError, match="has no groups"):
        load(f"{path}:web")


def test_a_program_is_never_run(tmp_path: Path) -> None:
    path, mark = tmp_path / "hosts", tmp_path / "ran"
    path.write_text(f"#!/bin/sh\ntouch {mark}\n")
    path.chmod(0o755)

    with pytest.raises(UsageError, match=r"is a program, and inventories are never run.*ansible-inventory -i"):
        load(str(path))
    assert not mark.exists()


def test_what_can_not_be_read_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "hosts.yml"
    for text, words in (("$ANSIBLE_VAULT;1.1;AES256\n", "hosts.yml is encrypted"), ("a: [\n", "hosts.yml: Line 2")):
        path.write_text(text)
        with pytest.raises(UsageError, match=words):
            load(str(path))
    with pytest.raises(UsageError, match="nowhere can not be read"):
        load("/nowhere")


def test_what_is_not_used_is_told_once_for_all_hosts(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("web[1:3]\n[all:vars]\nansible_password=hunter2\nansible_user={{ hunter2 }}\n")

    found = load(str(tmp_path / "hosts"))

    assert found.ignored == (
        "hosts line 3: ansible_password is a secret and not taken from an inventory, name a credential instead (3 times in all).",
        "hosts line 4: ansible_user is a template, which is never evaluated (3 times in all).",
    )


@given(st.text(alphabet="ab[]:=,{}#!\n -1./'", max_size=60) | st.text(max_size=60))
def test_any_text_has_a_form_and_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any-inventory"
    path.write_text(text, errors="replace")

    assert form_of(path, text) in FORMS
    with suppress(UsageError):
        load(str(path))
