"""A list of hosts as CSV (RFC 4180): `address`, and beside it `name`, `port`, `user`, `zone`, `credential`, `key`, `jump`.

The first row names the columns, whatever their order and case; others are ignored, and told. It may be separated by
comma, semicolon or tab. Without `address` the `name` is looked up. `credential` holds names of credentials, `jump` hops
in the order of the way, separated by a comma, semicolon or space within the cell.
"""

from __future__ import annotations

import csv
import io
import re

from cmdb.model.checked import shown
from cmdb.model.errors import UsageError
from collector import ssh_jumps
from collector.inventory.listed import MOST_HOSTS, Ignored, Inventory, Listed
from collector.targets import USER, parse, port_of

COLUMNS = ("address", "name", "port", "user", "zone", "credential", "key", "jump")
_ALSO = {
    "ip": "address", "host": "address", "ip_address": "address", "hostname": "name", "credentials": "credential",
    "username": "user", "identity_file": "key", "jumps": "jump", "proxyjump": "jump",
}  # fmt: skip
_MOST_COLUMNS = 200


def columns_of(line: str) -> tuple[str, list[str]] | None:
    """What separates the cells of a first row, and the columns that it names; None where it is no such row."""
    between = max(",;\t", key=line.count)
    names = [cell.strip().strip('"').lower().replace(" ", "_") for cell in line.split(between)]
    names = [_ALSO.get(name, name) for name in names]
    known = [name for name in names if name in COLUMNS]
    if not {"address", "name"} & set(known) or (between not in line and len(known) != 1):
        return None
    return between, names


def parse_table(text: str, name: str) -> Inventory:
    """The hosts of a table; `name` is the file's, for messages. Raises UsageError that names file and line."""
    found = columns_of(text.lstrip().partition("\n")[0])
    if found is None:
        raise UsageError(
            f"{name} is no table of hosts: its first row names the columns address or name, and beside them any of"
            f" {', '.join(COLUMNS[2:])}."
        )
    between, columns = found
    twice = sorted({column for column in columns if columns.count(column) > 1 and column in COLUMNS})
    if twice or len(columns) > _MOST_COLUMNS:
        raise UsageError(f"{name}: " + (f"column {twice[0]} stands twice." if twice else "too many columns."))
    ignored = Ignored()
    for column in columns:
        if column not in COLUMNS:
            ignored.add(f"column {shown(column)} means nothing to a sweep", f"{name} line 1")
    hosts: list[Listed] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    head = False
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not head:
                head = True
                continue
            where = f"{name} line {reader.line_num}"
            if len(cells) != len(columns):
                raise UsageError(f"{where} has {len(cells)} cells, and the first row names {len(columns)} columns.")
            try:
                hosts.append(_host({key: cell.strip() for key, cell in zip(columns, cells)}, where))
            except UsageError as error:
                raise UsageError(f"{where}: {error}") from None
            if len(hosts) > MOST_HOSTS:
                raise UsageError(f"{name} has more than {MOST_HOSTS} hosts; split it.")
    except csv.Error as error:
        raise UsageError(f"{name} line {reader.line_num} is no CSV: {error}.") from None
    return Inventory(tuple(hosts), (), tuple(ignored.lines()))


def _host(row: dict[str, str], where: str) -> Listed:
    name, address = row.get("name", ""), row.get("address", "")
    host = parse(address or name)
    if host.excludes:
        raise UsageError(f"{shown(address or name)} leaves out a host, which a table can not: use --exclude.")
    user = row.get("user", "") or host.user
    if user and not USER.match(user):
        raise UsageError(f"{shown(user)} is no user's name.")
    port = port_of(row["port"], where) if row.get("port") else host.port
    jumps = None
    if row.get("jump"):
        jumps = tuple(ssh_jumps.words_of(",".join(_words(row["jump"]))))
    return Listed(
        name or host.name or str(host.span),
        host,
        where,
        port,
        user,
        row.get("zone", ""),
        tuple(_words(row.get("credential", ""))),
        tuple([row["key"]] if row.get("key") else []),
        jumps,
    )


def _words(cell: str) -> list[str]:
    return [word for word in re.split(r"[,;\s]+", cell) if word]
