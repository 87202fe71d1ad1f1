"""Databases, web servers, balancers and brokers that run: version, package, data folder, configuration file.

Sources: what runs (see agent/running.py) held against the table of agent/products.py, the package manager for who owns an
executable (agent/package_owners.py), for one of no package the text of its version in the file itself, command lines of
what runs inside another one's executable, and configuration files for data folders. No product is ever run to ask it.
Yields SoftwareInstance with `software_version`, `package`, `data_path`, `config_path`. Where several instances of a product
run, one is told by its own arguments alone. An ordinary user sees those only whose executables it may see.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from agent import known_software, package_owners, running
from agent.fact import Content, Context, File, Inapplicable, Material, Need
from agent.package_owners import Owner
from agent.products import PRODUCTS, Product
from agent.running import Instance
from agent.scrub import scrub_text
from cmdb.model.classes.software_instance import SoftwareInstance
from cmdb.model.dataclass import dataclass

NAME = "products"
VERSION = 1
CLASSES = ("SoftwareInstance",)
RELATIONS: tuple[str, ...] = ()
LIMITED = True
EVERY = 12
NEEDS = running.NEEDS

_LARGEST = 16 * 1024 * 1024
"""An executable that is longer is not searched for its version."""
_PACKAGED = re.compile(r"/(usr/)?(s?bin|lib(64|exec)?)/")


@dataclass(frozen=True)
class Found:
    """An instance of a product; `alone` where no other one of the product runs."""

    instance: Instance
    product: Product
    data: str
    config: str
    alone: bool


def further(material: Material, context: Context) -> Iterator[Need]:
    """Owners of the executables, then executables of no package, and the configuration."""
    found = _recognised(material, context)
    asked = list(package_owners.needs(map(_owned_file, found)))
    yield from asked
    for each in found:
        yield from map(File, _configs(each))
    if asked and not _unanswered(material, asked):
        owned = _owners(found, material)
        for each in found:
            if each.product.text and each.instance.main.exe and each.instance.main.exe not in owned:
                yield File(each.instance.main.exe, _LARGEST)


def collect(material: Material, context: Context) -> Iterator[SoftwareInstance]:
    """Products that run; raises Inapplicable where none does, Unavailable where processes can not be read."""
    found = _recognised(material, context)
    if not found:
        raise Inapplicable("no database, web server, balancer or broker runs here")
    return observe(found, material)


def observe(found: list[Found], material: Material) -> Iterator[SoftwareInstance]:
    """What the CMDB should know of them."""
    owned = _owners(found, material)
    for each in found:
        said = _version(each, material)
        owner = None if said and each.product.argument else owned.get(_owned_file(each))
        config, text = _config(each, material)
        data = each.data or (_setting(each.product.data, text) if each.product.data else "")
        yield SoftwareInstance(
            instance=each.instance.key,
            software_version=owner.version if owner else said or None,
            package=owner.package if owner else None,
            data_path=data or None,
            config_path=config or None,
        )


def version_in(data: bytes, pattern: bytes) -> str:
    """The version that an executable's text says, empty where it says none or several."""
    said = {match.group(1).decode("ascii", "replace") for match in re.finditer(pattern, data)}
    return said.pop() if len(said) == 1 else ""


def _recognised(material: Material, context: Context) -> list[Found]:
    instances = running.survey(material, context).instances
    named = [(i, PRODUCTS[name]) for i in instances if (name := known_software.name(i.main)) in PRODUCTS]
    counts = Counter(product.name for _, product in named)
    return [Found(i, p, *known_software.places(i.main), counts[p.name] == 1) for i, p in named]


def _owners(found: list[Found], material: Material) -> dict[str, Owner]:
    return package_owners.owners(map(_owned_file, found), material)


def _owned_file(each: Found) -> str:
    """The file whose owner is the product's package: inside another one's executable that of the product itself."""
    return each.product.file if each.product.argument else each.instance.main.exe


def _unanswered(material: Material, asked: list[Need]) -> bool:
    lacks = (material.missing(need) for need in asked)
    return any(lack is not None and lack.kind == "unsupported" for lack in lacks)


def _version(each: Found, material: Material) -> str:
    process = each.instance.main
    if each.product.argument:
        match = re.search(each.product.argument, "\0".join(process.argv))
        return scrub_text(match[1]) if match else ""
    need = File(process.exe, _LARGEST)
    if not each.product.text or not process.exe or material.missing(need):
        return ""
    return version_in(material.file(process.exe).data, each.product.text)


def _configs(each: Found) -> tuple[str, ...]:
    """Where its configuration may be: where an argument says; the usual places only of what a package installed."""
    if each.config:
        return (each.config,)
    usual = each.alone and (each.product.argument or _PACKAGED.match(each.instance.main.exe))
    return each.product.config if usual else ()


def _config(each: Found, material: Material) -> tuple[str, str]:
    """(path, text) of its configuration file; a file that can not be read is told without its text."""
    for path in _configs(each):
        lack = material.missing(File(path))
        if lack is None:
            content = material.file(path)
            assert isinstance(content, Content)
            return path, content.text
        if path == each.config or lack.kind not in ("absent", "unsupported"):
            return path, ""
    return "", ""


def _setting(pattern: str, text: str) -> str:
    match = re.search(rf"^\s*(?:{pattern})", text, re.MULTILINE)
    return match[1] if match else ""
