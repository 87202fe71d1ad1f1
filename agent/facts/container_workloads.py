"""Containers of Docker, Podman and Kubernetes, as workloads with their images and how many of each run.

Sources: `docker ps`, docker(1), where Docker's daemon runs (/run/docker.pid); containers.json of containers-storage(5), where
root's Podman keeps names and images, with the control groups of processes for what runs; `crictl ps`, `crictl pods` and
`crictl images` of Kubernetes' CRI, where a kubelet is set up. Environments and command lines of containers are never read.
Yields ContainerWorkload: containers of one name and image. A workload of Kubernetes is named without what is made for each
of its pods. Containers of other accounts' rootless engines are not seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agent.fact import (
    Command,
    Content,
    Context,
    File,
    Files,
    Inapplicable,
    Material,
    Need,
    ParseError,
    Unavailable,
    Usual,
)
from cmdb.model.classes.container_workload import ContainerWorkload
from cmdb.model.dataclass import dataclass

NAME = "container_workloads"
VERSION = 1
CLASSES = ("ContainerWorkload",)
RELATIONS: tuple[str, ...] = ()
LIMITED = False
EVERY = 3

_DOCKER_RUNS = File("/run/docker.pid", 64)
_KUBELET = File("/var/lib/kubelet/config.yaml")
_STORAGE = Files("/var/lib/containers/storage/*-containers/containers.json", 16 * 1024 * 1024)
_CGROUPS = Files("/proc/[0-9]*/cgroup", 64 * 1024, 400_000, kernel_threads=False)
_LABELS = ("com.docker.compose.project", "com.docker.compose.service", "com.docker.swarm.service.name")
_DOCKER = Command(
    (
        *("/usr/bin/docker", "ps", "--all", "--no-trunc", "--format"),
        "\\t".join(["{{.Names}}", "{{.Image}}", "{{.Status}}", *(f'{{{{.Label "{label}"}}}}' for label in _LABELS)]),
    ),
    root=True,
)
_CRI = {
    kind: Command(("/usr/bin/crictl", *words, "--output", "json"), root=True)
    for kind, words in {"containers": ("ps", "--all"), "items": ("pods",), "images": ("images",)}.items()
}
NEEDS: tuple[Need, ...] = (_DOCKER_RUNS, _KUBELET, _STORAGE)
USUAL = (Usual(_DOCKER, where="/var/lib/docker"), *(Usual(each, where="/var/lib/kubelet") for each in _CRI.values()))

_RUNS = re.compile(r"/libpod-([0-9a-f]{64})(?:\.scope|/|\Z)", re.MULTILINE)
_HASHED = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{5}\Z")
"""What Kubernetes puts behind the name of a pod: five of the characters that make no words (rand.SafeEncodeString)."""


@dataclass(frozen=True)
class Container:
    """One container; `image` is its image as it was asked for."""

    engine: str
    workload: str
    image: str
    runs: bool


def further(material: Material, context: Context) -> Iterator[Need]:  # noqa: ARG001 - as every fact
    """Engines are asked where they are, and processes looked at where Podman has containers."""
    if _is_there(material, _DOCKER_RUNS):
        yield _DOCKER
    if _is_there(material, _KUBELET):
        yield from _CRI.values()
    if material.files(_STORAGE):
        yield _CGROUPS


def collect(material: Material, context: Context) -> Iterator[ContainerWorkload]:  # noqa: ARG001 - as every fact
    """Workloads; raises Inapplicable where there is no engine, Unavailable where one does not tell."""
    asked = False
    found: list[Container] = []
    if _is_there(material, _DOCKER_RUNS):
        asked = True
        found += parse_docker(_printed(material, _DOCKER))
    if _is_there(material, _KUBELET):
        asked = True
        found += parse_cri({kind: _printed(material, command) for kind, command in _CRI.items()})
    storage = material.files(_STORAGE)
    if storage:
        asked = True
        running = _running(material)
        for path, content in storage.items():
            if not isinstance(content, Content):
                raise Unavailable(content.reason)
            found += parse_storage(content.text, path, running)
    if not asked:
        raise Inapplicable("neither Docker, Podman nor Kubernetes has containers here")
    return observe(found)


def parse_docker(text: str) -> list[Container]:
    """Containers from the lines of `docker ps`; raises ParseError, quoting the line, where it has not its columns."""
    found = []
    for line in filter(None, text.split("\n")):
        fields = line.split("\t")
        if len(fields) != 3 + len(_LABELS):
            raise ParseError(f"docker ps: not understood: {line[:200]!r}")
        names, image, status, project, service, swarm = fields
        # A container that others link to has their names for it too: "web,shop/db".
        own = next((n for n in names.split(",") if "/" not in n), names)
        name = swarm or (f"{project}/{service}" if project and service else own)
        found.append(Container("docker", name, image, status.startswith("Up ")))
    return found


def parse_storage(text: str, path: str, running: frozenset[str]) -> list[Container]:
    """Podman's containers from containers.json; those of CRI-O, which the kubelet names, are told by it.

    Raises ParseError where it is no JSON of this kind.
    """
    found = []
    try:
        for row in json.loads(text or "[]"):
            told = json.loads(row.get("metadata") or "{}")
            if "pod-name" in told or not row.get("names"):
                continue
            image = told.get("image-name") or f"sha256:{row.get('image', '')}"
            found.append(Container("podman", str(row["names"][0]), str(image), row["id"] in running))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ParseError(f"{path}: not understood: {text[:200]!r}") from None
    return found


def parse_cri(texts: Mapping[str, str]) -> list[Container]:
    """Containers from crictl's JSON: texts by "containers", "items" (pods) and "images".

    Raises ParseError where one is no JSON of this kind.
    """
    try:
        rows = {kind: json.loads(text)[kind] or [] for kind, text in texts.items()}
        pods = {pod["id"]: pod for pod in rows["items"]}
        images = {
            i["id"]: next(iter([*(i.get("repoTags") or []), *(i.get("repoDigests") or [])]), "") for i in rows["images"]
        }
        found = []
        for row in rows["containers"]:
            pod = pods.get(row["podSandboxId"], {})
            labels = {**(pod.get("labels") or {}), **(row.get("labels") or {})}
            said = row.get("image") or {}
            image = said.get("userSpecifiedImage") or images.get(row.get("imageRef", ""), "") or said.get("image", "")
            parts = (
                labels.get("io.kubernetes.pod.namespace", ""),
                workload(labels.get("io.kubernetes.pod.name", ""), labels),
                row["metadata"]["name"],
            )
            name = "/".join(map(str, filter(None, parts)))
            found.append(Container("kubernetes", name, str(image), row["state"] == "CONTAINER_RUNNING"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        shown = next((t[:100] for t in texts.values() if not t.lstrip().startswith("{")), "an item lacks a part")
        raise ParseError(f"crictl: not understood: {shown!r}") from None
    return found


def workload(pod: str, labels: Mapping[str, str]) -> str:
    """The name of the workload that a pod is of: that of the pod without what its controller puts behind it."""
    if "pod-template-hash" in labels:
        return _HASHED.sub("", pod).removesuffix(f"-{labels['pod-template-hash']}")
    if "job-name" in labels or "batch.kubernetes.io/job-name" in labels:
        return re.sub(r"-\d{8,10}\Z", "", _HASHED.sub("", pod))
    if "statefulset.kubernetes.io/pod-name" in labels or "apps.kubernetes.io/pod-index" in labels:
        return re.sub(r"-\d+\Z", "", pod)
    if "controller-revision-hash" in labels:
        return _HASHED.sub("", pod)
    return pod


def repository(image: str) -> tuple[str, str]:
    """(repository, tag or digest) of an image's name: "registry:5000/a/b:1.2" is ("registry:5000/a/b", "1.2")."""
    name, at, digest = image.partition("@")
    if at:
        return re.sub(r":[\w.\-]+\Z", "", name) if ":" in name.rpartition("/")[2] else name, digest
    if re.fullmatch(r"(sha256:)?[0-9a-f]{64}", image):
        return image, ""
    head, colon, tag = name.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (name, "")


def observe(containers: Iterable[Container]) -> Iterator[ContainerWorkload]:
    """What the CMDB should know of them."""
    groups: dict[tuple[str, str], list[Container]] = {}
    for each in containers:
        groups.setdefault((each.workload, repository(each.image)[0]), []).append(each)
    for (name, image), same in sorted(groups.items()):
        yield ContainerWorkload(
            name=name,
            image=image or "unknown",
            tags=sorted({tag for c in same if (tag := repository(c.image)[1])}),
            engine=same[0].engine,
            containers=len(same),
            running=sum(c.runs for c in same),
        )


def _running(material: Material) -> frozenset[str]:
    """Ids of Podman's containers that have a process."""
    files = material.files(_CGROUPS).values()
    return frozenset(m for c in files if isinstance(c, Content) for m in _RUNS.findall(c.text))


def _is_there(material: Material, need: File) -> bool:
    lack: Any = material.missing(need)
    return lack is None or lack.kind not in ("absent", "unsupported")


def _printed(material: Material, command: Command) -> str:
    output = material.output(command)
    if output.status:
        said = output.stderr.decode("utf-8", "replace").strip()[:200]
        raise Unavailable(f"{' '.join(command.argv[:2])} ended with status {output.status}: {said}")
    return output.text
