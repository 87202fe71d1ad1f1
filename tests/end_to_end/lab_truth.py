"""What a lab knows of its hosts, measured from outside of them, beside what a store has of them: rows of the same shape.

A truth is the document that `lab truth` prints. Every function yields sets, so that what is missing and what is too much can be
named, and precision and recall be counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cmdb.ports import View
from cmdb.states import Item, Link

Row = tuple[Any, ...]
Rows = dict[str, set[Row]]

KINDS = ("host", "interface", "account", "package", "service", "flow", "gateway")


@dataclass(frozen=True)
class Score:
    """How a set of rows compares with the truth."""

    kind: str
    missing: frozenset[Row]
    extra: frozenset[Row]
    right: int

    @property
    def recall(self) -> float:
        return self.right / ((self.right + len(self.missing)) or 1) if self.right or self.missing else 1.0

    @property
    def precision(self) -> float:
        return self.right / (self.right + len(self.extra)) if self.right or self.extra else 1.0

    def __str__(self) -> str:
        return f"{self.kind:10} {self.right:5} right, precision {self.precision:.3f}, recall {self.recall:.3f}"


def compare(truth: Rows, found: Rows) -> list[Score]:
    """A score for every kind of row."""
    return [
        Score(
            kind,
            frozenset(truth[kind] - found[kind]),
            frozenset(found[kind] - truth[kind]),
            len(truth[kind] & found[kind]),
        )
        for kind in KINDS
    ]


def visible(truth: Mapping[str, Any], users: Mapping[str, str]) -> Rows:
    """What a sweep of the lab can see. `users` names the account of each host that it signs in as; other hosts are not seen.

    Another account than root sees every socket, and the process behind it only where it is its own.
    """
    rows: Rows = {kind: set() for kind in KINDS}
    for name, user in users.items():
        measured = truth["measured"][name]
        cards = {n: c for n, c in measured["interfaces"].items() if n != "lo"}
        rows["host"].add((name, measured["machine_id"]))
        for card, known in cards.items():
            held = tuple(sorted(a for a in known["addrs"] if not a.startswith("fe80:")))
            rows["interface"].add((name, card, known["mac"], held))
        rows["account"] |= {(name, account, uid) for account, uid in measured["users"].items()}
        rows["package"] |= {(name, package, version) for package, version in measured["packages"].items()}
        rows["gateway"] |= {(name, r["gateway"]) for r in measured["routes"] if r["dst"] == "default"}
        sees = _eyes(measured, user)
        for listener in measured["listening"]:
            process = next((p for p in listener["process"] if sees(listener)), "")
            rows["service"].add((name, listener["proto"], listener["addr"], listener["port"], process))
    for edge in truth["edges"]:
        if edge["to_process"].startswith("sshd") or edge["from_process"].startswith("sshd"):
            continue
        near, far = users.get(edge["from"]), users.get(edge["to"])
        if near == "root":
            rows["flow"].add((edge["from"], edge["from_process"], edge["to"], edge["port"]))
        elif far is not None:
            rows["flow"].add((edge["from"], "", edge["to"], edge["port"]))
    return rows


def _eyes(measured: Mapping[str, Any], user: str) -> Any:
    owners = {p["pid"]: p["uid"] for p in measured["processes"]}
    uid = measured["users"].get(user)
    return lambda listener: user == "root" or all(owners.get(pid) == uid for pid in listener["pids"])


def stored(view: View, truth: Mapping[str, Any]) -> Rows:
    """The same rows from the current graph."""
    rows: Rows = {kind: set() for kind in KINDS}
    items = {item.id: item for item in view.scan()}
    links = list(view.scan_links())
    hosts = {id: str(item.attributes.get("name")) for id, item in items.items() if item.class_name == "Host"}
    for item in items.values():
        attributes = item.attributes
        on = hosts.get(item.parent or "", "")
        if item.class_name == "Host":
            rows["host"].add((hosts[item.id], attributes.get("machine_id")))
            rows["gateway"] |= {(hosts[item.id], g.split(" ")[0]) for g in _list(attributes.get("gateways"))}
        elif item.class_name == "NetworkInterface" and attributes.get("name") != "lo":
            held = tuple(sorted(a for a in _list(attributes.get("addresses")) if not a.startswith("fe80:")))
            rows["interface"].add((on, attributes.get("name"), attributes.get("mac"), held))
        elif item.class_name == "LocalAccount":
            rows["account"].add((on, attributes.get("name"), attributes.get("uid")))
        elif item.class_name == "SoftwarePackage":
            rows["package"] |= {(on, attributes.get("name"), v) for v in _list(attributes.get("versions"))}
    exposed: dict[str, Item] = {link.object: items[link.subject] for link in links if link.type == "EXPOSES"}
    for id, item in items.items():
        if item.class_name == "Endpoint":
            of = exposed.get(id)
            a = item.attributes
            rows["service"].add(
                (hosts[item.parent or ""], a["protocol"], a["address"], a["port"], _program(of) if of else "")
            )
    rows["flow"] = set(_flows(items, hosts, links, _nodes(truth)))
    return rows


def _flows(
    items: Mapping[str, Item], hosts: Mapping[str, str], links: list[Link], nodes: Mapping[str, str]
) -> Iterator[Row]:
    for link in links:
        if link.type != "TALKS_TO":
            continue
        near, far = items[link.subject], items[link.object]
        to = hosts[far.parent or ""]
        if near.class_name == "SoftwareInstance":
            yield hosts[near.parent or ""], _program(near), to, far.attributes["port"]
        else:
            yield (
                nodes.get(str(near.attributes.get("address")), hosts.get(near.id, "?")),
                "",
                to,
                far.attributes["port"],
            )


def _nodes(truth: Mapping[str, Any]) -> dict[str, str]:
    return {node["address"]: name for name, node in truth["nodes"].items() if node.get("address")}


def _program(item: Item) -> str:
    """The name under which it was started: that of the link or the interpreter, as the kernel names the process."""
    word = str(item.attributes.get("command") or "").split(" ")[0]
    return word.rstrip(":").rsplit("/", 1)[-1]


def _list(value: Any) -> list[str]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [str(value)]
