"""Public keys that open the accounts of a host over SSH.

Sources: /etc/passwd; of each account the files that AuthorizedKeysFile of sshd_config(5) names (of all Match blocks, with its
tokens; .ssh/authorized_keys and .ssh/authorized_keys2 where nothing is set), AUTHORIZED_KEYS FILE FORMAT of sshd(8).
Yields an AuthorizedKey each: type, fingerprint, comment, options; the value of an environment option is left out. A line that
holds no key opens nothing and is left out. Keys that a command or a directory gives (AuthorizedKeysCommand) are not seen.

What is not looked at though it may let somebody in (a link that somebody planted, a home on another machine) stands as
"unread". A file that can not be read, or is above 1 MiB, fails the section with its name: told as unread it would take back
the keys that were read before. Who is not root itself does not look into homes at all, also not with rights that sudo lends,
since no command that reads what lies there is safe to lend: the section then tells of nothing, as privilege "user".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Optional

from agent import public_keys
from agent.fact import Content, Context, File, Inapplicable, Material, Missing, Need, ParseError, Unavailable
from agent.facts import accounts, sshd
from agent.facts.accounts import Account
from agent.public_keys import PublicKey
from agent.scrub import scrub_text
from cmdb.model.classes.authorized_key import AuthorizedKey
from cmdb.model.dataclass import dataclass

_ACCOUNTS = "/etc/passwd"
_USUAL = (".ssh/authorized_keys", ".ssh/authorized_keys2")
_LIMIT = 1024 * 1024

NAME = "authorized_keys"
VERSION = 1
CLASSES = ("AuthorizedKey",)
RELATIONS: tuple[str, ...] = ()
LIMITED = True
ROOT_ITSELF = True
EVERY = 12
STEADY = True
NEEDS: tuple[Need, ...] = (File(_ACCOUNTS), *sshd.NEEDS)

_NOT_LOOKED_AT = ("symbolic link", "lies on the mount", "is no regular file", "is a directory")
"""What stands there is no file of keys, and will be none when it is looked at again."""
_TYPE = re.compile(r"(ssh-|ecdsa-sha2-|sk-)[a-z0-9@.\-]+(?!\S)")
_NEXT = re.compile(r",\S")
_OPTION = re.compile(r"[\w\-]+(?:=\"(?:\\\"|[^\"])*\"|=[^\s,\"]*)?")


@dataclass(frozen=True)
class Line:
    """A key of a file with what stands around it."""

    key: PublicKey
    comment: str
    options: tuple[str, ...]


def further(material: Material, context: Context) -> Iterator[Need]:
    """Files that sshd's configuration includes, and those of the accounts."""
    try:
        yield from sshd.further(material, context)
    except Inapplicable:
        pass  # Another server may look where OpenSSH's does by itself.
    if context.privilege == "full":
        yield from dict.fromkeys(File(path, _LIMIT) for _, path in _places(material, context))


def collect(material: Material, context: Context) -> Iterable[AuthorizedKey]:
    """Keys by account; raises Inapplicable where no account has a home."""
    found: dict[tuple[str, str], AuthorizedKey] = {}
    if context.privilege != "full":
        return []
    for account, path in _places(material, context):
        for made in _of_file(material, account, path):
            place = (made.account or "", made.fingerprint or "")
            known = found.get(place)
            found[place] = made if known is None else _joined(known, made)
    return list(found.values())


def parse(text: str) -> list[Line]:
    """Keys of a file, in its order. A line that is none is left out, as sshd does."""
    found = []
    for raw in text.split("\n"):  # what else may end a line elsewhere ends none for sshd
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            found.append(_line(line))
        except ParseError:
            continue
    return found


def observe(account: str, path: str, line: Line) -> AuthorizedKey:
    """What the CMDB should know of it."""
    comment = scrub_text(line.comment)
    return AuthorizedKey(
        name=f"{account}: {comment or line.key.fingerprint}",
        account=account,
        fingerprint=line.key.fingerprint,
        type=line.key.type,
        bits=line.key.bits,
        comment=comment or None,
        options=[_option(option) for option in line.options] or None,
        authority=True if any(o.lower() == "cert-authority" for o in line.options) else None,
        files=[path],
    )


def _of_file(material: Material, account: str, path: str) -> Iterator[AuthorizedKey]:
    found: Content | Missing = material.missing(File(path, _LIMIT)) or material.file(path)
    if isinstance(found, Content):
        yield from (observe(account, path, line) for line in parse(found.text))
    elif any(words in found.reason for words in _NOT_LOOKED_AT):
        yield AuthorizedKey(
            name=f"{account}: unread {path}", account=account, fingerprint=f"unread {path}", files=[path]
        )
    elif found.kind != "absent":
        raise Unavailable(found.reason)


def _places(material: Material, context: Context) -> list[tuple[str, str]]:
    """(account, path) of each file that may let somebody in; raises Inapplicable where there is none."""
    patterns = _patterns(material, context)
    listed = accounts.parse(material.file(_ACCOUNTS).text)
    found = dict.fromkeys((a.name, path) for a in listed for p in patterns if (path := _path(p, a)) is not None)
    if not found:
        raise Inapplicable("no account has a place for keys: AuthorizedKeysFile is none, or there are no homes")
    return list(found)


def _patterns(material: Material, context: Context) -> list[str]:
    try:
        settings = list(sshd.collect(material, context))
    except Inapplicable:
        settings = []
    named = [s for s in settings if s.name == "authorizedkeysfile"]
    patterns = [word for s in named for value in s.values or () for word in value.split() if word.lower() != "none"]
    return patterns if any(s.scope == "global" for s in named) else [*_USUAL, *patterns]


def _path(pattern: str, account: Account) -> Optional[str]:
    """Absolute path for an account, None where its home is no folder."""
    tokens = {"%%": "%", "%h": account.home, "%u": account.name, "%U": str(account.uid)}
    path = re.sub(r"%.", lambda m: tokens.get(m[0], m[0]), pattern)
    if not path.startswith("/"):
        if not account.home.startswith("/"):
            return None
        path = f"{account.home}/{path}"
    path = re.sub(r"/(\./)*/*", "/", path)
    return None if "/../" in f"{path}/" or path.startswith("/dev/") or not path.isprintable() else path


def _line(line: str) -> Line:
    options: list[str] = []
    at = 0
    more = not _TYPE.match(line)
    while more:
        option = _OPTION.match(line, at)
        if option is None:
            raise ParseError("no key")
        options.append(option[0])
        at = option.end()
        more = _NEXT.match(line, at) is not None
        at += more
    words = line[at:].split(None, 2)
    if not words or not _TYPE.match(words[0]):
        raise ParseError("no key")
    if len(words) < 2:
        raise ParseError("no key")
    return Line(public_keys.parse(words[0], words[1]), words[2].strip() if len(words) > 2 else "", tuple(options))


def _option(option: str) -> str:
    """An option without secrets; of an environment the name alone."""
    name, equals, value = option.partition("=")
    if name.lower() == "environment":
        return f"{name}={value.strip(chr(34)).partition('=')[0]}=***"
    return f"{name}{equals}{scrub_text(value)}"


def _joined(known: AuthorizedKey, more: AuthorizedKey) -> AuthorizedKey:
    """A key that stands twice: sshd takes the first line that fits, so the options of either may count."""
    options = sorted({*(known.options or ["(none)"]), *(more.options or ["(none)"])})
    same = known.options == more.options
    return replace(
        known,
        options=known.options if same else options,
        files=sorted({*(known.files or ()), *(more.files or ())}),
    )
