"""The language of sudoers(5): includes, aliases, Defaults and user specifications, of sudo 1.8 and 1.9.

Pure: texts in, rules and settings out. A rule is one command of one specification with aliases resolved, and with what it takes
over from the commands before it (accounts, tags, options).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from typing import Optional

from agent.fact import ParseError
from cmdb.model.dataclass import dataclass

_TAGS = frozenset(
    f"{no}{tag}"
    for tag in ("EXEC", "FOLLOW", "INTERCEPT", "LOG_INPUT", "LOG_OUTPUT", "MAIL", "PASSWD", "SETENV")
    for no in ("", "NO")
)
_USUAL = frozenset({"PASSWD", "EXEC", "NOINTERCEPT", "NOLOG_INPUT", "NOLOG_OUTPUT", "NOSETENV"})
"""Tags that are in force where none says otherwise; NOSETENV, as MAIL and FOLLOW, by sudo's own defaults."""
_ALIAS = re.compile(r"(User|Runas|Host|Cmnd|Cmd)_Alias\b[ \t]*")
_ALIAS_NAME = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_INCLUDE = re.compile(r"[#@](include(?:dir)?)[ \t]+(?:\"([^\"]+)\"|((?:\\.|[^\s\\])+))[ \t]*\Z")
_DEFAULTS = re.compile(r"Defaults(?:([@:!>])|(?=[ \t]|\Z))")
_PARAMETER = re.compile(r"(!*)[ \t]*(\w+)[ \t]*(?:(\+=|-=|=)[ \t]*)?")
_OPTION = re.compile(
    r"(CWD|CHROOT|ROLE|TYPE|PRIVS|LIMITPRIVS|APPARMOR_PROFILE|TIMEOUT|NOTBEFORE|NOTAFTER)[ \t]*=[ \t]*"
)
_TAG = re.compile(r"([A-Z_]+)[ \t]*:[ \t]*")
_DIGEST = re.compile(r"(sha(?:224|256|384|512))[ \t]*:[ \t]*([A-Za-z0-9+/=]+)[ \t]*")
_WORD = re.compile(r"\"((?:\\.|[^\"\\])*)\"|((?:\\.|[^\s,:=!()\\\"])+)", re.DOTALL)
_WITH_COLONS = re.compile(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]+(/\d+)?(?=[\s,=]|\Z)|%:[^\s,:=!()]+")
"""Names with colons: IPv6 addresses of hosts, and groups that are not the system's."""
_COMMENT = re.compile(r"\"(?:\\.|[^\"\\])*\"|\\.|(#)(?!include(?:dir)?[ \t]|-?\d)")
"""A comment, behind which a line does not go on; "#" and a number is an account."""
_CONTINUES = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_DEEPEST = 128
"""As sudo itself has it."""


@dataclass(frozen=True)
class Rule:
    """One right. `who` has several members where the list excludes somebody."""

    who: tuple[str, ...]
    hosts: tuple[str, ...]
    users: Optional[tuple[str, ...]]
    """Accounts it is run as; None where no list stands (root), empty where it is the account itself."""
    groups: tuple[str, ...]
    command: str
    denied: bool
    tags: tuple[str, ...]
    digests: tuple[str, ...]
    origin: str


@dataclass(frozen=True)
class Default:
    """A parameter of a Defaults line: `operator` is "", "=", "+=", "-=" or "!"."""

    scope: str
    name: str
    operator: str
    value: str
    origin: str


@dataclass
class Policy:
    """What the files say, in their order."""

    rules: list[Rule] = field(default_factory=list)
    defaults: list[Default] = field(default_factory=list)


@dataclass(frozen=True)
class Include:
    """A file, or a folder with all files that are read from it."""

    path: str
    folder: bool


def includes(text: str, path: str, host: str) -> list[Include]:
    """What a text includes; a relative path begins at the folder of the text's own."""
    found = (_include(line, path, host) for _, line in _lines(text))
    return [include for include in found if include]


def is_read(name: str) -> bool:
    """True of a file of a folder that sudo reads."""
    return "." not in name and not name.endswith("~")


def parse(path: str, text: str, read: Callable[[Include], Sequence[tuple[str, str]]], host: str) -> Policy:
    """The policy. `read` gives path and text of what a line includes.

    Raises ParseError, naming file and line, where something is not of the language.
    """
    parser = _Parser(read, host)
    parser.gather(path, text, 0)
    return parser.policy()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines with their numbers, without comments and what is empty."""
    kept = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = kept + raw
        comment = next((m.start() for m in _COMMENT.finditer(line) if m[1]), None)
        if comment is None and _CONTINUES.search(line):
            kept = line[:-1]
            continue
        kept = ""
        stripped = line[:comment].strip()
        if stripped:
            yield number, stripped
    if kept.strip():
        yield len(text.splitlines()), kept.strip()


def _include(line: str, path: str, host: str) -> Optional[Include]:
    found = _INCLUDE.match(line)
    if found is None:
        return None
    name = re.sub(r"\\(.)", r"\1", found[2] or found[3]).replace("%h", host)
    if not name.startswith("/"):
        name = f"{path.rpartition('/')[0]}/{name}"
    return Include(name.rstrip("/"), found[1] == "includedir")


@dataclass
class _Command:
    """A command of a list as it stands."""

    text: str
    denied: bool
    digests: tuple[str, ...] = ()


class _Parser:
    """Two steps, since an alias may stand behind what names it: gather lines and aliases, then make rules of them."""

    def __init__(self, read: Callable[[Include], Sequence[tuple[str, str]]], host: str) -> None:
        self._read, self._host = read, host
        self._aliases: dict[tuple[str, str], list[_Command]] = {}
        self._specifications: list[tuple[str, _Line]] = []
        self._defaults: list[Default] = []

    def gather(self, path: str, text: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise ParseError(f"{path}: includes go deeper than {_DEEPEST} files")
        for number, raw in _lines(text):
            line = _Line(raw, f"{path}:{number}")
            include = _include(raw, path, self._host)
            alias = _ALIAS.match(raw)
            defaults = _DEFAULTS.match(raw)
            if include:
                for member, inner in self._read(include):
                    self.gather(member, inner, depth + 1)
            elif alias:
                line.at = alias.end()
                self._alias({"Cmd": "Cmnd"}.get(alias[1], alias[1]), line)
            elif defaults:
                line.at = defaults.end()
                self._default(defaults[1] or "", line, path)
            else:
                self._specifications.append((path, line))

    def policy(self) -> Policy:
        made = Policy(defaults=self._defaults)
        for path, line in self._specifications:
            made.rules += self._rules(line, path)
        return made

    def _alias(self, kind: str, line: _Line) -> None:
        while True:
            name = line.word()
            if not _ALIAS_NAME.match(name):
                raise line.error(f"{name!r} is no name of an alias")
            line.expect("=")
            members = line.commands() if kind == "Cmnd" else line.members()
            self._aliases[(kind, name)] = members
            if not line.take(":"):
                line.end()
                return

    def _default(self, mark: str, line: _Line, path: str) -> None:
        scope = "Defaults"
        if mark:
            # Commands of these have no arguments, so that a list of names is all there can be.
            listed = line.members()
            scope += mark + ",".join("!" * m.denied + m.text for m in listed)
        while not line.ended():
            found = _PARAMETER.match(line.text, line.at)
            if found is None:
                raise line.error("no parameter")
            line.at = found.end()
            off = len(found[1]) % 2 == 1
            value = line.value() if found[3] else ""
            self._defaults.append(Default(scope, found[2].lower(), "!" if off else found[3] or "", value, path))
            if not line.take(","):
                line.end()
                return

    def _rules(self, line: _Line, path: str) -> Iterator[Rule]:
        who = self._resolved("User", line.members())
        while True:
            hosts = tuple(_shown(self._resolved("Host", line.members())))
            line.expect("=")
            users: Optional[tuple[str, ...]] = None
            groups: tuple[str, ...] = ()
            tags: dict[str, str] = {}
            while True:
                if line.take("("):
                    users = tuple(_shown(self._resolved("Runas", line.members(")", ":"))))
                    groups = tuple(_shown(self._resolved("Runas", line.members(")")))) if line.take(":") else ()
                    line.expect(")")
                line.options(tags)
                in_force = tuple(sorted(tag for tag in tags.values() if tag not in _USUAL))
                for command in self._resolved("Cmnd", [line.command()]):
                    for one in [(m,) for m in _shown(who)] if not any(m.denied for m in who) else [tuple(_shown(who))]:
                        yield Rule(
                            one, hosts, users, groups, command.text, command.denied, in_force, command.digests, path
                        )
                if not line.take(","):
                    break
            if not line.take(":"):
                line.end()
                return

    def _resolved(self, kind: str, members: Sequence[_Command], above: tuple[str, ...] = ()) -> list[_Command]:
        """Members with aliases replaced by theirs; a name that is no alias stays (an account may be in capitals)."""
        found: list[_Command] = []
        for member in members:
            inner = self._aliases.get((kind, member.text))
            if inner is None or member.text in above:
                found.append(member)
                continue
            found += [
                _Command(one.text, one.denied != member.denied, (*member.digests, *one.digests))
                for one in self._resolved(kind, inner, (*above, member.text))
            ]
            if len(found) > 20_000:
                raise ParseError(f"{member.text}: aliases come to more than 20,000 members")
        return found


def _shown(members: Sequence[_Command]) -> list[str]:
    return ["!" * m.denied + m.text for m in members]


class _Line:
    """A logical line and how far it is read."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where, self.at = text, where, 0

    def error(self, why: str) -> ParseError:
        return ParseError(f"{self.where}: not understood, {why}: {self.text[self.at : self.at + 60]!r}")

    def ended(self) -> bool:
        self._space()
        return self.at >= len(self.text) or self.text[self.at] == "#"

    def end(self) -> None:
        if not self.ended():
            raise self.error("something is left")

    def take(self, mark: str) -> bool:
        self._space()
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        self._space()
        return True

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            raise self.error(f"{mark!r} expected")

    def word(self) -> str:
        self._space()
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise self.error("a name expected")
        self.at = found.end()
        return re.sub(r"\\(.)", r"\1", found[2]) if found[1] is None else found[1].replace('\\"', '"')

    def members(self, *ends: str) -> list[_Command]:
        """A list of names; with `ends` it may be empty before one of them."""
        found: list[_Command] = []
        if ends and not self.ended() and self.text[self.at] in ends:
            return found
        while True:
            denied = self._denied()
            address = _WITH_COLONS.match(self.text, self.at)
            if address:
                self.at = address.end()
            found.append(_Command(address[0] if address else self.word(), denied))
            if not self.take(","):
                return found

    def commands(self) -> list[_Command]:
        found = [self.command()]
        while self.take(","):
            found.append(self.command())
        return found

    def options(self, tags: dict[str, str]) -> None:
        """Tags and options before a command, by what they are about."""
        while True:
            self._space()
            option = _OPTION.match(self.text, self.at)
            tag = _TAG.match(self.text, self.at)
            if option:
                self.at = option.end()
                tags[option[1]] = f"{option[1]}={self.word()}"
            elif tag and tag[1] in _TAGS:
                self.at = tag.end()
                about = tag[1].removeprefix("NO")
                tags[about] = tag[1]
            else:
                return

    def command(self) -> _Command:
        """A command with its arguments, up to what is not escaped of , : = and #."""
        digests: list[str] = []
        while True:
            digest = _DIGEST.match(self.text, self.at)
            if digest is None:
                break
            self.at = digest.end()
            digests.append(f"{digest[1]}:{digest[2]}")
            self.take(",")
        denied = self._denied()
        made, at = [], self.at
        pattern = re.compile(r"(\^.*?\$)(?=[\s,:=#]|\Z)|\\([,:=\\# \t])|(\\.)|([^\\,:=#])")
        regular = at
        while at < len(self.text):
            found = pattern.match(self.text, at)
            # An expression stands at the begin of a word alone.
            if found and found[1] and at != regular:
                found = re.compile(r"()()()(\^)").match(self.text, at)
            if found is None:
                break
            made.append(next(group for group in found.groups() if group))
            at = found.end()
            regular = at if made[-1].isspace() else -1
        self.at = at
        text = " ".join("".join(made).split())
        if not text:
            raise self.error("a command expected")
        return _Command(text, denied, tuple(digests))

    def value(self) -> str:
        """Value of a parameter: a word or a text in quotes, in which colons and the like are plain."""
        found = re.compile(r"\"((?:\\.|[^\"\\])*)\"|((?:\\.|[^\s,\\\"])*)", re.DOTALL).match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        return re.sub(r"\\(.)", r"\1", found[2]) if found[1] is None else found[1].replace('\\"', '"')

    def _denied(self) -> bool:
        denied = False
        while self.take("!"):
            denied = not denied
        return denied

    def _space(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1
