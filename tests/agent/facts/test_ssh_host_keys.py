"""SSH host keys by their fingerprints."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from agent.fact import Content, Failed, Files, Missing, NotApplicable, ParseError
from agent.facts import ssh_host_keys
from agent.facts.ssh_host_keys import parse
from tests.agent.supplied import attributes, made, pass_over, recorded, run

USUAL = Files("/etc/ssh/ssh_host_*_key.pub")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKy8J7mo14SNKZYIpFCDVmTIYyNNQ+m64wRG7zpyTkUa root@host1\n"


def test_the_recorded_keys() -> None:
    outcome, marks = pass_over(ssh_host_keys, recorded("debian12-user"))

    keys = attributes(outcome)["ssh_host_keys"]
    assert isinstance(keys, list)
    assert [str(k).split()[0] for k in keys] == ["ecdsa-sha2-nistp256", "ssh-ed25519", "ssh-rsa"]
    assert marks == {"ssh_host_keys": sorted(str(k).split()[1] for k in keys)}


def test_a_fingerprint_is_what_ssh_keygen_prints(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(KEY)
    assert shutil.which("ssh-keygen"), "apt-get install openssh-client"
    printed = subprocess.run(
        ["ssh-keygen", "-lf", str(tmp_path / "key.pub")], capture_output=True, text=True, check=True
    )

    assert parse(KEY).split()[1] == printed.stdout.split()[1]


def test_keys_that_the_configuration_names_stand_for_the_usual_ones() -> None:
    shell = made(
        {
            USUAL: {"/etc/ssh/ssh_host_rsa_key.pub": Content(b"leftover")},
            "/etc/ssh/sshd_config": '#HostKey /no\nhostkey "/srv/keys/ed"\nHostKey=/etc/ssh/none\n',
            "/srv/keys/ed.pub": KEY,
        }
    )

    assert attributes(run(ssh_host_keys, shell))["ssh_host_keys"] == [parse(KEY)]


def test_a_host_without_keys_has_none_to_tell() -> None:
    assert isinstance(run(ssh_host_keys, made({})), NotApplicable)


def test_a_key_that_cannot_be_read_fails_the_section() -> None:
    shell = made({USUAL: {"/etc/ssh/ssh_host_a_key.pub": Missing("denied", "may not be read; run as root")}})

    assert run(ssh_host_keys, shell) == Failed("may not be read; run as root")


@pytest.mark.parametrize(
    "text", ["", "ssh-rsa", "ssh-rsa !!!", "ssh-rsa AAAA", KEY.replace("ed25519", "rsa", 1), KEY[:40]]
)
def test_a_text_that_is_no_key_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="no public key"):
        parse(text)


def test_a_truncated_file_fails_the_section_and_is_named() -> None:
    outcome = run(ssh_host_keys, made({USUAL: {"/etc/ssh/ssh_host_a_key.pub": Content(b"ssh-rsa AA")}}))

    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith("/etc/ssh/ssh_host_a_key.pub: ")


def test_a_private_key_in_the_place_of_a_public_one_is_not_quoted() -> None:
    private = "-----BEGIN OPENSSH PRIVATE KEY-----\nTr0ub4dor\n"

    outcome = run(ssh_host_keys, made({USUAL: {"/etc/ssh/ssh_host_rsa_key.pub": Content(private.encode())}}))

    assert outcome == Failed("/etc/ssh/ssh_host_rsa_key.pub: no public key in 46 characters")
