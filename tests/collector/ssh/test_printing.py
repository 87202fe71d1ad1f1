"""What is printed for people is what runs."""

from __future__ import annotations

from agent.facts import FACTS
from collector.ssh.printing import print_doas, print_script, print_sudoers


def test_the_script_stands_behind_the_command_that_it_is_given_to() -> None:
    first, second = print_script(sweep="s1").splitlines()[:2]

    assert first.startswith("# /bin/sh -c 'exec /usr/bin/env -i ")
    assert first.endswith("/bin/sh -s surveymark-sweep-s1'")
    assert second == "{"


def test_without_elevation_the_script_names_neither_sudo_nor_doas() -> None:
    text = print_script("")

    assert "/usr/bin/sudo" not in text
    assert "/usr/bin/sudo" in print_script("sudo")
    assert "/usr/bin/doas" in print_script("doas")


def test_every_line_of_sudoers_is_one_command_for_root_without_a_wildcard() -> None:
    lines = [line for line in print_sudoers("sweeper").splitlines()[1:] if not line.startswith("#")]

    assert lines
    for line in lines:
        assert line.startswith("sweeper ALL=(root) NOPASSWD: /")
        assert "*" not in line.replace("\\*", "")
        assert "/sh " not in line


def test_no_program_that_may_belong_to_another_account_is_allowed_as_root() -> None:
    for text, program in ((print_sudoers("s"), "NOPASSWD: "), (print_doas("s"), "cmd ")):
        named = [line for line in text.splitlines() if "/lldpctl" in line]
        plain = [
            line for line in named if f"{program}/usr/sbin/lldpctl" in line or f"{program}/usr/bin/lldpctl" in line
        ]
        allowed = [line for line in named if not line.startswith("#")]

        assert len(plain) == 2
        assert all(line.startswith("# ") for line in plain)
        assert allowed
        assert all("/setpriv " in line and "_lldpd" in line for line in allowed)
        assert any("belongs to _lldpd" in line for line in named)


def test_watched_patterns_of_the_settings_are_covered() -> None:
    assert "/srv/app.conf" in print_sudoers("s", ("/srv/app.conf",))
    assert "/srv/app.conf" in print_doas("s", ("/srv/app.conf",))
    assert "/etc/shadow" not in print_sudoers("s", ("/srv/app.conf",))


def test_only_what_is_looked_at_is_asked() -> None:
    text = print_script("", looked_at=[FACTS["memory"]])

    assert "dpkg-query" not in text
    assert "meminfo" in text
