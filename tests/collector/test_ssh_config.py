"""The OpenSSH client's configuration, held against what ssh itself makes of it."""

from __future__ import annotations

import os
import pwd
import random
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector.ssh_config import SshConfig

HOSTS = ["web", "web1", "WEB1", "db.example.org", "10.0.0.5", "db", "a", "x-y", "web1.example.org", "2001:db8::1"]
PATTERNS = [
    "*",
    "web*",
    "web?",
    "web1",
    "!web1",
    "*.example.org",
    "!*",
    "10.0.0.*",
    "db",
    "!db*",
    "WEB1",
    "w[eb]*",
    "?",
    "2001:*",
]
USERS = ["alice", "bob", "root", "svc-1"]
HOME = Path(pwd.getpwuid(os.getuid()).pw_dir)
ME = pwd.getpwuid(os.getuid()).pw_name


class Writer:
    """Writes a configuration at random, with everything that is followed but what would run a program."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random, self.folder, self.files = random.Random(seed), folder, 0

    def file(self, depth: int = 0) -> Path:
        self.files += 1
        path = self.folder / f"config{self.files}"
        lines = self.options(depth)
        for _ in range(self.random.randint(1, 5)):
            lines.append(self.head())
            lines += self.options(depth)
        path.write_text("\n".join(lines) + "\n")
        return path

    def head(self) -> str:
        pick = self.random.choice
        if self.random.random() < 0.65:
            words = self.random.sample(PATTERNS, self.random.randint(1, 3))
            return self.spelled("Host", " ".join(f'"{word}"' if self.random.random() < 0.2 else word for word in words))
        criteria = []
        for _ in range(self.random.randint(1, 3)):
            kind = pick(["host", "originalhost", "user", "localuser"])
            words = [*USERS, ME, "*", "!bob"] if "user" in kind else PATTERNS
            criteria.append(
                f"{pick(['', '', '!'])}{kind} {','.join(self.random.sample(words, self.random.randint(1, 2)))}"
            )
        return "Match " + pick(["all", *[" ".join(criteria)] * 5])

    def options(self, depth: int) -> list[str]:
        made = [self.option(depth) for _ in range(self.random.randint(0, 5))]
        return [f"{self.random.choice(['', '  ', chr(9)])}{line}" for line in made]

    def option(self, depth: int) -> str:
        pick, number = self.random.choice, self.random.random()
        if number < 0.1 and depth < 2 and self.files < 6:
            return f"Include {self.file(depth + 1)}"
        name, value = pick(
            [
                ("HostName", pick(["%h.example.org", "10.0.0.5", "db", "%%x", "WEB1", "2001:db8::1"])),
                ("User", pick(USERS)),
                ("Port", str(self.random.randint(1, 65_535))),
                ("IdentityFile", pick(["/keys/a", "/keys/b", '"/keys/with space"', "/keys/c"])),
                (
                    "ProxyJump",
                    pick(
                        ["none", "jump", "alice@jump:2222", "j1,bob@j2:22", "ssh://carol@j3:2200", "[2001:db8::9]:22"]
                    ),
                ),
                ("HostKeyAlias", pick(["alias1", "alias2", "'a b'", "a\\ b", '"a\\"b"', "a#b", "a'b c'd", "a\\nb"])),
                ("UserKnownHostsFile", pick(["/kh/a", "/kh/a /kh/b", '"/kh/a b"'])),
                ("IdentitiesOnly", pick(["yes", "no"])),
                ("ServerAliveInterval", "5"),
                ("# ProxyCommand", "x"),
                ("", ""),
            ]
        )
        return self.spelled(name, value) if name else ""

    def spelled(self, name: str, value: str) -> str:
        name = self.random.choice([name, name, name.lower(), name.upper()])
        tail = self.random.choice(["", "", " # a note", " ", "\t"])
        return f"{name}{self.random.choice([' ', '  ', '=', ' = ', chr(9)])}{value}{tail}"


def asked_of_ssh(path: Path, host: str, user: str) -> dict[str, list[str]]:
    words = ["ssh", "-G", "-F", str(path), *(["-l", user] if user else []), host]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + path.read_text()
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition(" ")
        found.setdefault(name, []).append(value)
    return found


def endpoints(jumps: tuple[str, ...] | None) -> str:
    """Jumps as `ssh -G` prints them."""
    return ",".join(word.removeprefix("ssh://") for word in jumps or ())


@pytest.mark.parametrize("seed", range(30))
def test_generated_configurations_mean_what_ssh_makes_of_them(seed: int, tmp_path: Path) -> None:
    writer = Writer(seed, tmp_path)
    path = writer.file()
    config = SshConfig.load(path)
    nothing = asked_of_ssh(Path("/dev/null"), "web", "")

    for host in writer.random.sample(HOSTS, 4):
        user = writer.random.choice(["", "", "alice"])
        expected = asked_of_ssh(path, host, user)

        found = config.lookup(host, user=user)

        said = f"{path.read_text()}\n{host} {user} {found}"
        assert (found.host_name or host).lower() == expected["hostname"][0].lower(), said
        assert (found.user or ME) == expected["user"][0], said
        assert str(found.port or 22) == expected["port"][0], said
        assert (found.identity_files or nothing["identityfile"]) == expected["identityfile"], said
        # Where there is none, ssh prints nothing or "none", by what came after it.
        assert endpoints(found.jumps) == expected.get("proxyjump", ["none"])[0].replace("none", ""), said
        assert (found.host_key_alias or None) == expected.get("hostkeyalias", [None])[0], said
        assert ("yes" if found.identities_only else "no") == expected["identitiesonly"][0], said
        known = " ".join(found.known_hosts_files or ()) or nothing["userknownhostsfile"][0]
        assert known == expected["userknownhostsfile"][0], said


def config_of(text: str, folder: Path, **environment: str) -> SshConfig:
    (folder / "config").write_text(text)
    return SshConfig.load(folder / "config", home=folder, local_user="me", environment=environment)


def test_nothing_of_a_configuration_is_run_and_what_is_ignored_is_told(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    config = config_of(
        f"""Match exec "touch {mark}"
  User exec
Match host web !exec "touch {mark}"
  User notexec
Match final
  Port 1
Match canonical all
  Port 2
Match tagged x
  Port 3
Host web
  ProxyCommand touch {mark}; nc %h %p
  ProxyJump jump
  LocalCommand touch {mark}
  PermitLocalCommand yes
  KnownHostsCommand touch {mark}
  PKCS11Provider /lib/x.so
  ForwardAgent yes
  IdentityAgent none
""",
        tmp_path,
    )

    found = config.lookup("web")

    assert not mark.exists()
    assert (found.user, found.port, found.jumps) == ("", None, None)
    assert found.ignored == [
        "~/config line 1: Match exec, which is never run, is never taken to apply.",
        "~/config line 3: Match exec, which is never run, is never taken to apply.",
        "~/config line 5: Match final is never taken to apply.",
        "~/config line 7: Match canonical is never taken to apply.",
        "~/config line 9: Match tagged, which is not known, is never taken to apply.",
        "~/config line 12: ProxyCommand would run a program, which a sweep never does.",
        "~/config line 14: LocalCommand would run a program, which a sweep never does.",
        "~/config line 16: KnownHostsCommand would run a program, which a sweep never does.",
        "~/config line 17: PKCS11Provider would load a library, which a sweep never does.",
        "~/config line 18: ForwardAgent is never followed: a sweep forwards no agent.",
    ]


def test_of_a_host_that_an_option_does_not_concern_nothing_is_told(tmp_path: Path) -> None:
    assert config_of("Host web\n ProxyCommand x\nHost db\n ProxyCommand none\n", tmp_path).lookup("db").ignored == []


def test_paths_have_their_tokens_put_in(tmp_path: Path) -> None:
    config = config_of(
        """HostName %h.example.org
User admin
Port 2222
IdentityFile ~/.ssh/id_%h
IdentityFile %d/keys/%n-%r-%p-%u-%%
IdentityFile ${KEYS}/a
IdentityFile ${NONE}/b
IdentityFile /c/%C
IdentityFile none
IdentityFile ~/.ssh/id_%h
UserKnownHostsFile ~/kh/%k none
""",
        tmp_path,
        KEYS="/%h",
    )

    found = config.lookup("web")

    assert found.identity_files == [
        f"{tmp_path}/.ssh/id_web.example.org", f"{tmp_path}/keys/web-admin-2222-me-%", "/%h/a"
    ]  # fmt: skip
    assert found.known_hosts_files == (f"{tmp_path}/kh/web",)
    assert found.ignored == [
        "~/config line 7: IdentityFile is ignored, nothing is known of '${NONE}' in it.",
        "~/config line 8: IdentityFile is ignored, nothing is known of '%C' in it.",
    ]


def test_a_user_who_is_named_stands_above_the_file(tmp_path: Path) -> None:
    config = config_of("Match user alice\n Port 22\nMatch user bob\n Port 23\nHost *\n User bob\n", tmp_path)

    assert [config.lookup("web", user="alice").port, config.lookup("web").port] == [22, None]
    assert config.lookup("web", user="alice").user == "alice"


def test_a_port_that_is_none_is_told_and_a_way_that_is_none_is_refused(tmp_path: Path) -> None:
    found = config_of("Port ssh\n", tmp_path).lookup("web")
    assert (found.port, found.ignored) == (None, ["~/config line 1: 'ssh' is no port."])
    with pytest.raises(UsageError, match=r"~/config line 2: .*is no network"):
        config_of("Host web\nProxyJump a/b\n", tmp_path).lookup("web")


@given(st.text(alphabet="Host Matchusrl*!,='\"\\#\n%${}~/1", max_size=80) | st.text(max_size=80))
def test_any_text_is_a_configuration_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "any-config").write_text(text, errors="replace")
    with suppress(UsageError):
        config = SshConfig.load(folder / "any-config", home=folder, local_user="me", environment={})
        config.lookup("web")
        config.lookup("")
