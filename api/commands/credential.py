"""`surveymark credential`: the credentials of sweeps, and the vault that keeps their secrets. No secret is ever printed."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.terminal import Terminal
from api.cli import add_common
from cmdb.model.errors import UsageError
from cmdb.model.times import iso

if TYPE_CHECKING:
    from api.sweep_files import SweepFiles
    from collector.credentials import Credential
    from collector.secret import Secret
    from collector.snmp.credential import SnmpCredential


def add(groups: Any) -> None:
    group = groups.add_parser("credential", help="credentials of sweeps, and the vault with their secrets")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    put = commands.add_parser("set", help="put a secret into the vault, from standard input or a prompt")
    put.add_argument("name", metavar="NAME", help="what vault:NAME in the file of credentials leads to")
    put.add_argument(
        "--by-passphrase", action="store_true", help="close a new vault by a passphrase, not by a key file"
    )
    put.set_defaults(run=set_secret)
    every = commands.add_parser(
        "list", help="all credentials with their methods and scopes, and the names in the vault"
    )
    every.set_defaults(run=list_all)
    end = commands.add_parser("remove", help="take a secret out of the vault")
    end.add_argument("name", metavar="NAME")
    end.set_defaults(run=remove)
    check = commands.add_parser(
        "check", help="read the file of credentials and follow every reference; status 1 if one fails"
    )
    check.set_defaults(run=check_all)
    rekey = commands.add_parser("rekey", help="seal the vault anew under a new key")
    new = rekey.add_mutually_exclusive_group()
    new.add_argument("--by-passphrase", action="store_true", help="under a passphrase")
    new.add_argument("--key-file", metavar="FILE", help="under the key in this file (mode 0600): 64 hexadecimal digits")
    rekey.set_defaults(run=change_key)
    tries = commands.add_parser("attempts", help="accounts of targets that refused a password lately")
    tries.add_argument("--forget", metavar="ADDRESS", help="forget those at this address, or at all of them: all")
    tries.set_defaults(run=attempts)
    for command in (every, check):
        command.add_argument("--credentials", metavar="FILE", help="the file of credentials (mode 0600)")
    for command in (put, every, end, check, rekey, tries):
        add_common(command)


def set_secret(options: argparse.Namespace, io: Terminal) -> int:
    from collector.vault import Vault, check_name

    place = _files(options).vault
    check_name(options.name)
    secret = _given(options.name)
    made = not place.path.exists()
    if options.by_passphrase and not made:
        raise UsageError(
            f"The vault {place.path} is there already; `surveymark credential rekey --by-passphrase` changes it."
        )
    key = place.create(options.by_passphrase) if made else place.key()
    with Vault.changing(place.path, key) as vault:
        version = vault.set(options.name, secret)
    if io.as_json:
        io.document({"name": options.name, "version": version, "vault": str(place.path), "vault_created": made})
        return 0
    if made:
        where = "a passphrase, which nobody can recover" if key.passphrase else f"the key in {place.key_file}"
        if not key.passphrase and not place.key_file.exists():
            where = "the key that is given from outside"
        io.say(f"Made the vault {place.path}; it opens by {where}.")
    io.say(f"{options.name} is in the vault, version {version}. Write vault:{options.name} where it is wanted.")
    return 0


def list_all(options: argparse.Namespace, io: Terminal) -> int:
    from collector.vault import names

    files = _files(options)
    entries = files.credentials().every
    kept = names(files.vault.path)
    if io.as_json:
        io.document(
            {
                "items": [entry.document() for entry in entries],
                "total": len(entries),
                "next": None,
                "file": str(files.credentials_path),
                "vault": [{"name": k.name, "version": k.version, "changed_at": iso(k.changed_at)} for k in kept],
            }
        )
        return 0
    io.table(("name", "user", "methods", "scope", "sudo", "jumps"), [_row(entry) for entry in entries])
    if not entries:
        io.say(f"There are no credentials; {files.credentials_path} would have them.")
    if kept:
        io.line()
        io.table(("in the vault", "version", "changed"), [(k.name, k.version, iso(k.changed_at)) for k in kept])
    return 0


def _row(entry: Credential | SnmpCredential) -> tuple[object, ...]:
    from collector.credentials import Credential

    methods = ", ".join(entry.methods)
    if isinstance(entry, Credential):
        return (entry.name, entry.user or "the target's", methods, str(entry.scope), entry.sudo, len(entry.jumps) or "")
    weak = f" (weak: {', '.join(entry.weak)})" if entry.weak else ""
    return (entry.name, entry.user, methods + weak, str(entry.scope), "", "")


def remove(options: argparse.Namespace, io: Terminal) -> int:
    from collector.vault import Vault

    place = _files(options).vault
    with Vault.changing(place.path, place.key()) as vault:
        vault.remove(options.name)
    if io.as_json:
        io.document({"name": options.name, "removed": True, "vault": str(place.path)})
    else:
        io.say(
            f"{options.name} is out of the vault. Backups of {place.path} still have it: change it where it is used."
        )
    return 0


def check_all(options: argparse.Namespace, io: Terminal) -> int:
    from collector.credential_check import check

    files = _files(options)
    found = check(files.credentials(), files.secrets())
    wrong = [row for row in found if not row.ok]
    if io.as_json:
        io.document(
            {"file": str(files.credentials_path), "items": [row.document() for row in found], "failed": len(wrong)}
        )
    else:
        rows = [(r.credential, r.key, r.leads_to, "ok" if r.ok else f"{r.reason}; {r.remedy}") for r in found]
        io.table(("credential", "key", "leads to", "outcome"), rows)
        io.say(f"{files.credentials_path}: {len(found)} references and key files, {len(wrong)} of them lead nowhere.")
    return 1 if wrong else 0


def change_key(options: argparse.Namespace, io: Terminal) -> int:
    place = _files(options).vault
    count = place.rekey(options.by_passphrase, Path(options.key_file).absolute() if options.key_file else None)
    if io.as_json:
        io.document({"vault": str(place.path), "secrets": count})
    else:
        io.say(f"{count} secrets of {place.path} are sealed anew; the old key opens only older copies of the file.")
    return 0


def attempts(options: argparse.Namespace, io: Terminal) -> int:
    memory = _files(options).attempts()
    forgotten = memory.forget(None if options.forget == "all" else options.forget) if options.forget else None
    spent = memory.spent()
    if io.as_json:
        rows = [
            {"endpoint": where, "user": user, "refused": count, "limit": memory.limit} for where, user, count in spent
        ]
        io.document({"items": rows, "total": len(rows), "next": None, "forgotten": forgotten})
        return 0
    if forgotten is not None:
        io.say(f"Forgot the tries of {forgotten} accounts.")
    io.table(("zone and address", "user", "refused", "of"), [(*row, memory.limit) for row in spent])
    return 0


def _files(options: argparse.Namespace) -> SweepFiles:
    if getattr(options, "server", None):
        raise UsageError("Credentials are files of the machine that sweeps: run this there, without --server.")
    from api.sweep_files import sweep_files

    return sweep_files(getattr(options, "credentials", None))


def _given(name: str) -> Secret:
    """The secret from the person, asked for twice, or from standard input, without one line end."""
    from collector.secret import Secret
    from collector.secret_refs import as_secret
    from collector.vault import MAX_SECRET_BYTES

    if sys.stdin.isatty():
        found: Secret | None = Secret(getpass.getpass(f"Secret {name}: "))
        if Secret(getpass.getpass("Again: ")) != found:
            raise UsageError("The two differ; nothing was changed.")
    else:
        found = as_secret(sys.stdin.buffer.read(MAX_SECRET_BYTES + 2))
    if found is None or not found.reveal():
        raise UsageError("The secret is empty or no UTF-8 text; nothing was changed.")
    return found
