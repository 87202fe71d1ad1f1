"""Certificates in use, with their end.

Sources: certificates (RFC 5280) in the PEM files (RFC 7468) that the configuration of web servers, databases, brokers, mail
servers and the like names, that command lines of running software name, and in places that hold nothing else; see
agent/certificate_settings.py for all of them. Private keys are passed over where they stand in one file with a certificate,
and never leave the shell.
Yields Certificate, and USES_CERTIFICATE from the SoftwareInstance that shows it, from the host where none runs that its
configuration is of. Certificates of trust stores and of clients' authorities are not in use and left out. An ordinary user
sees only those that it may read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from agent import known_software, running, x509
from agent.certificate_settings import OPTION, PLACES, SETTINGS, Setting, included, named
from agent.fact import (
    Certificates,
    Content,
    Context,
    Files,
    Inapplicable,
    Material,
    Missing,
    Need,
    ParseError,
    Unavailable,
    Usual,
)
from agent.running import Instance
from agent.x509 import Certificate
from cmdb.model.classes import certificate
from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, SUBJECT, Reference, Relation
from cmdb.model.times import iso

NAME = "certificates"
VERSION = 1
CLASSES = ("Certificate",)
RELATIONS = ("USES_CERTIFICATE",)
LIMITED = True
NEEDS = (*running.NEEDS, *(need for row in SETTINGS for need in row.needs()), *PLACES)
USUAL = (Usual(Certificates("/etc/ssl/certs/ssl-cert-snakeoil.pem")),)
"""What Debian's packages name as long as nobody names another."""
EVERY = 12

_MOST_SOURCES = 1_000
_MOST_OF_A_FILE = 20
"""Certificates of one file: a chain. A file with more is a trust store."""


@dataclass(frozen=True)
class Use:
    """A path that is named: by which instances of software (keys), none where nothing runs, and where."""

    path: str
    instances: tuple[str, ...]
    evidence: str
    folder: bool = False


def further(material: Material, context: Context) -> Iterator[Need]:
    """The files that configuration includes, and those with certificates that it names."""
    for row in SETTINGS:
        yield from _sources(row, material)
    for use in _uses(material, context):
        yield Certificates(use.path)
        if use.folder:
            yield Certificates(f"{use.path.rstrip('/')}/*")


def collect(material: Material, context: Context) -> Iterator[CI | Relation]:
    """Certificates and who shows them; raises Inapplicable where there are none, Unavailable where one can not be read."""
    shown: dict[str, Certificate] = {}
    users: dict[tuple[str, str], set[str]] = {}
    for use in [*_uses(material, context), *(Use(need.pattern, (), "") for need in PLACES)]:
        for path, content in _files(use, material):
            if isinstance(content, Missing):
                if context.privilege == "full" and content.kind != "absent":
                    raise Unavailable(f"{content.reason} ({use.evidence or 'a place of certificates'})")
                continue
            for found in _read(path, content.data):
                shown[found.fingerprint] = found
                for user in use.instances or ("",):
                    evidence = f"{path} ({use.evidence})" if use.evidence else path
                    users.setdefault((user, found.fingerprint), set()).add(evidence)
    if not shown:
        raise Inapplicable("nothing here is known to use a certificate")
    return observe(shown.values(), users)


def observe(shown: Iterable[Certificate], users: Mapping[tuple[str, str], Iterable[str]]) -> Iterator[CI | Relation]:
    """What the CMDB should know of them. `users` has evidence by (key of an instance, empty for the host; fingerprint)."""
    items = {found.fingerprint: _item(found) for found in shown}
    yield from items.values()
    used = {fingerprint for user, fingerprint in users if user}
    for (user, fingerprint), evidence in sorted(users.items()):
        if user or fingerprint not in used:
            by: Reference = ["SoftwareInstance", user] if user else SUBJECT
            yield Relation("USES_CERTIFICATE", by, items[fingerprint].ref(), {"evidence": ", ".join(sorted(evidence))})


def _item(found: Certificate) -> certificate.Certificate:
    return certificate.Certificate(
        fingerprint=found.fingerprint,
        subject=found.subject,
        issuer=found.issuer,
        names=list(found.names),
        serial=found.serial,
        not_before=iso(found.not_before),
        not_after=iso(found.not_after),
        key_type=found.key_type,
        key_bits=found.key_bits,
        signature_algorithm=found.signature,
        self_signed=found.subject == found.issuer,
        authority=found.authority,
    )


def _uses(material: Material, context: Context) -> list[Use]:
    """Paths that are named, each with who shows what lies there."""
    instances = running.survey(material, context).instances
    found = [use for row in SETTINGS for use in _configured(row, material, context, instances)]
    for instance in instances:
        for option, path in known_software.options(instance.main):
            if OPTION.match(option.lower()) and not set("*?[") & set(path):
                found.append(Use(path, (instance.key,), f"command line of {known_software.name(instance.main)}"))
    return found


def _configured(row: Setting, material: Material, context: Context, instances: list[Instance]) -> Iterator[Use]:
    by = tuple(i.key for i in instances if known_software.name(i.main) in row.programs)
    for need in _sources(row, material):
        for path, _ in _texts(need, material, context):
            for number, named_path in material.derive(_named_in, row, need, path):
                yield Use(named_path, by, f"{path}:{number}", row.folder)


def _sources(row: Setting, material: Material) -> list[Files]:
    """Needs for the configuration of a row's software, each once, with what of it is known to include others."""
    found = dict.fromkeys(row.needs())
    todo = list(found)
    while todo:
        need = todo.pop()
        texts = {} if material.missing(need) else material.files(need)
        for path, content in texts.items():
            more = material.derive(_included_in, row, need, path) if isinstance(content, Content) else ()
            new = [each for each in more if each not in found]
            found.update(dict.fromkeys(new))
            todo += new
        if len(found) > _MOST_SOURCES:
            raise Unavailable(f"the configuration of {row.programs[0]} includes more than {_MOST_SOURCES} patterns")
    return list(found)


def _named_in(material: Material, row: Setting, need: Files, path: str) -> tuple[tuple[int, str], ...]:
    content = material.files(need)[path]
    return tuple(named(row, content.text)) if isinstance(content, Content) else ()


def _included_in(material: Material, row: Setting, need: Files, path: str) -> tuple[Files, ...]:
    content = material.files(need)[path]
    return tuple(included(row, content.text)) if isinstance(content, Content) else ()


def _texts(need: Files, material: Material, context: Context) -> Iterator[tuple[str, Content]]:
    lack = material.missing(need)
    if lack and lack.kind == "unsupported":  # what is included is asked for in the next round
        return
    for path, content in material.files(need).items():
        if isinstance(content, Content):
            yield path, content
        elif context.privilege == "full" and content.kind != "absent":
            raise Unavailable(content.reason)


def _files(use: Use, material: Material) -> Iterator[tuple[str, Content | Missing]]:
    needs = [Certificates(use.path)]
    needs += [Certificates(f"{use.path.rstrip('/')}/*")] if use.folder else []
    for need in needs:
        yield from material.certificates(need).items()


def _read(path: str, data: bytes) -> list[Certificate]:
    """Certificates of a file, none of a trust store; raises ParseError naming the file."""
    try:
        found = x509.blocks(data)
        return [x509.parse(each) for each in found] if len(found) <= _MOST_OF_A_FILE else []
    except ParseError as error:
        raise ParseError(f"{path}: {error}") from None
