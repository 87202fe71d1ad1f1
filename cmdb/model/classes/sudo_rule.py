"""SudoRule: who may run what with whose rights."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class SudoRule(CI):
    """One right that sudo's policy gives or takes: an account or group, a command, and whose rights it is run with.

    Aliases are resolved, so that whoever comes into an alias is a rule that was added. Of two rules about the same the later
    counts; the order of different ones shows in the digest of the file (ConfigFile).
    """

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    key: ClassVar[tuple[str, ...]] = ("who", "hosts", "run_as", "command")
    name_from: ClassVar[str] = "name"

    name: Optional[str] = attribute("For people: '%sudo may run ALL as ALL:ALL'.")
    who: Optional[str] = attribute("Account, '%group', '#uid', '+netgroup' or ALL; a list where it excludes somebody.")
    hosts: Optional[str] = attribute("Hosts where it holds: ALL, names or networks; the file may serve many hosts.")
    run_as: Optional[str] = attribute(
        "Accounts, and behind ':' groups, whose rights are given; 'self' is the account itself."
    )
    command: Optional[str] = attribute("Command line as sudo matches it, secrets removed; ALL is any.", search=False)
    denied: Optional[bool] = attribute("True where the rule takes the right ('!' before the command).", security=True)
    passwordless: Optional[bool] = attribute("True where no password is asked (NOPASSWD).", security=True)
    tags: Optional[list[str]] = attribute("Other tags and options in force: SETENV, NOEXEC, TIMEOUT=5m.", security=True)
    digests: Optional[list[str]] = attribute("Digests that the program has to have.", search=False, security=True)
    origin: Optional[str] = attribute("File where it stands.", search=False)
