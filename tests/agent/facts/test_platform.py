"""What a host runs on."""

from __future__ import annotations

import json

import pytest

from agent.fact import Links
from agent.facts import platform
from agent.facts.platform import parse, parse_instance, parse_place
from tests.agent.supplied import attributes, made, pass_over, recorded, run

VIRTUAL, BARE = "flags\t\t: fpu vme hypervisor lahf_lm\n", "flags\t\t: fpu vme lahf_lm\n"


def dmi(vendor: str, product: str = "", **more: str) -> dict[str, str]:
    return {"sys_vendor": vendor + "\n", "product_name": product + "\n", **more}


def test_the_recorded_machine_is_a_virtual_one_by_its_clock() -> None:
    assert attributes(run(platform, recorded("debian12-root"))) == {"virtualization": "kvm"}


def test_the_recorded_namespace_says_nothing_of_the_machine_below() -> None:
    found = attributes(run(platform, recorded("debian12-namespace")))

    assert set(found) == {"container"}


@pytest.mark.parametrize(
    ("strings", "cpuinfo", "expected"),
    [
        (dmi("QEMU", "Standard PC (Q35 + ICH9, 2009)"), VIRTUAL, ("kvm", None)),
        (dmi("VMware, Inc.", "VMware Virtual Platform"), VIRTUAL, ("vmware", None)),
        (dmi("innotek GmbH", "VirtualBox"), VIRTUAL, ("oracle", None)),
        (dmi("Microsoft Corporation", "Virtual Machine"), VIRTUAL, ("microsoft", None)),
        (
            dmi("Microsoft Corporation", "Virtual Machine", chassis_asset_tag="7783-7084-3265-9085-8269-3286-77\n"),
            VIRTUAL,
            ("microsoft", "azure"),
        ),
        (dmi("Amazon EC2", "t3.micro"), VIRTUAL, ("amazon", "aws")),
        (dmi("Amazon EC2", "c5.metal"), BARE, ("none", "aws")),
        (dmi("Google", "Google Compute Engine"), VIRTUAL, ("google", "gcp")),
        (dmi("OpenStack Foundation", "OpenStack Nova"), VIRTUAL, ("kvm", "openstack")),
        (dmi("Hetzner", "vServer"), VIRTUAL, ("kvm", "hetzner")),
        (dmi("Xen", "HVM domU"), VIRTUAL, ("xen", None)),
        (dmi("Dell Inc.", "PowerEdge R740"), BARE, ("none", None)),
        (dmi("LENOVO", "20XW"), VIRTUAL, ("other", None)),
        ({}, "", (None, None)),
    ],
)
def test_hypervisors_and_clouds_are_known_by_dmi(
    strings: dict[str, str], cpuinfo: str, expected: tuple[str | None, str | None]
) -> None:
    found = parse(strings, cpuinfo, "tsc hpet", "", "")

    assert (found.virtualization, found.cloud) == expected


def test_the_kernels_own_word_on_xen_counts_first() -> None:
    assert parse({}, BARE, "", "xen\n", "").virtualization == "xen"


def test_a_cloud_instance_is_provider_account_and_instance() -> None:
    data = {
        "v1": {"cloud_id": "aws", "instance_id": "i-0abc"},
        "ds": {"dynamic": {"instance-identity": {"document": {"accountId": "123456789012"}}}},
    }

    outcome, marks = pass_over(
        platform, made({"/run/cloud-init/instance-data.json": json.dumps(data), "/proc/cpuinfo": VIRTUAL})
    )

    assert attributes(outcome)["cloud"] == "aws"
    assert attributes(outcome)["cloud_instance_id"] == "i-0abc"
    assert marks == {"cloud_instance": "aws/123456789012/i-0abc"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"v1": {"cloud_id": "aws", "instance_id": "i-1"}}, ("aws", "", "i-1")),
        (
            {"v1": {"cloud_name": "openstack", "instance_id": "x"}, "ds": {"meta_data": {"project_id": "p"}}},
            ("openstack", "p", "x"),
        ),
        ({"v1": {"cloud_id": "nocloud", "instance_id": "x"}}, ("", "", "")),
        ({"v1": {"cloud_id": "lxd", "instance_id": "x"}}, ("", "", "")),
        ({"v1": [1]}, ("", "", "")),
        ([], ("", "", "")),
        (
            {
                "v1": {"cloud_id": "aws", "instance_id": "i-1"},
                "ds": {"meta_data": {"project_id": "redacted for non-root user"}},
            },
            ("aws", "", "i-1"),
        ),
    ],
)
def test_an_instance_without_account_is_no_mark(data: object, expected: tuple[str, str, str]) -> None:
    assert parse_instance(json.dumps(data)) == expected


@pytest.mark.parametrize("text", ["", "{", "null", "[[[[", '"x"'])
def test_instance_data_that_is_none_tells_nothing(text: str) -> None:
    assert parse_instance(text) == ("", "", "")


def test_a_container_has_no_cloud_instance_of_its_own() -> None:
    data = {
        "/run/cloud-init/instance-data.json": '{"v1": {"cloud_id": "aws"}}',
        Links("/proc/self/ns/pid"): {"/proc/self/ns/pid": "pid:[1]"},
    }

    outcome, marks = pass_over(platform, made(data))

    assert attributes(outcome) == {"container": "namespace"}
    assert marks == {"container": "namespace"}, "told, so that nothing of the machine below identifies it"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {
                "v1": {"region": "eu-central-1", "availability_zone": "eu-central-1a"},
                "ds": {"meta_data": {"instance-type": "m5.large"}},
            },
            ("eu-central-1", "m5.large"),
        ),
        (
            {"ds": {"meta_data": {"imds": {"compute": {"location": "westeurope", "vmSize": "Standard_D2s_v3"}}}}},
            ("westeurope", "Standard_D2s_v3"),
        ),
        ({"v1": {"region": None, "availability_zone": "nova"}}, ("nova", "")),
        ({"v1": {"region": "x"}, "ds": {"meta_data": {"instance_type": "redacted for non-root user"}}}, ("x", "")),
        ([], ("", "")),
    ],
)
def test_region_and_type_of_an_instance(data: object, expected: tuple[str, str]) -> None:
    assert parse_place(json.dumps(data)) == expected


def test_nitro_writes_the_type_of_an_instance_into_the_firmware() -> None:
    data = json.dumps({"v1": {"cloud_id": "aws", "instance_id": "i-1", "region": "eu-west-1"}})

    found = parse(dmi("Amazon EC2", "t3.micro"), VIRTUAL, "", "", data)
    metal = parse(dmi("Amazon EC2", "HVM domU"), VIRTUAL, "", "", data)

    assert (found.cloud_region, found.cloud_type) == ("eu-west-1", "t3.micro")
    assert metal.cloud_type is None
