"""An inventory file in whatever form it has: Ansible's as INI or YAML, a plain list, or CSV.

The form is told by the ending (.yml .yaml .json, .csv, .ini .cfg, .txt .list) and else by what is in the file. A file
that is a program is never run. PATH:GROUP takes the hosts of one group.
"""

from __future__ import annotations

import re
from pathlib import Path

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector.inventory import ansible_ini, ansible_yaml
from collector.inventory.bounded_file import text_of
from collector.inventory.groups import ALL, Groups
from collector.inventory.listed import Ignored, Inventory
from collector.inventory.plain import parse_list
from collector.inventory.reach import listed
from collector.inventory.table import columns_of, parse_table
from collector.inventory.vars_folders import joined

FORMS = ("ini", "yaml", "plain", "csv")
_ENDINGS = {
    ".yml": "yaml", ".yaml": "yaml", ".json": "yaml", ".csv": "csv", ".tsv": "csv",
    ".ini": "ini", ".cfg": "ini", ".txt": "plain", ".list": "plain", ".lst": "plain",
}  # fmt: skip
_INI_SECTION = re.compile(r"\[[^:\]\s]+(?::(?:vars|children|hosts))?\]\s*(?:#.*)?\Z")
_INI_HOST = re.compile(
    r"\S+\s+[A-Za-z_]\w*=|\S*[^\s\[]\[[0-9A-Za-z]*:[0-9A-Za-z]+(?::[0-9]+)?\]|\[[0-9a-z]*:[0-9a-z]+\][^:]"
)
_YAML = re.compile(r"---(\s|\Z)|[\"']?[\w.-]+[\"']?:(\s|\Z)|\{")


def load(word: str) -> Inventory:
    """The hosts of an inventory, or of one group of it (PATH:GROUP).

    Raises UsageError that names the file, and the line where there is one.
    """
    path, group = Path(word), ""
    if not path.exists() and ":" in word:
        before, _, behind = word.rpartition(":")
        if Path(before).is_file():
            path, group = Path(before), behind
    text = text_of(path)
    if text.startswith("#!"):
        raise UsageError(
            f"{path} is a program, and inventories are never run. Write its hosts down with"
            f" `ansible-inventory -i {path} --list --yaml` and name that file."
        )
    if text.startswith("$ANSIBLE_VAULT;"):
        raise UsageError(f"{path} is encrypted, and not decrypted: name a file that can be read.")
    form = form_of(path, text)
    if form in ("plain", "csv"):
        if group:
            raise UsageError(f"{path} has no groups, so {shown(group)} is none of them: name the file alone.")
        return parse_list(text, path.name) if form == "plain" else parse_table(text, path.name)
    ignored = Ignored()
    try:
        groups = ansible_ini.parse(text, path.name) if form == "ini" else ansible_yaml.parse(text, path.name, ignored)
        return _of_groups(groups, group, path, ignored)
    except UsageError as error:
        message = error.message if path.name in error.message else f"{path.name}: {error.message}"
        raise UsageError(message) from None


def form_of(path: Path, text: str) -> str:
    """The form of a file: one of FORMS."""
    known = _ENDINGS.get(path.suffix.lower())
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line and line[0] not in "#;"]
    if known and known != "plain":
        return known
    if lines and columns_of(lines[0]) is not None and known is None:
        return "csv"
    if known is None and lines and _YAML.match(lines[0]):
        return "yaml"
    if any(_INI_SECTION.match(line) or _INI_HOST.match(line) for line in lines):
        return "ini"
    return "plain"


def _of_groups(groups: Groups, group: str, path: Path, ignored: Ignored) -> Inventory:
    if group and not groups.has_group(group):
        raise UsageError(f"{path} has no group {shown(group)}.")
    made = (
        listed(name, variables, host.origin, ignored)
        for name, host, variables in joined(groups, path.parent, group or ALL, ignored)
    )
    found = tuple(host for host in made if host is not None)
    return Inventory(found, (), tuple(ignored.lines()))
