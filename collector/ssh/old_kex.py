"""Key exchanges of old devices, which paramiko has no more: Diffie-Hellman with SHA-1 (RFC 4253 section 8).

Offered only where a sweep allows old algorithms. The prime of group 1 is the Second Oakley Group of RFC 2409 section 6.2.
"""

from __future__ import annotations

from hashlib import sha1

from paramiko.kex_group14 import KexGroup14SHA256


class KexGroup14SHA1(KexGroup14SHA256):
    """diffie-hellman-group14-sha1"""

    name = "diffie-hellman-group14-sha1"
    hash_algo = sha1


class KexGroup1SHA1(KexGroup14SHA1):
    """diffie-hellman-group1-sha1"""

    name = "diffie-hellman-group1-sha1"
    P = int(
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
        "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
        "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
        16,
    )
