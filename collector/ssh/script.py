r"""The script that a sweep sends: POSIX sh (dash, BusyBox, ksh, mksh, bash) on standard input, one journey for all needs.

What comes back on standard output, behind whatever a login printed before:

    NONCE begin KEY SECONDS      data of the section, any bytes
    NONCE end STATUS             STATUS is that of the program, or "absent", "root", "denied PATH"
    ...
    NONCE count SECTIONS         how many there were
    NONCE begin errors SECONDS   what the programs printed on standard error, in parts that begin with "NONCE KEY"
    NONCE end 0
    NONCE done

Every mark stands on a line of its own; the line end in front of it is no part of the data. SECONDS is the time since
boot, so that a section took until the next one began. NONCE is 128 random bits that only this journey knows, in two
halves in the text, so that neither the content of a file nor a terminal that echoes can fake a mark. "NONCE packed" says
that all behind it is gzip (RFC 1952).

The whole text is one compound command: every shell has read it to its end before it runs the first line, so what comes
on standard input later is the password that sudo asks for. No line is longer than a terminal takes. Nothing is written
to disk, and no output of the host becomes a command. What hangs is ended after a while, whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent import mounts
from agent.commands import PROGRAMS
from agent.fact import FILE_LIMIT, Command
from collector.ssh.elevation import PLACES, Line
from collector.ssh.script_parts import (
    CAPACITY,
    CHECK,
    COUNT,
    ELEVATE,
    FUNCTIONS,
    HEAD,
    MOUNTS,
    READ,
    RUN,
    TOOLS,
    TRUST,
    WAY,
)
from collector.ssh.wanted import Wanted, folders, listed
from collector.ssh.words import glob, quoted

COMMAND = "/bin/sh -c 'exec /usr/bin/env -i \"S=$SSH_CONNECTION\" /bin/sh -s surveymark-sweep-{sweep}'"
"""What the login shell is asked to run (POSIX, csh and fish read it alike): a shell with an empty environment, so that
nothing that a login sets up has a part in what is seen. Its one argument is for the host's own logs."""

PATIENCE_SECONDS = 25
"""What takes longer is ended."""

_MOST_PLACES = 60
"""Paths in one line of the script."""


@dataclass(frozen=True)
class Journey:
    """How to go there. `nonce` is 32 hex digits; `packed` asks for compression where the host can; `program` is sudo,
    doas or empty; `prompt` is what sudo asks a password with, in front of a number and a colon, empty where it is to
    ask for none."""

    nonce: str
    packed: bool = True
    program: str = ""
    prompt: str = ""


def command(sweep: str) -> str:
    """The command line for the far login shell; a sweep's id is letters, digits and dashes."""
    if not sweep.isascii() or not sweep.replace("-", "").isalnum():
        raise ValueError(f"{sweep!r} is no id of a sweep: letters, digits and dashes")
    return COMMAND.format(sweep=sweep)


def script(wanted: Wanted, journey: Journey, elevated: Iterable[Line] = ()) -> str:
    """The text for standard input; `elevated` is what may be run with the rights of root where the account has them."""
    return filled(template(wanted, journey.packed, journey.program, elevated), journey)


def template(wanted: Wanted, packed: bool = True, program: str = "", elevated: Iterable[Line] = ()) -> str:
    """The text without nonce and prompt: what all hosts of a sweep are sent alike."""
    end = RUN.replace("@PATIENCE@", str(PATIENCE_SECONDS)).replace("@PACKED@", "true" if packed else "false")
    main = "".join(_main(wanted, program, list(elevated) if program else []))
    return f"{HEAD}{FUNCTIONS}{CHECK}{WAY}{READ}{ELEVATE}main() {{\ntrap : TERM\n{main}}}\n{end}"


def filled(text: str, journey: Journey) -> str:
    """A template for one journey. What is replaced stands in the first lines only, in front of anything that a host named."""
    half = len(journey.nonce) // 2
    top, rest = text[: len(HEAD)], text[len(HEAD) :]
    top = top.replace("@FIRST@", journey.nonce[:half]).replace("@SECOND@", journey.nonce[half:])
    return top.replace("@PROMPT@", quoted(journey.prompt) if journey.prompt else "''") + rest


def _main(wanted: Wanted, program: str, elevated: list[Line]) -> Iterator[str]:
    disk = [*wanted.files, *wanted.digests, *wanted.certificates]
    programs = [place for each in wanted.commands for place in PROGRAMS.get(each.argv[0], ())]
    programs += [place for line in elevated for place in PLACES[line.program]]
    raising = f"/usr/bin/{program}" if elevated else ""
    programs = list(dict.fromkeys([*programs, *([raising] if raising else [])]))
    yield TOOLS
    if programs:
        places = " \\\n  ".join([*folders(programs)[1:], *programs, "/bin/busybox"])
        yield TRUST.replace("@PROGRAMS@", f"/ \\\n  {places}")
    if raising:
        yield f'[ "$U" = 0 ] || [ $D != gnu ] || [ -t 1 ] || {{ p {raising} && R=$P; }}\n'
    yield "b about\nprintf 'pid %s\\nuid %s\\ndialect %s\\nconnection %s\\nraised %s\\n' "
    yield '"$$" "$U" "$D" "$S" "$R"\ne 0\n'
    yield MOUNTS.replace("@HANGING@", "|".join(["autofs", "fuse", "fuse.*", *sorted(mounts.NETWORK_TYPES)]))
    yield CAPACITY if wanted.capacity else ""
    own = {f"x{number}" for number in range(len(wanted.commands))}
    yield from (_raised(line) for line in elevated if line.key not in own)
    yield from _texts(wanted)
    yield from _links(wanted)
    if disk or wanted.links or programs:
        yield from _disk(wanted, disk, programs)
    raised = {line.key for line in elevated}
    for number, (each, conditions) in enumerate(wanted.commands.items()):
        yield _program(number, each, conditions, f"x{number}" in raised)
    yield COUNT


def _texts(wanted: Wanted) -> Iterator[str]:
    yield "cd /proc\n"
    if wanted.texts:
        yield f"{_set(wanted.texts)}b texts\ng '' \"$@\"\ne $?\n"
    for number, names in enumerate(dict.fromkeys(wanted.lines.values())):
        paths = [path for path, kept in wanted.lines.items() if kept == names]
        either = "|".join(names)
        yield f'{_set(paths)}b lines{number}\ng {quoted(f"^({either}):")} "$@"\ne $?\n'
    yield "cd /\n"


def _links(wanted: Wanted) -> Iterator[str]:
    found = [*wanted.kernel_links, *(path.rpartition("/")[0] for path in wanted.sockets)]
    if found or wanted.links:
        yield _list("lk", wanted.links) + _list("kl", found) + "b links\ncd /proc\nlk o kl l\ne $?\ncd /\n"


def _disk(wanted: Wanted, disk: list[str], programs: list[str]) -> Iterator[str]:
    """Each list is a function that calls what it is given with the list behind: `fl dg way` is way with both."""
    more = [path for path in [*folders([*disk, *wanted.links, *programs]), *programs] if path not in disk]
    yield _list("fl", wanted.files) + _list("dg", wanted.digests) + _list("ce", wanted.certificates)
    yield _list("wy", dict.fromkeys(more)) + "b way\nY=$L\nfl dg ce wy o way\ne $?\n"
    unlisted = listed([*disk, *wanted.links])
    if unlisted:
        yield _list("ul", unlisted) + "b unlisted\nul o un\ne $?\n"
    if wanted.files:
        yield f"b files\nz={FILE_LIMIT + 1}\nfl o f\ne $?\n"
    if wanted.digests:
        yield f"b digests\nz={wanted.digest_limit + 1}\ndg o d\ne $?\n"
    if wanted.certificates:
        yield f"b certificates\nz={wanted.certificate_limit + 1}\nce o pc\ne $?\n"


def _program(number: int, command: Command, conditions: tuple[str, str, str], raised: bool) -> str:
    where, unless, lacking = conditions
    places = PROGRAMS.get(command.argv[0])
    if places is None:
        return ""
    arguments = "".join(f" {quoted(word)}" for word in command.argv[1:])
    run = f"c c{number}{arguments}"
    if command.root:
        other = f"x x{number}{arguments}" if raised else f"none c{number}"
        run = f'if [ "$U" = 0 ] || [ -z "$P" ]; then {run}\nelif [ "$R" ]; then {other}\nelse none c{number}\nfi'
    text = f"p {' '.join(places)}\n{run}\n"
    tests = [f"[ -d {quoted(where)} ]"] if where else []
    tests += [f"[ ! -e {quoted(unless)} ]"] if unless else []
    test = " && ".join(tests) + (f" || [ ! -e {quoted(lacking)} ]" if lacking else "")
    return f"if {test}; then\n{text}fi\n" if tests else text


def _raised(line: Line) -> str:
    words = "".join(f" \\\n  {quoted(word)}" for word in line.arguments)
    places = " ".join(PLACES[line.program])
    return f'if [ "$R" ] && p {places}; then\n{"xt" if line.key == "xtexts" else "x"} {line.key}{words}\nfi\n'


def _set(patterns: Iterable[str]) -> str:
    """Makes what the patterns match the arguments."""
    return f"set --{_words(patterns)}\n"


def _list(name: str, patterns: Iterable[str]) -> str:
    """A function that calls its arguments with what the patterns match."""
    return f'{name}() {{\n"$@"{_words(patterns)}\n}}\n'


def _words(patterns: Iterable[str]) -> str:
    return "".join(f" \\\n  {glob(_shortened(pattern))}" for pattern in patterns)


def _shortened(pattern: str) -> str:
    """Paths of processes as they are named in /proc, where the script stands then: a third fewer bytes."""
    return pattern.removeprefix("/proc/")
