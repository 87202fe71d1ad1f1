"""A host on one page: what it is, what listens, what it depends on, what could not be seen and how to mend that."""

from __future__ import annotations

from typing import Any

from cmdb.model.errors import UsageError
from cmdb.ports import View
from cmdb.query import show
from cmdb.states import Item

Document = dict[str, Any]


def summary_of(view: View, id_: str, at: int | None = None) -> Document:
    """{"host": CI, "listens": [..], "depends_on": [..], "counts": {class: n}, "unseen": [..]} of a host.

    listens     {"endpoint", "id", "exposed", "software": [{"id", "name", "user"}]}
    depends_on  {"on", "id" (None where it is known by its address only), "type", "why", "by"}
    unseen      {"section", "outcome", "reason", "privilege"}: sections that failed, or were seen with less than all rights
    """
    host = show(view, id_, at)
    id_ = host["id"]
    if host["class"] != "Host":
        raise UsageError(f"{id_} is a {host['class']}; only a host has such a summary.")
    parts = {part.id: part for part in view.parts(id_, None, at)}
    counts: dict[str, int] = {}
    for part in parts.values():
        counts[part.class_name] = counts.get(part.class_name, 0) + 1
    return {
        "host": host,
        "listens": _listens(view, parts, at),
        "depends_on": _depends(view, id_, parts, at),
        "counts": counts,
        "unseen": [
            {name: section[name] for name in ("section", "outcome", "reason", "privilege")}
            for section in host["sections"]
            if section["outcome"] == "failed" or section["privilege"] != "full"
        ],
    }


def _listens(view: View, parts: dict[str, Item], at: int | None) -> list[Document]:
    endpoints = [part for part in parts.values() if part.class_name == "Endpoint"]
    by_endpoint: dict[str, list[Document]] = {}
    for link in view.links([e.id for e in endpoints], at) if endpoints else []:
        software = parts.get(link.subject)
        if link.type == "EXPOSES" and software is not None:
            told = {"id": software.id, "name": software.name, "user": software.attributes.get("user")}
            by_endpoint.setdefault(link.object, []).append(told)
    rows = [
        {
            "endpoint": endpoint.name,
            "id": endpoint.id,
            "protocol": endpoint.attributes.get("protocol"),
            "port": endpoint.attributes.get("port"),
            "exposed": endpoint.attributes.get("exposed"),
            "software": by_endpoint.get(endpoint.id, []),
        }
        for endpoint in endpoints
    ]
    return sorted(rows, key=lambda r: (not r["exposed"], r["port"] or 0, r["protocol"] or "", r["endpoint"]))


def _depends(view: View, id_: str, parts: dict[str, Item], at: int | None) -> list[Document]:
    """What the host and its software need: other CIs, and addresses that nobody has reported yet."""
    nears = [id_, *(p.id for p in parts.values() if p.class_name in ("SoftwareInstance", "FileSystem"))]
    links = [k for k in view.links(nears, at) if k.type in ("DEPENDS_ON", "TALKS_TO") and k.subject in {*nears}]
    others = view.items({link.object for link in links}, at) if links else {}
    rows = []
    for link in links:
        other = others[link.object]
        name = f"{other.class_name} {other.name}"
        rows.append(_row(name, other.id, link.type, link.attributes.get("why"), parts.get(link.subject)))
    if at is None:
        for pending in view.pending(nears):
            if pending.near_end == "subject" and pending.far is None:
                port = f" {pending.protocol} {pending.port}".rstrip() if pending.port else ""
                why = pending.attributes.get("why")
                rows.append(_row(pending.address + port, None, pending.type, why, parts.get(pending.near)))
    return sorted(rows, key=lambda r: (r["type"], r["why"] or "", r["on"], r["by"] or ""))


def _row(on: str, id_: str | None, type_: str, why: Any, by: Item | None) -> Document:
    return {"on": on, "id": id_, "type": type_, "why": why, "by": by.name if by else None}
