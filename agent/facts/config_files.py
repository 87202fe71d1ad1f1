"""Digests of configuration files that are watched.

Sources: the files that match the patterns of the reporter's settings (`Context.watched`, else `WATCHED`) and of the
host's own /etc/surveymark/watch.conf (one absolute glob a line, # for comments; only where nobody but root can write
it); /etc/passwd and /etc/group for the names of owners.
Yields ConfigFile, and Host with `watched_files`. A file that everyone may read, by its own mode and those of the
directories on the way, has "sha256:" and the digest of its content; any other "hmac-sha256:" and HMAC-SHA-256 (RFC
2104) of that digest under the key of the store, so that a short secret in it can not be guessed, and no size. A file
that can not be looked at as root (too big, behind a link that somebody planted) has no digest; an ordinary user's
section goes without what it may not read, as privilege "user".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from agent.fact import Context, Digests, File, FileDigest, Material, Missing, Need, Unavailable, Usual
from cmdb.model.classes.config_file import ConfigFile
from cmdb.model.classes.host import Host

WATCHED = (
    "/etc/adjtime",
    "/etc/aliases",
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d/*",
    "/etc/at.allow",
    "/etc/at.deny",
    "/etc/chrony/chrony.conf",
    "/etc/cron.allow",
    "/etc/cron.d/*",
    "/etc/cron.daily/*",
    "/etc/cron.deny",
    "/etc/cron.hourly/*",
    "/etc/cron.monthly/*",
    "/etc/cron.weekly/*",
    "/etc/crontab",
    "/etc/crypttab",
    "/etc/default/*",
    "/etc/environment",
    "/etc/exports",
    "/etc/fstab",
    "/etc/group",
    "/etc/gshadow",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/hosts.allow",
    "/etc/hosts.deny",
    "/etc/inittab",
    "/etc/issue.net",
    "/etc/krb5.conf",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d/*",
    "/etc/ld.so.preload",
    "/etc/login.defs",
    "/etc/modprobe.d/*",
    "/etc/modules",
    "/etc/network/interfaces",
    "/etc/network/interfaces.d/*",
    "/etc/nftables.conf",
    "/etc/nginx/*.conf",
    "/etc/nginx/conf.d/*",
    "/etc/nginx/sites-enabled/*",
    "/etc/nsswitch.conf",
    "/etc/ntp.conf",
    "/etc/pam.d/*",
    "/etc/passwd",
    "/etc/profile",
    "/etc/profile.d/*",
    "/etc/rc.local",
    "/etc/resolv.conf",
    "/etc/rsyslog.conf",
    "/etc/rsyslog.d/*",
    "/etc/securetty",
    "/etc/security/*.conf",
    "/etc/shadow",
    "/etc/shells",
    "/etc/ssh/ssh_config",
    "/etc/ssh/sshd_config",
    "/etc/ssh/sshd_config.d/*",
    "/etc/sudoers",
    "/etc/sudoers.d/*",
    "/etc/sysctl.conf",
    "/etc/sysctl.d/*",
    "/etc/systemd/*.conf",
    "/etc/systemd/network/*",
    "/etc/systemd/system/*.service",
    "/etc/systemd/system/*.timer",
    "/etc/systemd/timesyncd.conf.d/*",
    "/etc/yum.repos.d/*",
)
"""Patterns that are watched where the reporter's settings name none."""

_LIST = "/etc/surveymark/watch.conf"
_MOST_PATTERNS = 1000

NAME = "config_files"
VERSION = 1
CLASSES = ("ConfigFile", "Host")
RELATIONS: tuple[str, ...] = ()
LIMITED = True
EVERY = 12
STEADY = True
NEEDS: tuple[Need, ...] = (File(_LIST), File("/etc/passwd"), File("/etc/group"))
USUAL = tuple(Usual(Digests(pattern)) for pattern in WATCHED)


def further(material: Material, context: Context) -> Iterator[Need]:
    yield from (Digests(pattern) for pattern in _patterns(material, context))


def collect(material: Material, context: Context) -> Iterator[ConfigFile | Host]:
    patterns = _patterns(material, context)
    found: dict[str, FileDigest | Missing] = {}
    for pattern in patterns:
        found.update(material.digests(Digests(pattern)))
    owners, groups = (_names(material, path) for path in ("/etc/passwd", "/etc/group"))
    yield Host(watched_files=list(patterns))
    for path, digest in sorted(found.items()):
        if isinstance(digest, FileDigest):
            yield observe(path, digest, context.digest_key, owners, groups)
        elif digest.kind == "denied" and context.privilege == "user":
            continue
        elif digest.kind in ("denied", "too_big"):
            yield ConfigFile(path=path)
        else:
            raise Unavailable(digest.reason)


def parse(text: str) -> list[str]:
    """Patterns of /etc/surveymark/watch.conf. Raises Unavailable at a line that is no absolute glob."""
    found = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [_watchable(pattern, _LIST) for pattern in found]


def observe(
    path: str, digest: FileDigest, key: bytes | None, owners: dict[int, str], groups: dict[int, str]
) -> ConfigFile:
    """What the CMDB should know of a file. Raises Unavailable where a key is needed and there is none."""
    if not digest.public and key is None:
        raise Unavailable(
            f"{path} is not readable by everyone, so its digest needs the store's key and there is none here; enrol "
            "the agent, or give the collector the key"
        )
    if digest.public or key is None:
        text = f"sha256:{digest.sha256}"
    else:
        text = f"hmac-sha256:{hmac.new(key, bytes.fromhex(digest.sha256), hashlib.sha256).hexdigest()}"
    return ConfigFile(
        path=path,
        digest=text,
        size_bytes=digest.size if digest.public else None,
        mode=f"{digest.mode:04o}",
        owner=owners.get(digest.uid, str(digest.uid)),
        owner_group=groups.get(digest.gid, str(digest.gid)),
    )


def _patterns(material: Material, context: Context) -> tuple[str, ...]:
    own: Iterable[str] = ()
    found = material.optional(_LIST)
    if found is not None:
        if found.uid != 0 or found.mode & 0o022:
            raise Unavailable(f"{_LIST} can be written by others than root; chown root and chmod go-w it, or remove it")
        own = parse(found.text)
    settings = (_watchable(pattern, "the reporter's settings") for pattern in context.watched or WATCHED)
    patterns = tuple(sorted({*settings, *own}))
    if len(patterns) > _MOST_PATTERNS:
        raise Unavailable(f"{len(patterns)} patterns are to be watched; at most {_MOST_PATTERNS} are, shorten {_LIST}")
    return patterns


@lru_cache(maxsize=4096)
def _watchable(pattern: str, origin: str) -> str:
    if not re.match(r"/(?!(proc|sys|dev)(/|\Z))", pattern) or "//" in pattern or "/../" in f"{pattern}/":
        raise Unavailable(f"{origin}: {pattern[:200]!r} is no absolute path or glob of files that can be watched")
    return pattern


def _names(material: Material, path: str) -> dict[int, str]:
    """Names by number from /etc/passwd or /etc/group, the first of a number."""
    found = material.optional(path)
    names: dict[int, str] = {}
    for line in found.text.splitlines() if found else []:
        fields = line.split(":")
        if len(fields) > 2 and fields[2].isdecimal():
            names.setdefault(int(fields[2]), fields[0])
    return names
