"""Settings of the SSH server, as sshd would read them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from agent.fact import Collected, Content, Failed, Files, Missing, NotApplicable, ParseError
from agent.facts import sshd
from agent.facts.sshd import parse
from tests.agent.supplied import made, recorded, run

MAIN = "/etc/ssh/sshd_config"
USUAL = Files("/etc/ssh/sshd_config.d/*.conf")


def settings(main: str, **included: dict[str, str]) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(s.scope, s.name): s.values for s in parse(main, included)}


def test_the_recorded_settings() -> None:
    outcome = run(sshd, recorded("debian12-root"))

    assert isinstance(outcome, Collected)
    found = {str(i.attributes()["name"]): i.attributes()["values"] for i in outcome.items}
    assert found == {
        "acceptenv": ["LANG", "LC_*"],
        "kbdinteractiveauthentication": ["no"],
        "printmotd": ["no"],
        "subsystem": ["sftp /usr/lib/openssh/sftp-server"],
        "usepam": ["yes"],
        "x11forwarding": ["yes"],
    }
    assert outcome.items[0].attributes()["origin"] == MAIN


def test_the_first_value_counts_and_keywords_have_no_case() -> None:
    assert settings("permitrootlogin no\nPermitRootLogin yes\n") == {("global", "permitrootlogin"): ("no",)}


def test_some_keywords_add_up() -> None:
    found = settings("Port 22\nPort 2222\nAllowUsers a b\nallowusers c\nListenAddress ::\nListenAddress 0.0.0.0\n")

    assert found[("global", "port")] == ("22", "2222")
    assert found[("global", "allowusers")] == ("a", "b", "c")
    assert found[("global", "listenaddress")] == ("::", "0.0.0.0")


def test_quotes_equals_signs_comments_and_odd_space() -> None:
    found = settings('  Banner="/etc/issue net"\t# why\nPort\t = 22\r\n#Port 23\n\nCiphers a,b\n\tMaxAuthTries 3')

    assert found == {
        ("global", "banner"): ("/etc/issue net",),
        ("global", "port"): ("22",),
        ("global", "ciphers"): ("a,b",),
        ("global", "maxauthtries"): ("3",),
    }


def test_a_match_block_is_a_scope_of_its_own() -> None:
    found = settings(
        "X11Forwarding yes\nMatch User bob  Address 10.0.0.0/8\nX11Forwarding no\nMatch all\nBanner none\n"
    )

    assert found == {
        ("global", "x11forwarding"): ("yes",),
        ("User bob Address 10.0.0.0/8", "x11forwarding"): ("no",),
        ("all", "banner"): ("none",),
    }


def test_included_files_are_read_in_place_and_in_order() -> None:
    outcome = run(
        sshd,
        made(
            {
                MAIN: "Include /etc/ssh/sshd_config.d/*.conf\nPort 22\nPermitRootLogin yes\n",
                USUAL: {
                    "/etc/ssh/sshd_config.d/b.conf": Content(b"PermitRootLogin no\n"),
                    "/etc/ssh/sshd_config.d/a.conf": Content(
                        b"PermitRootLogin prohibit-password\nMatch User x\nBanner none\n"
                    ),
                },
            }
        ),
    )

    assert isinstance(outcome, Collected)
    found = {(str(i.attributes()["scope"]), str(i.attributes()["name"])): i.attributes() for i in outcome.items}
    assert found[("global", "permitrootlogin")]["values"] == ["prohibit-password"]
    assert found[("global", "permitrootlogin")]["origin"] == "/etc/ssh/sshd_config.d/a.conf"
    assert ("User x", "banner") in found
    assert ("global", "port") in found  # the Match block of an included file ends with it


def test_files_included_from_elsewhere_and_by_included_ones_are_followed() -> None:
    outcome = run(
        sshd,
        made(
            {
                MAIN: "Include extra/*.conf\n",
                Files("/etc/ssh/extra/*.conf"): {"/etc/ssh/extra/a.conf": Content(b"Include /srv/b\n")},
                Files("/srv/b"): {"/srv/b": Content(b"Port 2022\n")},
            }
        ),
    )

    assert isinstance(outcome, Collected)
    assert [i.attributes()["values"] for i in outcome.items] == [["2022"]]


def test_a_folder_that_is_not_included_does_not_count() -> None:
    outcome = run(sshd, made({MAIN: "Port 22\n", USUAL: {"/etc/ssh/sshd_config.d/a.conf": Content(b"Banner none\n")}}))

    assert isinstance(outcome, Collected)
    assert len(outcome.items) == 1


def test_an_included_file_that_may_not_be_read_fails_the_section() -> None:
    denied = {"/etc/ssh/sshd_config.d/a.conf": Missing("denied", "a.conf may not be read; run as root")}

    outcome = run(sshd, made({MAIN: "Include /etc/ssh/sshd_config.d/*.conf\n", USUAL: denied}, "user"))

    assert outcome == Failed("a.conf may not be read; run as root")


def test_includes_that_go_in_circles_end() -> None:
    with pytest.raises(ParseError, match="deeper than"):
        parse("Include /a\n", {"/a": {"/a": "Include /a\n"}})


def test_secrets_in_values_are_masked() -> None:
    outcome = run(sshd, made({MAIN: "SetEnv API_TOKEN=abc LANG=C\n"}))

    assert "abc" not in str(outcome)
    assert isinstance(outcome, Collected)


@pytest.mark.parametrize(
    ("text", "word"), [("Port\n", "Port"), ('PermitRootLogin yes\nBanner "x\n', "quote"), ("Port 22\nPass", "Pass")]
)
def test_a_truncated_file_is_an_error_that_names_the_keyword(text: str, word: str) -> None:
    with pytest.raises(ParseError, match=word):
        parse(text, {})


def test_a_host_without_sshd_has_nothing_to_tell() -> None:
    assert isinstance(run(sshd, made({})), NotApplicable)


def test_an_empty_configuration_is_all_defaults() -> None:
    assert run(sshd, made({MAIN: ""})) == Collected([], [])


def test_sshd_itself_reads_the_same_values(tmp_path: Path) -> None:
    program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    assert program, "apt-get install openssh-server"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    config = tmp_path / "config"
    config.write_text(
        f"Include {tmp_path}/*.conf\nHostKey {tmp_path}/key\nPort 2022\nPort 2023\nX11Forwarding yes\n"
        'MaxAuthTries = 4\nBanner "/etc/issue" # shown\nMatch User bob\nX11Forwarding no\n'
    )
    (tmp_path / "a.conf").write_text("PermitRootLogin no\nMaxAuthTries 3\n")
    Path("/run/sshd").mkdir(exist_ok=True)
    done = subprocess.run([program, "-T", "-f", str(config)], capture_output=True, text=True, check=True)
    lines = [line.split(" ", 1) for line in done.stdout.splitlines()]
    effective = {name: [v for n, v in lines if n == name] for name, _ in lines}

    ours = parse(config.read_text(), {f"{tmp_path}/*.conf": {f"{tmp_path}/a.conf": (tmp_path / "a.conf").read_text()}})

    for setting in ours:
        if setting.scope == "global":
            assert list(setting.values) == effective[setting.name], setting


def test_a_secret_in_a_condition_or_an_unfinished_line_is_not_shown() -> None:
    outcome = run(sshd, made({MAIN: 'Match exec "/opt/may --token Tr0ub4dor %u"\nX11Forwarding no\n'}))

    assert isinstance(outcome, Collected)
    assert outcome.items[0].attributes()["scope"] == "exec /opt/may --token *** %u"
    assert run(sshd, made({MAIN: 'SetEnv A="Tr0ub4dor\n'})) == Failed(
        f"{MAIN}:1: a quote without an end behind 'SetEnv'"
    )
