"""How a host of Ansible's is reached."""

from __future__ import annotations

import pytest

from collector.inventory.groups import Variables, Written
from collector.inventory.listed import Ignored, Listed
from collector.inventory.reach import listed
from collector.yaml_text import Tagged


def variables(**given: str | Tagged | None) -> Variables:
    return {name: Written(value, f"place of {name}") for name, value in given.items()}


def made(name: str = "web", **given: str | Tagged | None) -> tuple[Listed, list[str]]:
    ignored = Ignored()
    found = listed(name, variables(**given), "hosts line 1", ignored)
    assert found is not None
    return found, ignored.lines()


def test_everything_that_says_how_to_reach_a_host_is_taken() -> None:
    found, ignored = made(
        ansible_host="fd00::7",
        ansible_port="2222",
        ansible_user="admin",
        ansible_ssh_private_key_file="~/.ssh/id",
        ansible_ssh_common_args="-J root@j1:22,j2",
        surveymark_zone="dmz",
        surveymark_credentials="lab, old",
        ansible_connection="ansible.builtin.ssh",
    )

    assert (found.name, str(found.host), found.port, found.user, found.zone) == ("web", "fd00::7", 2222, "admin", "dmz")
    assert (found.identity_files, found.jumps) == (("~/.ssh/id",), ("root@j1:22", "j2"))
    assert (found.credentials, found.problem, ignored) == (("lab", "old"), "", [])


def test_a_host_without_an_address_is_looked_up_by_its_name() -> None:
    found, _ = made("web1.example.org")

    assert (str(found.host), found.port, found.user, found.jumps) == ("web1.example.org", None, "", None)


def test_of_two_names_of_a_variable_the_one_that_ansible_takes_counts() -> None:
    found, _ = made(ansible_ssh_host="10.0.0.2", ansible_host="10.0.0.1", ansible_ssh_port="2", ansible_port="1")

    assert (str(found.host), found.port) == ("10.0.0.2", 2)


def test_words_for_ssh_count_less_than_variables_and_the_first_of_them_most() -> None:
    found, _ = made(
        ansible_port="22", ansible_ssh_common_args="-p 23 -l admin -J j1", ansible_ssh_extra_args="-J j2 -i /k"
    )

    assert (found.port, found.user, found.jumps, found.identity_files) == (22, "admin", ("j1",), ("/k",))


def test_templates_and_encrypted_values_are_not_used_and_told_without_the_value() -> None:
    found, ignored = made(
        ansible_user="{{ hunter2 }}", ansible_port="{% if hunter2 %}", surveymark_zone=Tagged("!vault", 1),
        ansible_private_key_file=Tagged("!x", 2), surveymark_credentials=None, ansible_ssh_args="$ANSIBLE_VAULT;1.1;hunter2",
    )  # fmt: skip

    assert (found.user, found.port, found.zone, found.identity_files, found.problem) == ("", None, "", (), "")
    assert sorted(ignored) == [
        "place of ansible_port: ansible_port is a template, which is never evaluated.",
        "place of ansible_private_key_file: ansible_private_key_file has a tag, which is not evaluated.",
        "place of ansible_ssh_args: ansible_ssh_args is encrypted, and not decrypted.",
        "place of ansible_user: ansible_user is a template, which is never evaluated.",
        "place of surveymark_credentials: surveymark_credentials is no text.",
        "place of surveymark_zone: surveymark_zone is encrypted, and not decrypted.",
    ]


@pytest.mark.parametrize("value", ["{{ address }}", Tagged("!vault", 1), None, ""])
def test_where_the_address_can_not_be_read_no_other_is_guessed(value: str | Tagged | None) -> None:
    found, _ = made(ansible_host=value)

    assert found.host is None
    assert "place of ansible_host: ansible_host is" in found.problem


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ansible_host": "10.0.0.0/24"}, "is not one host"),
        ({"ansible_host": "web:22"}, "no IPv6 address"),
        ({"ansible_host": "we b"}, "neither an address"),
        ({"ansible_port": "ssh"}, "'ssh' in 'place of ansible_port' is no port"),
        ({"ansible_user": "-l x"}, "no user's name"),
        ({"ansible_ssh_common_args": "-J a/b"}, "no network"),
    ],
)
def test_what_can_not_be_reached_says_why(given: dict[str, str], words: str) -> None:
    found, _ = made(**given)

    assert found.host is None
    assert words in found.problem


def test_secrets_and_programs_are_never_used_and_told_by_name() -> None:
    _, ignored = made(
        ansible_password="hunter2", ansible_become_password="hunter2", ansible_ssh_executable="/bin/hunter2",
        ansible_ssh_common_args="-o ProxyCommand='nc hunter2' 'hunter2",
    )  # fmt: skip

    secret = "is a secret and not taken from an inventory, name a credential instead."
    assert ignored == [
        f"place of ansible_password: ansible_password {secret}",
        f"place of ansible_become_password: ansible_become_password {secret}",
        "place of ansible_ssh_executable: ansible_ssh_executable names a program, which is never run.",
        "place of ansible_ssh_common_args: ansible_ssh_common_args are no words for ssh.",
    ]


def test_a_host_that_is_not_reached_over_ssh_is_left_out_and_told() -> None:
    ignored = Ignored()

    assert listed("win", variables(ansible_connection="winrm"), "hosts line 1", ignored) is None
    assert ignored.lines() == [
        "place of ansible_connection: hosts with ansible_connection=winrm are not reached over SSH and left out."
    ]
