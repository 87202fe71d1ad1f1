"""Logins of SNMP and what of them is weak."""

from __future__ import annotations

import pytest

from collector.secret import Secret
from collector.snmp.session import Community, User


@pytest.mark.parametrize(
    ("login", "weak"),
    [
        (Community(Secret("public")), ("snmp v2c",)),
        (User("u", "sha256", Secret("a"), "aes128", Secret("b")), ()),
        (User("u", "md5", Secret("a"), "des", Secret("b")), ("md5", "des")),
        (User("u", "sha512", Secret("a"), "aes256c", Secret("b")), ("aes256c",)),
        (User("u", "sha1", Secret("a")), ("sha1", "no privacy")),
        (User("u"), ("no authentication",)),
    ],
)
def test_what_is_weak(login: Community | User, weak: tuple[str, ...]) -> None:
    assert login.weak == weak
    assert "public" not in repr(login)
