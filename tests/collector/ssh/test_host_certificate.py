from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.ssh.host_certificate import HostCertificate
from tests.lab.ssh_keys import certify, key_pair


@pytest.mark.parametrize("type", ["ed25519", "ecdsa-256", "rsa-2048"])
def test_a_certificate_names_its_authority_and_key_and_is_for_its_principals(tmp_path: Path, type: str) -> None:
    authority, pair = key_pair(tmp_path, "authority", type), key_pair(tmp_path, "host", type)
    file = certify(authority, pair, "web1,*.example.org", host=True)
    certificate = HostCertificate(base64.b64decode(file.read_text().split()[1]))

    assert certificate.authority == authority.public.split()[1]
    assert certificate.key == pair.public.split()[1]
    assert certificate.fault(["web1"], time.time()) == ""
    assert certificate.fault(["10.0.0.1", "[a.example.org]:2222"], time.time()) == ""
    assert "it is for web1" in certificate.fault(["web2"], time.time())
    assert "not valid" in certificate.fault(["web1"], time.time() + 3 * 86400)


@given(st.binary(max_size=300))
def test_what_is_no_certificate_has_a_fault(blob: bytes) -> None:
    certificate = HostCertificate(blob)

    assert certificate.authority == ""
    assert certificate.fault(["web1"], 0.0)
