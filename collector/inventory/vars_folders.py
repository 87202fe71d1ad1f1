"""The folders group_vars and host_vars beside an inventory: YAML files by the name of a group or host.

Source: https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html#organizing-host-and-group-variables.
For a name there counts the first of NAME, NAME.yml, NAME.yaml and NAME.json; where it is a folder, every such file
below it, in the order of their names, the last word first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cmdb.model.errors import UsageError
from collector.inventory import ansible_yaml
from collector.inventory.bounded_file import text_of
from collector.inventory.groups import Groups, Host, Variables
from collector.inventory.listed import Ignored
from collector.yaml_text import read

MOST_FILE_BYTES = 1024 * 1024
MOST_FILES = 200_000
MOST_FOLDERS_DEEP = 10
_ENDINGS = ("", ".yml", ".yaml", ".json")


def joined(groups: Groups, folder: Path, group: str, ignored: Ignored) -> Iterator[tuple[str, Host, Variables]]:
    """The hosts of a group, each with all of its variables: those of the inventory and of the folders beside it.

    Raises UsageError for a file that can not be read.
    """
    hosts = [(name, host) for name, host in groups.hosts.items() if group in groups.groups_of(host)]
    host_vars = VarsFolder(folder / "host_vars", ignored, folder)
    shared = groups.variables_of(
        (host for _, host in hosts), VarsFolder(folder / "group_vars", ignored, folder).variables
    )
    for name, host in hosts:
        yield name, host, {**shared[tuple(host.groups)], **host.variables, **host_vars.variables(name)}


class VarsFolder:
    """One of the two folders; it may be absent. What is in it is listed once."""

    def __init__(self, folder: Path, ignored: Ignored, root: Path) -> None:
        self._folder, self._ignored, self._root = folder, ignored, root
        self._read = 0
        try:
            self._names = frozenset(inner.name for inner in folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            self._names = frozenset()
        except OSError as error:
            raise UsageError(f"{folder} can not be read: {error.strerror}.") from None

    def variables(self, name: str) -> Variables:
        """What the folder says of a group or host. Raises UsageError for a file that can not be read."""
        found: Variables = {}
        for ending in _ENDINGS:
            if name + ending in self._names and "/" not in name and name not in (".", ".."):
                for path in self._files(self._folder / (name + ending), 0):
                    found.update(self._of(path))
                break
        return found

    def _files(self, path: Path, deep: int) -> Iterator[Path]:
        if not path.is_dir():
            yield path
            return
        if deep >= MOST_FOLDERS_DEEP:
            raise UsageError(f"{path} is nested deeper than {MOST_FOLDERS_DEEP} folders.")
        for inner in sorted(path.iterdir()):
            if inner.name.startswith(".") or inner.name.endswith("~"):
                continue
            if (inner.is_dir() and not inner.suffix) or (inner.is_file() and inner.suffix in _ENDINGS):
                yield from self._files(inner, deep + 1)

    def _of(self, path: Path) -> Variables:
        self._read += 1
        if self._read > MOST_FILES:
            raise UsageError(f"{self._folder} has more than {MOST_FILES} files.")
        name = str(path.relative_to(self._root))
        text = text_of(path, most=MOST_FILE_BYTES)
        if text.startswith("$ANSIBLE_VAULT;"):
            self._ignored.add("the file is encrypted, and not decrypted", name)
            return {}
        try:
            document, _ = read(text, depth=ansible_yaml.MOST_DEPTH, lenient=True)
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from None
        return ansible_yaml.kept(document, name)
