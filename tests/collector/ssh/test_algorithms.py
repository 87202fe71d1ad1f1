from __future__ import annotations

from collector.ssh.algorithms import WEAK, offered


def test_fast_and_sound_ones_come_first_and_weak_ones_last() -> None:
    for algorithms in (offered(), offered(allow_old=True)):
        for kind in (algorithms.kex, algorithms.keys, algorithms.ciphers, algorithms.macs):
            weak = [name in WEAK for name in kind]
            assert weak == sorted(weak)
            assert len(set(kind)) == len(kind)
    assert offered().kex[0] == "curve25519-sha256"
    assert offered().kex[-1] == "diffie-hellman-group16-sha512"
    assert offered().keys[0] == "ssh-ed25519"


def test_broken_ones_are_offered_only_where_that_is_allowed() -> None:
    every = {name for kind in ("kex", "keys", "ciphers", "macs") for name in getattr(offered(), kind)}
    old = {name for kind in ("kex", "keys", "ciphers", "macs") for name in getattr(offered(True), kind)}

    assert not [
        name for name in every if name.endswith(("cbc", "md5", "-96", "ssh-rsa", "group1-sha1", "group14-sha1"))
    ]
    assert {"ssh-rsa", "aes128-cbc", "diffie-hellman-group1-sha1", "hmac-md5"} <= old


def test_types_that_are_known_are_asked_for_first() -> None:
    plain = offered()

    assert plain.asking_for(["ecdsa-sha2-nistp256"]).keys[0] == "ecdsa-sha2-nistp256"
    assert plain.asking_for(["ssh-rsa"]).keys[:2] == ("rsa-sha2-512", "rsa-sha2-256")
    assert plain.asking_for(["certificate"]).keys[0] == "ssh-ed25519-cert-v01@openssh.com"
    assert plain.asking_for(["ssh-dss", "sk-ssh-ed25519@openssh.com"]) == plain
    assert set(plain.asking_for(["ssh-ed25519"]).keys) == set(plain.keys)
