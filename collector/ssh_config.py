"""The OpenSSH client's configuration as ssh_config(5) describes it, as far as it says how to reach a host.

Host and Match blocks are static: nothing of a file is run and nothing is looked up. Match exec, canonical, final,
localnetwork and tagged never apply; ProxyCommand and everything else that would run a program or change the way is
ignored, and told with file and line. Of each option the first value counts, IdentityFile gathers.
"""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from pathlib import Path

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector import ssh_jumps
from collector.ssh_config_lines import Block, Line, load_blocks

# Options that we do not follow although they change how a host is reached, each with why.
_SAID = {
    "proxycommand": "would run a program, which a sweep never does",
    "localcommand": "would run a program, which a sweep never does",
    "knownhostscommand": "would run a program, which a sweep never does",
    "pkcs11provider": "would load a library, which a sweep never does",
    "securitykeyprovider": "would load a library, which a sweep never does",
    "smartcarddevice": "would load a library, which a sweep never does",
    "remotecommand": "names a command, and a sweep has its own",
    "forwardagent": "is never followed: a sweep forwards no agent",
    "canonicalizehostname": "is not followed: write names in full",
    "certificatefile": "is not followed: name the certificate with a credential",
    "identityagent": "is not followed: name the agent with a credential",
    "bindaddress": "is not followed",
    "bindinterface": "is not followed",
    "addressfamily": "is not followed",
}
_HARMLESS = {"none", "no", "internal", "any", "never"}
MOST_IDENTITY_FILES = 100


@dataclass(slots=True)
class SshSettings:
    """What a configuration says of one host. Empty or None where it says nothing.

    `jumps` are ProxyJump's words: () for "none". `ignored` are sentences about what was not followed for this host.
    """

    host_name: str = ""
    user: str = ""
    port: int | None = None
    identity_files: list[str] = field(default_factory=list)
    jumps: tuple[str, ...] | None = None
    host_key_alias: str = ""
    known_hosts_files: tuple[str, ...] | None = None
    identities_only: bool | None = None
    ignored: list[str] = field(default_factory=list)


class SshConfig:
    """A configuration that was read once. Its answers depend on nothing but what is given here."""

    def __init__(self, blocks: Sequence[Block], *, home: Path, local_user: str, environment: Mapping[str, str]) -> None:
        self._blocks, self._home, self._local_user = blocks, home, local_user
        self._environment = environment
        self._index: dict[int, _Index] = {}

    @classmethod
    def load(
        cls,
        path: Path,
        *,
        home: Path | None = None,
        local_user: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> SshConfig:
        """The configuration of a file and of what it includes.

        Raises UsageError for a file that is absent, too long, nested too deep, or that others may write.
        """
        home = Path.home() if home is None else home
        return cls(
            load_blocks(path, home),
            home=home,
            local_user=getpass.getuser() if local_user is None else local_user,
            environment=os.environ if environment is None else environment,
        )

    def lookup(self, host: str, *, user: str = "") -> SshSettings:
        """What the configuration says of a host as it was named; `user` is one that stands above the file's."""
        state = _Lookup(host, user, self._local_user, self._candidates)
        state.walk(self._blocks)
        return self._finished(state, host)

    def _candidates(self, blocks: Sequence[Block], host: str) -> list[Block]:
        """Those of several blocks that may be about a host, in their order: most name other hosts, and are not looked at."""
        index = self._index.get(id(blocks))
        if index is None:
            index = self._index[id(blocks)] = _Index(blocks)
        return index.candidates(host)

    def _finished(self, state: _Lookup, host: str) -> SshSettings:
        made = state.made
        made.host_name = state.resolved_name()
        files = []
        for line, text in state.identity_files:
            file = self._path(text, line, host, made)
            if file and file.lower() != "none" and file not in files:
                files.append(file)
        made.identity_files = files[:MOST_IDENTITY_FILES]
        if state.known_hosts is not None:
            line, words = state.known_hosts
            paths = (self._path(word, line, host, made) for word in words)
            made.known_hosts_files = tuple(path for path in paths if path and path.lower() != "none")
        return made

    def _path(self, text: str, line: Line, host: str, made: SshSettings) -> str:
        """A path with its tokens (ssh_config(5), TOKENS) put in; empty where it has one that is not known here."""
        tokens = {
            "%": "%", "d": str(self._home), "h": made.host_name or host, "n": host, "i": str(os.getuid()),
            "u": self._local_user, "r": made.user or self._local_user, "p": str(made.port or 22),
            "k": made.host_key_alias or host,
        }  # fmt: skip
        unknown = [found for found in re.findall(r"%(.?)", text) if found not in tokens]
        unset = [name for name in re.findall(r"\$\{(\w*)\}", text) if name not in self._environment]
        if unknown or unset:
            what = f"%{unknown[0]}" if unknown else f"${{{unset[0]}}}"
            made.ignored.append(f"{line.where}: {line.written} is ignored, nothing is known of {shown(what)} in it.")
            return ""
        # OpenSSH puts in ~ and tokens first and the environment then; neither is looked at twice.
        made_text = re.sub(r"%(.)", lambda found: tokens[found[1]], text)
        made_text = re.sub(r"\$\{(\w+)\}", lambda found: self._environment[found[1]], made_text)
        if made_text == "~" or made_text.startswith("~/"):
            made_text = f"{self._home}{made_text[1:]}"
        return made_text


class _Lookup:
    """One walk over the blocks for one host."""

    def __init__(
        self, host: str, user: str, local_user: str, candidates: Callable[[Sequence[Block], str], list[Block]]
    ) -> None:
        self.made = SshSettings(user=user)
        self.identity_files: list[tuple[Line, str]] = []
        self.known_hosts: tuple[Line, list[str]] | None = None
        self._host, self._local_user, self._candidates = host, local_user, candidates
        self._taken: set[str] = {"user"} if user else set()

    def resolved_name(self) -> str:
        """HostName with %h put in; empty where the file says none."""
        return re.sub(r"%([%h])", lambda found: self._host if found[1] == "h" else "%", self.made.host_name)

    def walk(self, blocks: Sequence[Block]) -> None:
        """Takes what each block says, if it applies, and what it includes in its place."""
        waiting = [(block, 0) for block in reversed(self._candidates(blocks, self._host))]
        while waiting:
            now, at = waiting.pop()
            if at == 0 and not self._applies(now):
                continue
            while at < len(now.items):
                item = now.items[at]
                at += 1
                if isinstance(item, Line):
                    self._option(item)
                else:
                    waiting.append((now, at))
                    waiting.extend((inner, 0) for inner in reversed(self._candidates(item, self._host)))
                    break

    def _applies(self, block: Block) -> bool:
        if block.line is None:
            return True
        if block.line.name == "host":
            return _any(block.line.words, self._host)
        return self._matches(block.line)

    def _matches(self, line: Line) -> bool:
        words = list(line.words)
        applies = bool(words)
        while words:
            word = words.pop(0)
            wanted = not word.startswith("!")
            kind = word.removeprefix("!").lower()
            if kind == "all":
                found = True
            elif kind in ("canonical", "final"):
                self._say(line, f"Match {kind} is never taken to apply")
                return False
            else:
                kind, sign, value = kind.partition("=")
                if sign:
                    value = word.partition("=")[2]
                elif words:
                    value = words.pop(0)
                else:
                    return False
                if kind == "host":
                    found = _list(self.resolved_name() or self._host, value, fold=True)
                elif kind == "originalhost":
                    found = _list(self._host, value, fold=True)
                elif kind == "user":
                    found = _list(self.made.user or self._local_user, value, fold=False)
                elif kind == "localuser":
                    found = _list(self._local_user, value, fold=False)
                else:
                    what = "exec, which is never run," if kind == "exec" else f"{kind[:40]}, which is not known,"
                    self._say(line, f"Match {what} is never taken to apply")
                    return False
            applies = applies and found == wanted
        return applies

    def _option(self, line: Line) -> None:
        name, words = line.name, line.words
        made = self.made
        if not words:
            return
        value = words[0]
        if name == "identityfile":
            self.identity_files.append((line, value))
            return
        if name in ("proxyjump", "proxycommand"):
            # Whichever comes first counts.
            if "proxy" in self._taken:
                return
            self._taken.add("proxy")
            if name == "proxyjump":
                self._jumps(line, value)
                return
        elif name in self._taken:
            return
        else:
            self._taken.add(name)
        if name == "hostname":
            made.host_name = value
        elif name == "user":
            made.user = value
        elif name == "port":
            if value.isascii() and value.isdigit() and len(value) <= 5 and 1 <= int(value) <= 65_535:
                made.port = int(value)
            else:
                self._say(line, f"{shown(value)} is no port")
        elif name == "hostkeyalias":
            made.host_key_alias = value
        elif name == "userknownhostsfile":
            self.known_hosts = (line, list(words))
        elif name == "identitiesonly":
            made.identities_only = value.lower() in ("yes", "true")
        elif name in _SAID and value.lower() not in _HARMLESS:
            self._say(line, f"{line.written} {_SAID[name]}")

    def _jumps(self, line: Line, value: str) -> None:
        try:
            self.made.jumps = tuple(ssh_jumps.words_of(value))
        except UsageError as error:
            raise UsageError(f"{line.where}: {error}") from None

    def _say(self, line: Line, what: str) -> None:
        self.made.ignored.append(f"{line.where}: {what}.")


class _Index:
    """Blocks by the names that they are about, where these are no patterns."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._named: dict[str, list[int]] = {}
        self._always: list[int] = []
        for place, block in enumerate(blocks):
            line = block.line
            if line is None or line.name != "host" or any(sign in word for word in line.words for sign in "*?!"):
                self._always.append(place)
            else:
                for word in dict.fromkeys(line.words):
                    self._named.setdefault(word, []).append(place)

    def candidates(self, host: str) -> list[Block]:
        return [self._blocks[place] for place in sorted([*self._always, *self._named.get(host, ())])]


def _any(patterns: Sequence[str], text: str) -> bool:
    """Whether a text is one of several patterns, and none of those with "!" (ssh_config(5), PATTERNS)."""
    found = False
    for pattern in patterns:
        if pattern.startswith("!"):
            if _pattern(pattern[1:])(text):
                return False
        else:
            found = found or bool(_pattern(pattern)(text))
    return found


def _list(text: str, patterns: str, *, fold: bool) -> bool:
    words = [pattern.lower() if fold else pattern for pattern in patterns.split(",")]
    return _any(words, text.lower() if fold else text)


@lru_cache(maxsize=65_536)
def _pattern(pattern: str) -> Callable[[str], object]:
    if "*" not in pattern and "?" not in pattern:
        return pattern.__eq__
    # Of fnmatch's signs ssh has * and ? alone.
    return re.compile(translate(pattern.replace("[", "[[]"))).match
