"""ContainerWorkload as the model declares it."""

from __future__ import annotations

from cmdb.model.classes import CLASSES
from cmdb.model.classes.container_workload import ContainerWorkload
from tests.cmdb.model.classes.declared import check


def test_it_is_a_name_and_an_image_and_its_counts_are_readings() -> None:
    made = ContainerWorkload(name="shop/web", image="docker.io/library/nginx", containers=2, running=1)

    check(made)
    assert made.local_key() == "shop%2Fweb/docker.io/library/nginx"
    assert set(CLASSES["ContainerWorkload"].readings) == {"containers", "running"}
