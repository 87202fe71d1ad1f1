"""Who may run what with whose rights, and the settings of sudo.

Source: /etc/sudoers and what it includes, sudoers(5) (see agent/sudoers.py); /proc/sys/kernel/hostname for %h in names of files.
Yields a SudoRule for each command that a specification names, aliases resolved, and a ServiceSetting for each parameter of
Defaults. Rules that a directory service keeps (LDAP, SSSD) are not looked at. Only root may read these files: an ordinary
user's section has failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Optional

from agent.fact import Content, Context, File, Files, Inapplicable, Material, Need, Unavailable
from agent.scrub import scrub_text
from agent.sudoers import Default, Include, Policy, Rule, includes, is_read, parse
from cmdb.model.classes.service_setting import ServiceSetting
from cmdb.model.classes.sudo_rule import SudoRule
from cmdb.model.declaration import CI

_MAIN = "/etc/sudoers"
_USUAL = Files("/etc/sudoers.d/*")
_HOST = "/proc/sys/kernel/hostname"

NAME = "sudo"
VERSION = 1
CLASSES = ("ServiceSetting", "SudoRule")
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 12
STEADY = True
NEEDS: tuple[Need, ...] = (File(_MAIN), _USUAL, File(_HOST))

_LISTS = frozenset({"env_keep", "env_check", "env_delete"})
"""Parameters that hold a list of words."""


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    """Files and folders of other includes; what they include themselves shows in the next round."""
    todo = [(_MAIN, _main(material))]
    seen = {_MAIN}
    while todo:
        path, text = todo.pop()
        for include in includes(text, path, _host(material)):
            need = _need(include)
            lack = material.missing(need)
            if lack is not None and lack.kind == "unsupported":
                yield need
            else:
                new = [(member, inner) for member, inner in _read(material, include) if member not in seen]
                seen.update(member for member, _ in new)
                todo += new


def collect(material: Material, context: Context) -> Iterable[CI]:  # noqa: ARG001 - as every fact
    """Rules and settings; raises Inapplicable where there is no sudoers file, Unavailable where one can not be read."""
    policy = parse(_MAIN, _main(material), lambda include: _read(material, include), _host(material))
    return [*observe(policy), *observe_settings(policy)]


def observe(policy: Policy) -> list[SudoRule]:
    """Rules, the later of two about the same."""
    found: dict[tuple[str, str, str, str], SudoRule] = {}
    for rule in policy.rules:
        made = _rule(rule)
        found[(made.who or "", made.hosts or "", made.run_as or "", made.command or "")] = made
    return list(found.values())


def observe_settings(policy: Policy) -> list[ServiceSetting]:
    """Parameters of Defaults as they are when all lines have been read; += and -= of lists stand as "+word" and "-word" where
    no line says from what."""
    found: dict[tuple[str, str], tuple[list[str], str]] = {}
    for default in policy.defaults:
        known = found.get((default.scope, default.name), ([], ""))[0]
        found[(default.scope, default.name)] = (_values(default, known), default.origin)
    return [
        ServiceSetting(
            service="sudo", scope=scope, name=name, values=[scrub_text(value) for value in values], origin=origin
        )
        for (scope, name), (values, origin) in found.items()
    ]


def _rule(rule: Rule) -> SudoRule:
    who, hosts, command = ", ".join(rule.who), ", ".join(rule.hosts), scrub_text(rule.command)
    run_as = _run_as(rule.users, rule.groups)
    return SudoRule(
        name=f"{who} may {'not ' if rule.denied else ''}run {command} as {run_as}",
        who=who,
        hosts=hosts,
        run_as=run_as,
        command=command,
        denied=True if rule.denied else None,
        passwordless=True if "NOPASSWD" in rule.tags else None,
        tags=[tag for tag in rule.tags if tag != "NOPASSWD"] or None,
        digests=list(rule.digests) or None,
        origin=rule.origin,
    )


def _run_as(users: Optional[Sequence[str]], groups: Sequence[str]) -> str:
    if users is None:
        return "root"
    named = ",".join(users) or "self"
    return f"{named}:{','.join(groups)}" if groups else named


def _values(default: Default, known: list[str]) -> list[str]:
    if default.operator == "!":
        return ["off"]
    if not default.operator:
        return ["on"]
    words = default.value.split() if default.name in _LISTS else [default.value]
    if default.operator == "=":
        return words
    mark, other = ("+", "-") if default.operator == "+=" else ("-", "+")
    kept = [value for value in known if value.lstrip("+-") not in words]
    plain = any(not value.startswith(("+", "-")) for value in known)
    if plain and mark == "+":
        return [*kept, *words]
    return kept if plain else [*kept, *(f"{mark}{word}" for word in words if f"{other}{word}" not in known)]


def _main(material: Material) -> str:
    found = material.optional(_MAIN)
    if found is None:
        raise Inapplicable(f"there is no {_MAIN}")
    return found.text


def _host(material: Material) -> str:
    return material.file(_HOST).text.strip().partition(".")[0]


def _need(include: Include) -> Need:
    return Files(f"{include.path}/*") if include.folder else File(include.path)


def _read(material: Material, include: Include) -> list[tuple[str, str]]:
    """Path and text of what is included, in the order in which sudo reads it. What is not there is left out, as sudo does."""
    if not include.folder:
        found = material.optional(include.path)
        return [] if found is None else [(include.path, found.text)]
    texts = []
    for path, content in sorted(material.files(Files(f"{include.path}/*")).items()):
        if path != include.path and not is_read(path.rpartition("/")[2]):
            continue
        if not isinstance(content, Content):
            raise Unavailable(content.reason)
        texts.append((path, content.text))
    return texts
