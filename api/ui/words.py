"""Words and values as people read them: labels from declared names, quantities with their units, times, hostile text.

Strings from hosts and devices are hostile. The templates escape what HTML and SVG give a meaning; the encoder `visible` also
shows the characters that would hide, reorder or break text, as their code point between angle brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from api.encoders import visible
from cmdb.model.classes import CLASSES
from cmdb.model.declaration import Attribute
from cmdb.model.times import SECOND, iso
from cmdb.model.values import Value
from cmdb.model.vocabulary import DECLARED, Vocabulary

_CAPITALS = {
    "bios": "BIOS", "cpu": "CPU", "dmi": "DMI", "dns": "DNS", "fqdn": "FQDN", "gid": "GID", "id": "ID", "ip": "IP",
    "mac": "MAC", "macs": "MACs", "mtu": "MTU", "os": "OS", "ssh": "SSH", "uid": "UID", "uuid": "UUID", "vlan": "VLAN",
}  # fmt: skip
_UNIT_WORDS = ("bytes", "bps", "seconds")
_BINARY = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_DECIMAL = ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s")
_SPANS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Field:
    """A row of a table of attributes. `exact` is the value as stored, where `text` is rounded to be read."""

    name: str
    label: str
    about: str
    members: list[str]
    exact: str = ""
    is_list: bool = False


def hostile(text: object) -> Markup:
    """Any text for HTML: escaped, its direction isolated, and hidden characters marked as such."""
    raw = str(text)
    parts = [raw] if raw.isascii() and raw.isprintable() else re.split(r"(<U\+[0-9A-F]{4,6}>)", visible(raw, len(raw)))
    shown = (Markup('<span class="odd">{}</span>').format(p) if i % 2 else escape(p) for i, p in enumerate(parts))
    return Markup("<bdi>") + Markup("").join(shown) + Markup("</bdi>")


def cut(text: str, most: int) -> str:
    """At most `most` characters, the end of a longer text as an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


def class_label(name: str, count: int = 1) -> str:
    """A class name as words: "Software instance", "IP addresses"."""
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", name) or [name]
    text = " ".join([words[0], *(w.lower() for w in words[1:])])
    if count == 1:
        return text
    if text.endswith("y"):
        return text[:-1] + "ies"
    return text + ("es" if text.endswith("s") else "s")


def relation_label(type_name: str) -> str:
    """A relationship type, or its inverse, as words: "Runs on"."""
    return type_name.replace("_", " ").capitalize()


def attribute_label(name: str) -> str:
    """An attribute's name as words: "OS version", "Memory". A unit at its end goes, since the value brings it."""
    words = name.split("_")
    if len(words) > 1 and words[-1] in _UNIT_WORDS:
        words = words[:-1]
    text = " ".join(_CAPITALS.get(w, w) for w in words)
    return text[:1].upper() + text[1:]


def field(class_name: str, name: str, value: Value, vocabulary: Vocabulary = DECLARED) -> Field:
    """An attribute or reading of a CI with its declaration; one that is not declared (any more) has no words about it."""
    declared = CLASSES.get(class_name)
    told = (vocabulary.attribute(class_name, name) or declared.readings.get(name)) if declared else None
    about = told.text if told else ""
    if isinstance(value, list):
        return Field(name, attribute_label(name), about, [quantity(told, v) for v in value], is_list=True)
    text = quantity(told, value)
    rounded = (
        isinstance(value, int) and not isinstance(value, bool) and f"{value:,}" not in (text, text.partition(" ")[0])
    )
    exact = f"{value:,} {told.unit}" if rounded and told and told.unit else ""
    return Field(name, attribute_label(name), about, [text], exact)


def quantity(told: Attribute | None, value: str | bool | int) -> str:
    """One value with its declared unit, rounded to three digits: 15.6 GiB, 1 Gbit/s, 3 d 4 h."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) or told is None or told.unit is None:
        return str(value)
    if told.unit == "bytes" and (told.name.endswith("bytes") or value >= 1 << 20):
        return _scaled(value, 1024, _BINARY)
    if told.unit == "bits per second":
        return _scaled(value, 1000, _DECIMAL)
    if told.unit == "seconds":
        return span(value)
    return f"{value:,} {told.unit if value != 1 else told.unit.removesuffix('es' if told.unit == 'processes' else 's')}"


def span(seconds: int) -> str:
    """A duration in its two largest units: 3 d 4 h."""
    rest, parts = max(seconds, 0), list[str]()
    for size, unit in _SPANS:
        if rest >= size or (parts and len(parts) < 2):
            parts.append(f"{rest // size} {unit}")
            rest %= size
    return " ".join(p for p in parts[:2] if not (p.startswith("0 ") and len(parts) > 1)) or "0 s"


def moment(microseconds: int | None) -> Markup:
    """A time for people, in UTC, and exactly for machines."""
    if microseconds is None:
        return Markup("unknown")
    exact = iso(microseconds)
    return Markup('<time datetime="{}">{} {} UTC</time>').format(exact, exact[:10], exact[11:19])


def ago(microseconds: int | None, now: int) -> str:
    """How long before `now`, in its largest unit: 3 min ago; a time after it is "just now"."""
    if microseconds is None:
        return "never"
    seconds = (now - microseconds) // SECOND
    if seconds < 1:
        return "just now"
    return " ".join(span(seconds).split(" ")[:2]) + " ago"


def _scaled(value: int, step: int, units: tuple[str, ...]) -> str:
    size, unit = float(value), units[0]
    for unit in units:
        if abs(size) < step or unit == units[-1]:
            break
        size /= step
    return f"{value} {unit}" if unit == units[0] else f"{size:.3g} {unit}" if size < 999.5 else f"{size:.0f} {unit}"
