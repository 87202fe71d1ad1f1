"""Containers as workloads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.fact import Collected, Content, Failed, Missing, NotApplicable, Output, ParseError
from agent.facts import container_workloads
from agent.facts.container_workloads import parse_cri, parse_docker, repository, workload
from tests.agent.supplied import made, run

WEB = "b06867cd4cb6dfc957f0f1efb5347d813c899d412839ff6278cbbb8a3569a174"
STORAGE = [
    {
        "id": WEB,
        "names": ["web"],
        "image": "ee1e4f78281abf4f551458a3c5c5a1aae853188deb98a1199fc2ae8d199a7d4e",
        "layer": "b4f7afd74242e894aea97afb7b07975e97c9afdb58fe1cd7be7d9f2db985e678",
        "metadata": '{"image-name":"localhost/lab/web:1.2","image-id":"ee1e4f78281a","name":"web","created-at":1795624452}',
        "created": "2026-11-25T16:34:12.803553195Z",
        "flags": {"MountLabel": "", "ProcessLabel": ""},
    },
    {
        "id": "c4fed8827c1058582a612ac6700e4614cd866b59a6840911d4f62654c91a30db",
        "names": ["job"],
        "image": "ee1e4f78281abf4f551458a3c5c5a1aae853188deb98a1199fc2ae8d199a7d4e",
        "metadata": '{"image-name":"localhost/lab/web:1.2","name":"job","created-at":1795624453}',
    },
    {
        "id": "d" * 64,
        "names": ["k8s_POD"],
        "image": "e" * 64,
        "metadata": '{"pod-name":"k8s_x","image-name":"pause:3"}',
    },
]
"""What Podman 4.3.1 of Debian 12 wrote, and a container of CRI-O's."""
DOCKER = (
    "shop-web-1\tnginx:1.25\tUp 2 hours (healthy)\tshop\tweb\t\n"
    "shop-web-2\tnginx:1.25\tUp 2 hours (healthy)\tshop\tweb\t\n"
    f"old\tsha256:{'b' * 64}\tExited (0) 3 days ago\t\t\t\n"
    "app/db,db\tregistry:5000/postgres:16@sha256:abc\tRestarting (1) 2 seconds ago\t\t\t\n"
)
"""As Docker 28.2 prints it."""


def told(content: dict[Any, Any]) -> list[tuple[Any, ...]]:
    outcome = run(container_workloads, made(content))
    assert isinstance(outcome, Collected), outcome
    rows = [(i.attributes(), i.readings()) for i in outcome.items]
    return [(a["engine"], a["name"], a["image"], a["tags"], r["containers"], r["running"]) for a, r in rows]


def test_docker() -> None:
    assert told({"/run/docker.pid": "77", container_workloads._DOCKER: DOCKER}) == [
        ("docker", "db", "registry:5000/postgres", ["sha256:abc"], 1, 0),
        ("docker", "old", f"sha256:{'b' * 64}", [], 1, 0),
        ("docker", "shop/web", "nginx", ["1.25"], 2, 2),
    ]


def test_podman_by_its_storage_and_control_groups() -> None:
    content = {
        container_workloads._STORAGE: {
            "/var/lib/containers/storage/vfs-containers/containers.json": Content(json.dumps(STORAGE).encode())
        },
        container_workloads._CGROUPS: {
            "/proc/9/cgroup": Content(f"0::/machine.slice/libpod-{WEB}.scope/container\n".encode())
        },
    }

    assert told(content) == [
        ("podman", "job", "localhost/lab/web", ["1.2"], 1, 0),
        ("podman", "web", "localhost/lab/web", ["1.2"], 1, 1),
    ]


def kubernetes(pod: str, labels: dict[str, str], **container: Any) -> dict[str, str]:
    row = {
        "id": "1",
        "podSandboxId": "p",
        "metadata": {"name": "main", "attempt": 0},
        "image": {"image": "sha256:i"},
        "imageRef": "sha256:i",
        "state": "CONTAINER_RUNNING",
        "labels": {"io.kubernetes.pod.name": pod, "io.kubernetes.pod.namespace": "default"},
        **container,
    }
    return {
        "containers": json.dumps({"containers": [row]}),
        "items": json.dumps({"items": [{"id": "p", "labels": labels}]}),
        "images": json.dumps(
            {"images": [{"id": "sha256:i", "repoTags": ["docker.io/library/nginx:1.27"], "repoDigests": []}]}
        ),
    }


def test_kubernetes_by_its_cri() -> None:
    texts = kubernetes("web-7d4b9c6f5d-x2x9z", {"pod-template-hash": "7d4b9c6f5d"})
    content: dict[Any, Any] = {
        "/var/lib/kubelet/config.yaml": "",
        **{c: texts[k] for k, c in container_workloads._CRI.items()},
    }

    assert told(content) == [("kubernetes", "default/web/main", "docker.io/library/nginx", ["1.27"], 1, 1)]


def test_the_image_that_was_asked_for_counts_first_and_none_at_all_is_none() -> None:
    [asked] = parse_cri(kubernetes("a", {}, image={"image": "sha256:i", "userSpecifiedImage": "quay.io/x/y:2"}))
    [unnamed] = parse_cri(kubernetes("a", {}, imageRef="sha256:other"))

    assert (asked.image, unnamed.image) == ("quay.io/x/y:2", "sha256:i")


@pytest.mark.parametrize(
    ("pod", "labels", "expected"),
    [
        ("web-7d4b9c6f5d-x2x9z", {"pod-template-hash": "7d4b9c6f5d"}, "web"),
        ("db-0", {"statefulset.kubernetes.io/pod-name": "db-0", "controller-revision-hash": "db-1"}, "db"),
        ("proxy-x2x9z", {"controller-revision-hash": "abc"}, "proxy"),
        ("backup-29345600-x2x9z", {"job-name": "backup-29345600"}, "backup"),
        ("kube-apiserver-node1", {"tier": "control-plane"}, "kube-apiserver-node1"),
        ("proxy-words", {"controller-revision-hash": "abc"}, "proxy-words"),
    ],
)
def test_a_workload_is_its_pods_without_what_is_made_for_each(pod: str, labels: dict[str, str], expected: str) -> None:
    assert workload(pod, labels) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("nginx", ("nginx", "")),
        ("nginx:1.25", ("nginx", "1.25")),
        ("registry:5000/a/b", ("registry:5000/a/b", "")),
        ("registry:5000/a/b:1", ("registry:5000/a/b", "1")),
        ("a/b@sha256:cc", ("a/b", "sha256:cc")),
        ("a/b:1@sha256:cc", ("a/b", "sha256:cc")),
        ("f" * 64, ("f" * 64, "")),
    ],
)
def test_repositories_of_images(image: str, expected: tuple[str, str]) -> None:
    assert repository(image) == expected


def test_a_host_without_an_engine_has_none_and_one_without_containers_an_empty_list() -> None:
    assert isinstance(run(container_workloads, made({})), NotApplicable)
    assert told({"/run/docker.pid": "77", container_workloads._DOCKER: ""}) == []


@pytest.mark.parametrize(
    "answer",
    [
        Output(b"", b"Cannot connect to the Docker daemon\n", 1),
        Missing("timeout", "docker did not end"),
        "garbage\n",
        "a\tb\n",
    ],
)
def test_an_engine_that_does_not_tell_fails_the_section(answer: Any) -> None:
    assert isinstance(
        run(container_workloads, made({"/run/docker.pid": "77", container_workloads._DOCKER: answer})), Failed
    )


@pytest.mark.parametrize("text", ["{", "[1]", '[{"names": ["a"]}]', "[" * 100_000, '[{"metadata": "{"}]'])
def test_storage_that_is_not_understood_fails_the_section(text: str) -> None:
    content = {
        container_workloads._STORAGE: {
            "/var/lib/containers/storage/o-containers/containers.json": Content(text.encode())
        }
    }

    outcome = run(container_workloads, made(content))

    assert isinstance(outcome, Failed)
    assert "not understood" in outcome.reason


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"containers": [{}]}', '{"containers": 1}'])
def test_an_answer_of_crictl_that_is_cut_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parse_cri({**kubernetes("a", {}), "containers": text})


def test_no_line_of_docker_is_no_container() -> None:
    assert parse_docker("\n") == []
