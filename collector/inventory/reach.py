"""How a host of Ansible's is reached, from its variables.

Source: https://docs.ansible.com/ansible/latest/inventory_guide/connection_details.html and the ssh connection plugin.
Of two names of one variable the later in Ansible's list counts (ansible_ssh_port before ansible_port). Templates,
vaulted values and secrets are never used; what is not used is told, never with its value.
"""

from __future__ import annotations

import re

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector import ssh_jumps
from collector.inventory import ssh_words
from collector.inventory.groups import Variables, Written
from collector.inventory.listed import Ignored, Listed
from collector.targets import USER, Expression, parse, port_of
from collector.yaml_text import Tagged

_HOST = ("ansible_host", "ansible_ssh_host")
_PORT = ("ansible_port", "ansible_ssh_port")
_USER = ("ansible_user", "ansible_ssh_user")
_KEY = ("ansible_private_key_file", "ansible_ssh_private_key_file")
_CONNECTION = ("ansible_connection",)
_ZONE = ("surveymark_zone",)
_CREDENTIALS = ("surveymark_credentials",)
_WORDS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
_SECRETS = frozenset(
    f"ansible_{name}"
    for name in (
        "password", "pass", "ssh_pass", "ssh_password", "become_pass", "become_password", "sudo_pass", "sudo_password",
        "su_pass", "su_password", "private_key", "ssh_private_key", "private_key_passphrase",
        "ssh_private_key_passphrase", "vault_password",
    )
)  # fmt: skip
_PROGRAMS = frozenset({"ansible_ssh_executable"})
READ = frozenset(
    {*_HOST, *_PORT, *_USER, *_KEY, *_CONNECTION, *_ZONE, *_CREDENTIALS, *_WORDS, *_SECRETS, *_PROGRAMS}
    | {"ansible_group_priority"}
)
"""The variables that are looked at; no other is kept."""
_OVER_SSH = frozenset({"ssh", "smart", "paramiko", "paramiko_ssh", "libssh", "ssh_connection"})
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")


def listed(name: str, variables: Variables, origin: str, ignored: Ignored) -> Listed | None:
    """A host with how it is reached; None where that is not over SSH."""
    told = _Told(variables, ignored)
    for variable in variables:
        if variable in _SECRETS:
            ignored.add(
                f"{variable} is a secret and not taken from an inventory, name a credential instead",
                variables[variable].where,
            )
        elif variable in _PROGRAMS:
            ignored.add(f"{variable} names a program, which is never run", variables[variable].where)
    connection, where = told.of(_CONNECTION)
    if connection and connection.rpartition(".")[2] not in _OVER_SSH:
        ignored.add(f"hosts with ansible_connection={connection:.40} are not reached over SSH and left out", where)
        return None
    words = _words(told, ignored)
    problems: list[str] = []
    host = _expression(name, told, problems)
    port_text, port_where = told.of(_PORT)
    user, user_where = told.of(_USER)
    key, _ = told.of(_KEY)
    port = _port(port_text or words.port, port_where or origin, problems)
    user = user or words.user
    if user and not USER.match(user):
        problems.append(f"{user_where or origin}: {shown(user)} is no user's name")
    jumps = None
    if words.jump:
        try:
            jumps = tuple(ssh_jumps.words_of(words.jump))
        except UsageError as error:
            problems.append(str(error))
    return Listed(
        name,
        None if problems else host,
        origin,
        port,
        user,
        told.of(_ZONE)[0],
        tuple(word for word in re.split(r"[,\s]+", told.of(_CREDENTIALS)[0]) if word),
        tuple([key] if key else words.identity_files),
        jumps,
        "; ".join(problems),
    )


class _Told:
    """Looks variables up, and notes those that are no plain text."""

    def __init__(self, variables: Variables, ignored: Ignored) -> None:
        self._variables, self._ignored = variables, ignored

    def written(self, names: tuple[str, ...]) -> tuple[str, Written] | None:
        """The variable that counts, whatever it holds, and its name."""
        for name in reversed(names):
            if name in self._variables:
                return name, self._variables[name]
        return None

    def of(self, names: tuple[str, ...]) -> tuple[str, str]:
        """The text of the variable that counts, and where it is written; both empty where there is none."""
        found = self.written(names)
        if found is None:
            return "", ""
        name, written = found
        why = unusable(written)
        if why:
            self._ignored.add(f"{name} {why}", written.where)
            return "", ""
        assert isinstance(written.value, str)
        return written.value.strip(), written.where


def unusable(written: Written) -> str:
    """Why a value is not used; empty where it can be."""
    if isinstance(written.value, Tagged):
        return (
            "is encrypted, and not decrypted" if written.value.tag == "!vault" else "has a tag, which is not evaluated"
        )
    if written.value is None:
        return "is no text"
    if _TEMPLATE.search(written.value):
        return "is a template, which is never evaluated"
    return "is encrypted, and not decrypted" if written.value.lstrip().startswith("$ANSIBLE_VAULT") else ""


def _expression(name: str, told: _Told, problems: list[str]) -> Expression | None:
    """Where the host is: its address is not guessed where the inventory has one that can not be read."""
    found = told.written(_HOST)
    text, where = told.of(_HOST)
    if found is not None and not text:
        problems.append(f"{found[1].where}: {found[0]} {unusable(found[1]) or 'is empty'}")
        return None
    try:
        host = parse(f"[{text or name}]" if ":" in (text or name) else text or name)
    except UsageError as error:
        problems.append(f"{where}: {error}" if where else str(error))
        return None
    if host.excludes or host.user or host.port is not None or host.count != 1:
        problems.append(f"{shown(text or name)} is not one host")
        return None
    return host


def _port(text: str, where: str, problems: list[str]) -> int | None:
    if not text:
        return None
    try:
        return port_of(text, where)
    except UsageError as error:
        problems.append(str(error))
        return None


def _words(told: _Told, ignored: Ignored) -> ssh_words.SshWords:
    """The words for ssh of all the variables that have some, the first that says a thing first."""
    every = []
    for variable in _WORDS:
        text, where = told.of((variable,))
        if not text:
            continue
        found = ssh_words.parse(text)
        every.append(found)
        if found.problem:
            ignored.add(f"{variable} {found.problem}", where)
        for option in found.unused:
            ignored.add(f"{variable}: {option} is not used", where)
    return ssh_words.SshWords(
        next((one.jump for one in every if one.jump), ""),
        next((one.port for one in every if one.port), ""),
        next((one.user for one in every if one.user), ""),
        tuple(file for one in every for file in one.identity_files),
    )
