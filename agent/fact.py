"""What a fact is: what it needs, a pure `parse`, a pure `observe`; and the three outcomes of a section.

A fact is a module in agent/facts. Its interface:

    NAME = "memory"                 section name
    VERSION = 1                     raised when the same host would give another body
    CLASSES = ("Host",)             part classes of which a collected section tells all there are ("Host" only for the
                                    attributes that it sets)
    RELATIONS = ()                  relationship types of which it tells all there are
    NEEDS = (File("/proc/meminfo"),)
    LIMITED = False                 True where an ordinary user sees less than root without an error
    EVERY = 4                       optional: looked at in every fourth pass of a resident agent only, since it is dear and
                                    what it tells seldom changes
    BUDGET = Budget(cpu_seconds=60) optional: beyond which it is stopped, and its section has failed
    ROOT_ITSELF = True              optional, of a LIMITED fact: an account with the rights of root for a fixed list of commands
                                    does not see all either
    STEADY = True                   optional: what it tells follows from its needs, the privilege, the key of digests and
                                    the watched patterns alone, so that the same material needs no second look
    def collect(material, context) -> Iterable[CI | Relation]
                                    parse and observe; raises Unavailable or Inapplicable

    USUAL = (Usual(Command(...), unless="/proc/sys/kernel/arch"),)
                                    optional: further needs that most hosts turn out to have; a shell to which every
                                    question is a journey supplies them together with the first ones
    def further(material, context) -> Iterable[Need]
                                    optional: needs that only show in what the first ones gave (a file that includes
                                    another); asked again until nothing new comes
    def marks(material, context) -> Dict[str, Value]
                                    optional: identifying marks of the host, see `Host.marks`

`parse` and `observe` stay separate functions in each module; `collect` joins them. Nothing in a fact opens a file or
starts a program: a Shell supplies the needs, so that a host looks the same by every route.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import field
from typing import Any, Optional, Protocol, TypeVar, Union

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, Relation

_T = TypeVar("_T")

FILE_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True)
class File:
    """One regular file's content; `limit` bytes at most (more is a failure that says so)."""

    path: str
    limit: int = FILE_LIMIT

    def __hash__(self) -> int:
        return hash(self.path)


@dataclass(frozen=True)
class Files:
    """Content of the regular files that match a glob; `limit` bytes each, `count` files at most."""

    pattern: str
    limit: int = FILE_LIMIT
    count: int = 10_000
    keep: tuple[str, ...] = ()
    """Names of the lines "Name: value" that are wanted; a shell may leave out all others. Where it is empty all are."""
    kernel_threads: bool = True
    """False where a shell may leave out those of kernel threads, which it knows by /proc/<pid>/stat."""

    def __hash__(self) -> int:
        return hash(self.pattern)


@dataclass(frozen=True)
class Links:
    """Targets of the symbolic links that match a glob (/proc/[0-9]*/exe, /proc/[0-9]*/fd/*)."""

    pattern: str
    count: int = 400_000
    starting: str = ""
    """How the targets begin that are wanted; a shell may leave out links with others."""
    kernel_threads: bool = True

    def __hash__(self) -> int:
        return hash(self.pattern)


@dataclass(frozen=True)
class Digests:
    """SHA-256, size, mode and owner of the regular files that match a glob, and whether everyone may read them; their
    content never leaves the shell."""

    pattern: str
    limit: int = 16 * 1024 * 1024
    count: int = 5_000

    def __hash__(self) -> int:
        return hash(self.pattern)


@dataclass(frozen=True)
class Certificates:
    """Certificates in the PEM files (RFC 7468) that match a glob: their blocks alone. What else a file holds, a private key
    above all, never leaves the shell."""

    pattern: str
    limit: int = 1024 * 1024
    count: int = 1_000

    def __hash__(self) -> int:
        return hash(self.pattern)


@dataclass(frozen=True)
class Command:
    """One command line of a program of the list in commands.py: absolute path first, clean environment, C.UTF-8."""

    argv: tuple[str, ...]
    limit: int = 16 * 1024 * 1024
    seconds: float = 20.0
    root: bool = False
    """True where the command shows more, or anything, only to root."""


@dataclass(frozen=True)
class Capacity:
    """statvfs of the mount points that are no network mounts: {path: (size_bytes, free_bytes)}."""


@dataclass(frozen=True)
class Portable:
    """What psutil tells of a topic (agent/portable.py), on systems other than Linux: a mapping of plain values."""

    topic: str


Need = Union[File, Files, Links, Digests, Certificates, Command, Capacity, Portable]


@dataclass(frozen=True)
class Usual:
    """A need that usually follows: where there is a folder `where`, and unless there is a path `unless`; in any case where
    there is no path `lacking`."""

    need: Need
    where: str = ""
    unless: str = ""
    lacking: str = ""


@dataclass(frozen=True)
class Content:
    """A file as a shell read it. `mode` is st_mode & 0o7777."""

    data: bytes
    mode: int = 0o644
    uid: int = 0
    gid: int = 0

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


@dataclass(frozen=True)
class FileDigest:
    """What `Digests` yields of one file; `sha256` is 64 hex digits. `public` is true only where everyone may read it:
    others may read the file and enter every directory on the way."""

    sha256: str
    size: int
    mode: int
    uid: int
    gid: int
    public: bool


@dataclass(frozen=True)
class Output:
    """What a command printed; a status other than 0 is not a failure by itself."""

    stdout: bytes
    stderr: bytes = b""
    status: int = 0

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "replace")


class Unavailable(Exception):
    """A need could not be met or its text not be read: the section failed. Says what, why and the remedy."""


class Inapplicable(Exception):
    """The host has no such thing (no dpkg on Alpine): looked at, and nothing to tell. Says why."""


class ParseError(Unavailable):
    """Text that is not what the source promises; quotes the first line that was not understood."""


@dataclass(frozen=True)
class Missing:
    """A need that was not met: `kind` is absent, denied, too_big, timeout, failed or unsupported."""

    kind: str
    reason: str


Supplied = Union[Content, Output, Mapping[str, Any], Missing]


class Material:
    """What a shell supplied for a fact's needs.

    Asking for something that is missing raises Unavailable with the reason.
    """

    def __init__(self, supplied: Mapping[Need, Supplied], derived: Optional[dict[Any, Any]] = None) -> None:
        self._supplied = dict(supplied)
        self._derived = {} if derived is None else derived
        self._files = {need.path: need for need in self._supplied if isinstance(need, File)}

    def derive(self, make: Callable[..., _T], *further: Hashable) -> _T:
        """What `make` makes of this material and of `further`, made once for all facts of a pass; nobody may change it."""
        key = (make, further)
        if key not in self._derived:
            self._derived[key] = make(self, *further)
        made: _T = self._derived[key]
        return made

    def missing(self, need: Need) -> Optional[Missing]:
        """Why the need was not met, or None where it was."""
        found = self._supplied.get(need)
        if found is None:
            return Missing("unsupported", f"{need} was not supplied")
        return found if isinstance(found, Missing) else None

    def file(self, path: str) -> Content:
        """Content of a `File` need; raises Unavailable."""
        need = self._files.get(path) or File(path)
        return self._get(need, Content)

    def optional(self, path: str) -> Optional[Content]:
        """Content of a `File` need, None where there is no such file; raises Unavailable where it can not be read."""
        need = self._files.get(path) or File(path)
        lack = self.missing(need)
        return None if lack and lack.kind == "absent" else self._get(need, Content)

    def files(self, need: Files) -> dict[str, Union[Content, Missing]]:
        """Content by path, in the order of paths; a member that could not be read is a `Missing`."""
        return self._get(need, dict)

    def links(self, need: Links) -> dict[str, Union[str, Missing]]:
        """Target by path of link."""
        return self._get(need, dict)

    def digests(self, need: Digests) -> dict[str, Union[FileDigest, Missing]]:
        """Digest by path."""
        return self._get(need, dict)

    def certificates(self, need: Certificates) -> dict[str, Union[Content, Missing]]:
        """Certificate blocks by path; a file without any has empty content."""
        return self._get(need, dict)

    def capacity(self) -> dict[str, tuple[int, int]]:
        """(size_bytes, free_bytes) by mount point."""
        return self._get(Capacity(), dict)

    def portable(self, topic: str) -> dict[str, Any]:
        """What psutil told of a topic."""
        return self._get(Portable(topic), dict)

    def output(self, command: Command) -> Output:
        """Output of a command, whatever its status."""
        return self._get(command, Output)

    def _get(self, need: Need, kind: type[_T]) -> _T:
        lack = self.missing(need)
        if lack:
            raise Unavailable(lack.reason)
        found = self._supplied[need]
        if not isinstance(found, kind):
            raise TypeError(f"{need} was supplied as {type(found).__name__}")
        return found


class Shell(Protocol):
    """Supplies needs: LocalShell in the agent, SshShell in the sweep, RecordedShell in tests."""

    @property
    def privilege(self) -> str:
        """ "full" as root, else "user"."""

    @property
    def own_pids(self) -> frozenset[int]:
        """Processes of the observer itself, whose connections never count."""

    def supply(self, needs: Iterable[Need]) -> dict[Need, Supplied]: ...


@dataclass(frozen=True)
class Context:
    """What a fact may know beside its material."""

    privilege: str = "full"
    own_pids: frozenset[int] = frozenset()
    digest_key: Optional[bytes] = None
    watched: tuple[str, ...] = ()
    observed_at_us: int = 0
    """Reporter's clock, microseconds since 1970 UTC."""


class Fact(Protocol):
    """The interface of a fact module, see above."""

    NAME: str
    VERSION: int
    CLASSES: tuple[str, ...]
    RELATIONS: tuple[str, ...]
    NEEDS: tuple[Need, ...]
    LIMITED: bool

    def collect(self, material: Material, context: Context) -> Iterable[Union[CI, Relation]]: ...


@dataclass(frozen=True)
class Collected:
    """The fact looked, and this is all there is (within its privilege)."""

    items: list[CI]
    relations: list[Relation]


@dataclass(frozen=True)
class NotApplicable:
    """The host has no such thing."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """The fact could not look."""

    reason: str


Outcome = Union[Collected, NotApplicable, Failed]


@dataclass(frozen=True)
class Cost:
    """What a section cost: seconds of wall and of CPU (children included), bytes of material. The peak of resident memory is
    told where it can be had, else 0."""

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    bytes: int = 0
    peak_memory_bytes: int = 0


@dataclass(frozen=True)
class Budget:
    """What a fact may cost at most: seconds of wall and of CPU, resident memory of the process that looks, bytes of what it
    tells. The memory is less than what the agent has as a service (service.py), so that the reason is told."""

    wall_seconds: float = 120.0
    cpu_seconds: float = 30.0
    memory_bytes: int = 384 * 1024 * 1024
    bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True)
class SectionResult:
    """One fact's outcome within a pass. `privilege` is "full" where nothing was hidden by lack of rights."""

    section: str
    version: int
    classes: tuple[str, ...]
    relations: tuple[str, ...]
    privilege: str
    outcome: Outcome
    cost: Cost = field(default_factory=Cost)
    known: Optional[Any] = field(default=None, compare=False, repr=False)
    """Where outcomes are remembered: what is kept of this one (remembered.Known)."""
