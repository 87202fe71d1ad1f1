from __future__ import annotations

from pathlib import Path

from collector.login import KeyFile, Login
from collector.secret import Secret


def test_a_login_shows_no_secret() -> None:
    login = Login(
        "ops",
        "root",
        keys=(KeyFile(Path("/keys/id"), Secret("hush-passphrase")),),
        password=Secret("hush-password"),
        keyboard_interactive=Secret("hush-answer"),
        sudo=Secret("hush-sudo"),
    )

    assert "hush" not in f"{login!r} {login}"


def test_methods_come_in_the_order_in_which_they_are_tried() -> None:
    assert Login("ops", "root").methods == ()
    assert Login("ops", "root", use_agent=True).methods == ("publickey",)
    assert Login("ops", "root", password=Secret("x"), keyboard_interactive=Secret("x")).methods == (
        "password",
        "keyboard-interactive",
    )
