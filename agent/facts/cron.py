"""What cron and anacron run on a schedule.

Sources: /etc/crontab and /etc/cron.d (with the account in the sixth field), crontabs of accounts in /var/spool/cron (crontabs
on Debian and Alpine, tabs on SUSE, the folder itself on Red Hat), /etc/crontabs of Alpine: crontab(5) of Vixie cron and cronie;
/etc/anacrontab, anacrontab(5); scripts of /etc/cron.{hourly,daily,weekly,monthly} and /etc/periodic, run-parts(8).
Yields a CronJob each. Settings in these files are left out but for SHELL, PATH and MAILTO: they are environments. What stands
behind a % of a command is its input and left out too. Of scripts only name, owner and mode are looked at.

Only root may read the crontabs of accounts: an ordinary user's section goes without, as privilege "user".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Optional

from agent.fact import (
    Content,
    Context,
    Digests,
    File,
    FileDigest,
    Files,
    Inapplicable,
    Material,
    Missing,
    Need,
    ParseError,
    Unavailable,
)
from agent.scrub import scrub_text
from cmdb.model.classes.cron_job import CronJob
from cmdb.model.dataclass import dataclass

_TABLE = "/etc/crontab"
_ANACRON = "/etc/anacrontab"
_SYSTEM = Files("/etc/cron.d/*", 1024 * 1024)
_OF_ACCOUNTS = tuple(
    Files(f"{folder}/*", 1024 * 1024)
    for folder in ("/var/spool/cron/crontabs", "/var/spool/cron/tabs", "/etc/crontabs")
)
_OF_ACCOUNTS_RED_HAT = Files("/var/spool/cron/*", 1024 * 1024)
_PERIODS = ("hourly", "daily", "weekly", "monthly")
_FOLDERS = {
    **{Digests(f"/etc/cron.{period}/*"): period for period in _PERIODS},
    **{Digests(f"/etc/periodic/{period}/*"): period for period in ("15min", *_PERIODS)},
}
_DEBIAN = "/etc/debian_version"

NAME = "cron"
VERSION = 1
CLASSES = ("CronJob",)
RELATIONS: tuple[str, ...] = ()
LIMITED = True
EVERY = 12
STEADY = True
NEEDS: tuple[Need, ...] = (File(_TABLE), File(_ANACRON), File(_DEBIAN), _SYSTEM, *_OF_ACCOUNTS, *_FOLDERS)

_SETTING = re.compile(r"[ \t]*(?:\"([^\"]*)\"|'([^']*)'|(\w+))[ \t]*=[ \t]*(.*)\Z")
"""Of a line without blanks at its ends."""
_HEARD = ("SHELL", "PATH", "MAILTO")
"""Settings that tell how a job runs."""
_RUN_PARTS = re.compile(r"[A-Za-z0-9_-]+\Z")
"""Names that run-parts and Debian's cron take; cronie leaves out only copies and hidden files."""
_COPY = re.compile(r"\.|.*(~|,v|\.(rpmsave|rpmorig|rpmnew|swp|cfsaved|dpkg-(dist|old|new|tmp)|placeholder))\Z|#")
_TIME, _DAY = r"[\d*,/~\-]+[ \t]+", r"[\d*,/~\-a-zA-Z?#]+[ \t]+"
_LINE = re.compile(rf"(@[a-z]+[ \t]+|(?:{_TIME}){{2}}(?:{_DAY}){{3}})(\S.*)\Z", re.DOTALL)
_NICKNAMES = frozenset(["@reboot", "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"])
_ANACRON_LINE = re.compile(r"(\d+|@[a-z]+)[ \t]+\d+[ \t]+\S+[ \t]+(.+)\Z")


@dataclass(frozen=True)
class Job:
    """A line: `schedule` as it is written, `command` without what is its input."""

    file: str
    user: str
    schedule: str
    command: str
    settings: Mapping[str, str] = field(default_factory=dict)


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    """The folder of Red Hat's crontabs, where it is not the one that holds Debian's and at(1)'s jobs beside them."""
    if material.missing(File(_DEBIAN)):
        yield _OF_ACCOUNTS_RED_HAT


def collect(material: Material, context: Context) -> Iterable[CronJob]:
    """Jobs; raises Inapplicable where there is nothing of cron, Unavailable where root can not read a file of it."""
    debian = not material.missing(File(_DEBIAN))
    jobs: list[Job] = []
    table = material.optional(_TABLE)
    if table is not None:
        jobs += parse(table.text, _TABLE, None)
    for path, text in _texts(material, _SYSTEM, context):
        if (_RUN_PARTS.match if debian else _is_no_copy)(path.rpartition("/")[2]):
            jobs += parse(text, path, None)
    tables: dict[tuple[str, str], str] = {}
    for need in (*_OF_ACCOUNTS, *(() if debian else (_OF_ACCOUNTS_RED_HAT,))):
        for path, text in _texts(material, need, context):
            # One folder may be a link to another, as on Alpine; cron.update tells its crond to look again.
            name = path.rpartition("/")[2]
            if _is_no_copy(name) and name != "cron.update":
                tables.setdefault((name, text), path)
    for (name, text), path in tables.items():
        jobs += parse(text, path, name)
    anacron = material.optional(_ANACRON)
    if anacron is not None:
        jobs += parse_anacron(anacron.text)
    scripts = [
        (path, found, period)
        for need, period in _FOLDERS.items()
        for path, found in material.digests(need).items()
        if (_RUN_PARTS.match if debian else _is_no_copy)(path.rpartition("/")[2])
    ]
    if table is None and anacron is None and not jobs and not scripts:
        raise Inapplicable("nothing of cron is here: no /etc/crontab, no crontabs, no scripts")
    return [*observe(jobs), *observe_scripts(scripts)]


def parse(text: str, path: str, user: Optional[str]) -> list[Job]:
    """Jobs of a crontab, in its order. Without `user` the sixth field is the account.

    Raises ParseError, quoting no more than a line's first words, where a line is neither job nor setting nor comment.
    """
    found = []
    settings: Mapping[str, str] = {}
    for number, raw in enumerate(text.split("\n"), 1):  # what else may end a line elsewhere ends none for cron
        line = raw.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        setting = _SETTING.match(line)
        if setting:
            settings = _with(settings, setting)
            continue
        match = _LINE.match(line.lstrip("-"))
        if match is None or (match[1][0] == "@" and match[1].strip() not in _NICKNAMES):
            raise ParseError(f"{path}:{number}: not understood: {' '.join(line.split()[:5])[:100]!r}")
        schedule, rest = " ".join(match[1].split()), match[2]
        who = user
        if who is None:
            who, _, rest = rest.replace("\t", " ").partition(" ")
            rest = rest.strip()
        if not rest:
            raise ParseError(f"{path}:{number}: a job without a command")
        found.append(Job(path, who, schedule, _command(rest), settings))
    return found


def parse_anacron(text: str) -> list[Job]:
    """Jobs of /etc/anacrontab, in its order; they run as root. Raises ParseError as `parse` does."""
    found = []
    settings: Mapping[str, str] = {}
    for number, raw in enumerate(text.replace("\\\n", " ").splitlines(), 1):
        line = raw.strip()
        setting = _SETTING.match(line)
        job = _ANACRON_LINE.match(line)
        if not line or line.startswith("#"):
            continue
        if setting:
            settings = _with(settings, setting)
        elif job:
            when = job[1] if job[1].startswith("@") else f"every {int(job[1])} days"
            found.append(Job(_ANACRON, "root", when, job[2].strip(), settings))
        else:
            raise ParseError(f"{_ANACRON}:{number}: not understood: {' '.join(line.split()[:3])[:100]!r}")
    return found


def observe(jobs: Iterable[Job]) -> Iterator[CronJob]:
    """What the CMDB should know of them; lines that differ by their schedule alone are one job."""
    schedules: dict[tuple[str, str, str], set[str]] = {}
    last: dict[tuple[str, str, str], Job] = {}
    for job in jobs:
        key = (job.file, job.user, scrub_text(job.command))
        schedules.setdefault(key, set()).add(job.schedule)
        last[key] = job
    for key, job in last.items():
        yield CronJob(
            file=job.file,
            user=job.user,
            command=key[2],
            schedules=sorted(schedules[key]),
            shell=job.settings.get("SHELL"),
            path=job.settings.get("PATH"),
            mail_to=scrub_text(job.settings["MAILTO"]) if "MAILTO" in job.settings else None,
        )


def observe_scripts(scripts: Iterable[tuple[str, FileDigest | Missing, str]]) -> Iterator[CronJob]:
    """Scripts of folders that are run one after the other. One that is not executable is not run."""
    for path, found, period in scripts:
        job = CronJob(file=path.rpartition("/")[0], user="root", command=path, schedules=[period])
        runs = not isinstance(found, FileDigest) or found.mode & 0o111
        yield job if runs else replace(job, disabled=True)


def _with(settings: Mapping[str, str], found: re.Match[str]) -> Mapping[str, str]:
    name = found[1] or found[2] or found[3]
    return {**settings, name: found[4].strip("\"'")} if name in _HEARD else settings


def _command(text: str) -> str:
    """A command without its input: the first % that is not escaped ends it, crontab(5)."""
    end = re.search(r"(?<!\\)%", text)
    return (text[: end.start()] if end else text).replace("\\%", "%").strip()


def _is_no_copy(name: str) -> bool:
    return _COPY.match(name) is None


def _texts(material: Material, need: Files, context: Context) -> Iterator[tuple[str, str]]:
    for path, content in material.files(need).items():
        if isinstance(content, Content):
            yield path, content.text
        elif content.kind != "denied" or context.privilege != "user":
            raise Unavailable(content.reason)
