"""ContainerWorkload: what containers of one name and image do on a host."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class ContainerWorkload(CI):
    """Containers of one image that are there for one purpose: a service of compose or swarm, a workload of Kubernetes, else a
    container by its name. How many of them there are at a moment are readings."""

    parents: ClassVar[tuple[str, ...]] = ("Host",)
    containment: ClassVar[str] = "RUNS_ON"
    key: ClassVar[tuple[str, ...]] = ("name", "image")
    topology: ClassVar[bool] = True
    owned: ClassVar[bool] = True

    name: Optional[str] = attribute(
        "Name: 'shop/web' of compose, 'namespace/workload/container' of Kubernetes, else the container's."
    )
    image: Optional[str] = attribute(
        "Repository of its image: docker.io/library/nginx; 'sha256:…' of one without a name."
    )
    tags: Optional[list[str]] = attribute("Tags and digests of the image that its containers have.")
    engine: Optional[str] = attribute("What runs it: docker, podman, kubernetes.")
    containers: Optional[int] = attribute("Containers, running or not.", unit="containers", reading=True)
    running: Optional[int] = attribute("Containers that run.", unit="containers", reading=True)
