"""Settings of the SSH server.

Source: /etc/ssh/sshd_config and what it includes, sshd_config(5): keywords are case-insensitive, the first value counts
within a scope, a Match block reaches to the next one or to the end of its file, patterns of Include are relative to
/etc/ssh and read in lexical order.
Yields ServiceSetting a setting that is set; what is left to sshd's defaults is not there. Applies to OpenSSH.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from agent.fact import Content, Context, File, Files, Inapplicable, Material, Missing, Need, ParseError, Unavailable
from agent.scrub import scrub_text
from cmdb.model.classes.service_setting import ServiceSetting
from cmdb.model.dataclass import dataclass

_MAIN = "/etc/ssh/sshd_config"
_USUAL = "/etc/ssh/sshd_config.d/*.conf"
_DEEPEST = 16

NAME = "sshd"
VERSION = 1
CLASSES = ("ServiceSetting",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True
NEEDS: tuple[Need, ...] = (File(_MAIN), Files(_USUAL))

_SEVERAL = frozenset(("port", "listenaddress", "hostkey", "hostcertificate", "subsystem", "logverbose"))
"""Keywords each line of which adds a value."""
_WORDS = frozenset(("acceptenv", "allowusers", "denyusers", "allowgroups", "denygroups"))
"""Keywords each word of which is a value, and whose lines add up."""
_ALIASES = {
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "hostbasedacceptedkeytypes": "hostbasedacceptedalgorithms",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
    "skeyauthentication": "kbdinteractiveauthentication",
}


@dataclass(frozen=True)
class Setting:
    """A keyword within a scope ("global", or the condition of a Match block) and the file that set it first."""

    scope: str
    name: str
    values: tuple[str, ...]
    origin: str


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    """Files of other Include lines; their own Includes show in the next round."""
    found = _texts(material)
    for text in [_main(material), *(text for texts in found.values() for text in texts.values())]:
        for pattern in _includes(text):
            if pattern not in found:
                yield Files(pattern)


def collect(material: Material, context: Context) -> Iterator[ServiceSetting]:  # noqa: ARG001 - as every fact
    for setting in parse(_main(material), _texts(material)):
        yield observe(setting)


def parse(main: str, included: Mapping[str, Mapping[str, str]]) -> list[Setting]:
    """Settings in force, in the order in which they first stand.

    `included` has the texts by path for each pattern of an Include line. Raises ParseError at a keyword without a
    value, at an unfinished quote, and where Includes go in circles.
    """
    found: dict[tuple[str, str], Setting] = {}
    for scope, name, values, origin in _lines(_MAIN, main, included, "global", 0):
        known = found.get((scope, name))
        if known is None:
            found[(scope, name)] = Setting(scope, name, values, origin)
        elif name in _SEVERAL or name in _WORDS:
            found[(scope, name)] = Setting(scope, name, known.values + values, known.origin)
    return list(found.values())


def observe(setting: Setting) -> ServiceSetting:
    """What the CMDB should know of it; a secret in a value (SetEnv, a command's argument) is masked."""
    return ServiceSetting(
        service="sshd",
        scope=setting.scope,
        name=setting.name,
        values=[scrub_text(value) for value in setting.values],
        origin=setting.origin,
    )


def _lines(
    path: str, text: str, included: Mapping[str, Mapping[str, str]], scope: str, depth: int
) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    if depth > _DEEPEST:
        raise ParseError(f"{path}: Include goes deeper than {_DEEPEST} files")
    for number, line in enumerate(text.splitlines(), 1):
        words = _split(line, f"{path}:{number}")
        if not words:
            continue
        name, values = words[0].lower(), tuple(words[1:])
        if not values:
            raise ParseError(f"{path}:{number}: {words[0]!r} has no value")
        if name == "match":
            scope = scrub_text(" ".join(values))  # a key too: Match exec "..." is a command line
        elif name == "include":
            for pattern in values:
                for member, inner in sorted(included.get(_absolute(pattern), {}).items()):
                    yield from _lines(member, inner, included, scope, depth + 1)
        else:
            name = _ALIASES.get(name, name)
            yield scope, name, values if name in _WORDS else (" ".join(values),), path


def _split(line: str, where: str) -> list[str]:
    """Words of a line: the keyword may end with "=", words may be quoted, "#" begins a comment where a word could."""
    keyword, rest = re.match(r"\s*([^\s=#\"]*)[ \t]*=?(.*)\Z", line.rstrip("\r\n"), re.DOTALL).groups()  # type: ignore[union-attr]
    if not keyword:
        return []
    words = [keyword]
    rest = rest.strip()
    while rest and rest[0] != "#":
        word = re.match(r"\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)'|([^\s\"']+)", rest)
        if word is None:
            raise ParseError(f"{where}: a quote without an end behind {words[0]!r}")
        words.append(next(group for group in word.groups() if group is not None))
        rest = rest[word.end() :].lstrip()
    return words


def _includes(text: str) -> Iterable[str]:
    for line in text.splitlines():
        if re.match(r"\s*include[\s=]", line, re.IGNORECASE):
            yield from (_absolute(word) for word in _split(line, "Include")[1:])


def _absolute(pattern: str) -> str:
    return pattern if pattern.startswith("/") else f"/etc/ssh/{pattern}"


def _main(material: Material) -> str:
    found = material.optional(_MAIN)
    if found is None:
        raise Inapplicable(f"there is no {_MAIN}")
    return found.text


def _texts(material: Material) -> dict[str, dict[str, str]]:
    """Texts by path, by pattern; raises Unavailable where an included file is there and can not be read."""
    patterns = [_USUAL]
    found: dict[str, dict[str, str]] = {}
    pending = [_main(material)]
    while pending:
        patterns += [p for p in _includes(pending.pop()) if p not in patterns]
        for pattern in patterns:
            lack = material.missing(Files(pattern))
            if pattern in found or (lack and lack.kind == "unsupported"):
                continue
            members = material.files(Files(pattern))
            found[pattern] = {path: _text(content) for path, content in members.items()}
            pending += found[pattern].values()
    return found


def _text(content: Content | Missing) -> str:
    if isinstance(content, Missing):
        raise Unavailable(content.reason)
    return content.text
