"""CronJob: a command that cron or anacron runs on a schedule."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class CronJob(CI):
    """A line of a crontab or anacrontab, or a script in a folder that is run every day, week or month.

    It is known by where it stands, who runs it and what it runs; another schedule is a change of the same job.
    """

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("file", "user", "command")
    name_from: ClassVar[str] = "command"

    file: Optional[str] = attribute("File that it stands in; of a script its folder.")
    user: Optional[str] = attribute("Account that it runs as.", security=True)
    command: Optional[str] = attribute(
        "Command line, secrets removed; of a script its path.", search=False, security=True
    )
    schedules: Optional[list[str]] = attribute(
        "When: the five fields of crontab(5) or '@daily', 'every 7 days' of anacron, 'daily' of a folder.",
        security=True,
    )
    shell: Optional[str] = attribute("Shell that runs it, where the file sets one.", security=True)
    path: Optional[str] = attribute("Where its programs are looked for, where the file sets PATH.", security=True)
    mail_to: Optional[str] = attribute("Whom its output is mailed to, where the file sets one; empty is nobody.")
    disabled: Optional[bool] = attribute("True of a script that is not run, being not executable.", security=True)
