"""X.509 certificates. Those here were made by openssl, which says the same of them."""

from __future__ import annotations

import base64

import pytest

from agent.der import element
from agent.fact import ParseError
from agent.x509 import MOST_BYTES, blocks, parse
from cmdb.model.times import iso

EC = """
-----BEGIN CERTIFICATE-----
MIICOjCCAeGgAwIBAgIUeTIyhkhM/rbvQrLDhJnN4CgS1uQwCgYIKoZIzj0EAwIw
PzELMAkGA1UEBhMCREUxFjAUBgNVBAoMDUV4YW1wbGUsIEluYy4xGDAWBgNVBAMM
D3d3dy5leGFtcGxlLm9yZzAeFw0yNjExMjUxNTQwMzRaFw0yNzEyMjcxNTQwMzRa
MD8xCzAJBgNVBAYTAkRFMRYwFAYDVQQKDA1FeGFtcGxlLCBJbmMuMRgwFgYDVQQD
DA93d3cuZXhhbXBsZS5vcmcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQAmyJW
b0ybnPI4mie/vntI+LXXa2AgBQ8fHP528hauYHb9H1OS2zpki3xL4cnPT0c+D5iS
aPL3B0FEi059e7Z9o4G6MIG3MB0GA1UdDgQWBBQsvcqyoTdJg6OrblBuFjWY8QuV
JzAfBgNVHSMEGDAWgBQsvcqyoTdJg6OrblBuFjWY8QuVJzAPBgNVHRMBAf8EBTAD
AQH/MGQGA1UdEQRdMFuCD3d3dy5leGFtcGxlLm9yZ4ILZXhhbXBsZS5vcmeHBMAA
AgGHECABDbgAAAAAAAAAAAAAAAGBDWFAZXhhbXBsZS5vcmeGFGh0dHBzOi8vZXhh
bXBsZS5vcmcvMAoGCCqGSM49BAMCA0cAMEQCICyUdKsrFAnGR41SsN1AVmWTMG1j
Ba4z94sNm+dlpIz2AiAXSerkRQOtP5o3VlOU+7oQC72uPb9hkMLO9D9FKfYe7w==
-----END CERTIFICATE-----
"""
RSA = """
-----BEGIN CERTIFICATE-----
MIIDMzCCAhugAwIBAgIUE7wlUMVQLhVFxx9XCNTL0+iJ6LAwDQYJKoZIhvcNAQEL
BQAwKDERMA8GA1UEAwwIVMOrc3QgQ0ExEzARBgoJkiaJk/IsZAEZFgNvcmcwIBcN
MjYxMTI1MTU0MDM0WhgPMjA1NDA0MTExNTQwMzRaMCgxETAPBgNVBAMMCFTDq3N0
IENBMRMwEQYKCZImiZPyLGQBGRYDb3JnMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A
MIIBCgKCAQEAqJ89rOLHdUF8Uqwg/D0AmeQ/hcuNyfOtQVKyX4nopuHAi7GMD9sD
L3CWrq8sb0zwo+cvLjGH0En0+aGzlssA/bLfyMbsoB+BGXXuP7qYwaxY2ZVk0ET+
RzWNzycqz9PI20fq6bqq/IQsEOb/lfmMtIpZBDFAXV+ojU3AJfkfwf4s30TNYcWv
SZ9JiFZUa6v0BKpOYZlYDhWN1ovnicRw2wqEBUKCErx3VGyHFSC7NPoO7Wf96rwg
/MNyTD13pJvIuoTkima9CI5EQMSG0jolakssu4nZD0lx9666jaiso7yECOyX2uSm
7BiVgIKHp9/rxtKo4o26xYPfhWYRWSD1BwIDAQABo1MwUTAdBgNVHQ4EFgQUVezH
8VQS5XMJ7hBRuqgRAkj2Q/0wHwYDVR0jBBgwFoAUVezH8VQS5XMJ7hBRuqgRAkj2
Q/0wDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAo+vS75NdNhhn
+RtbDqk7N2CbhuwwDr07NodbItcaW6Le4NYfIZWFq5Pwdn6gR+lKVZ5oASVKQhxI
d4BLkJPqbCOg9YT1Bn51LXORuMFoxk5nRVPR0iBRQrg+9iXdd+ff+LhmC+RqaBrG
vGda9wmJtiUg4syQsdJP3YroPp3+cfzWZTVhOIz/XYHG5PD1aDaW0pv+kfYM93pU
x86G3kJX2awg3KLf7sxdF0Mr0oUp4imK4dezAaVhietdHXOGnAiCZNr9qD8FVUqE
z+yi815CupdjYBLOD/07B11F3wpHRfDL/dDfEIRebkmLPi/s3TyeFPb55Xt4KbQQ
cv1xeQqXlw==
-----END CERTIFICATE-----
"""
ED25519 = """
-----BEGIN CERTIFICATE-----
MIIBLjCB4aADAgECAhRS2RW1pcno8HZ31P2kbc4/n8WmBzAFBgMrZXAwDTELMAkG
A1UEAwwCZWQwHhcNMjYxMTI1MTU0MDM0WhcNMjYxMjI1MTU0MDM0WjANMQswCQYD
VQQDDAJlZDAqMAUGAytlcAMhAMSmQu+oRH+0DdfO5y1ABz+NrnRCFchSuFVCCAW5
OYbQo1MwUTAdBgNVHQ4EFgQUXVYXwMuG5Ix6omaENtgiLdwFxTUwHwYDVR0jBBgw
FoAUXVYXwMuG5Ix6omaENtgiLdwFxTUwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXAD
QQDMTsaLmZq/qn3NOablGKvQqXGq45i3xj8bWRIiJ5QQgP3UqRAlnGupp7tQ5QXm
T/+doAwpzbn1IFnQMFmkkUYG
-----END CERTIFICATE-----
"""
KEY = "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----\n"


def der(pem: str) -> bytes:
    [data] = blocks(pem.encode())
    return data


def test_all_that_a_certificate_says() -> None:
    found = parse(der(EC))

    assert found.fingerprint == "dd88b65743e8aecc5bb39ba0d92645e8d0cbcec9c3b8b1c1e5cbbca737b0057b"
    assert found.subject == found.issuer == "CN=www.example.org,O=Example\\, Inc.,C=DE"
    assert found.names == (
        "DNS:www.example.org",
        "DNS:example.org",
        "IP:192.0.2.1",
        "IP:2001:db8::1",
        "email:a@example.org",
        "URI:https://example.org/",
    )
    assert found.serial == "79323286484cfeb6ef42b2c38499cde02812d6e4"
    assert iso(found.not_before) == "2026-11-25T15:40:34.000000Z"
    assert iso(found.not_after) == "2027-12-27T15:40:34.000000Z"
    assert (found.key_type, found.key_bits, found.signature) == ("EC", 256, "ecdsaWithSha256")
    assert found.authority


def test_other_keys_a_name_beyond_ascii_and_a_time_after_2049() -> None:
    rsa, ed25519 = parse(der(RSA)), parse(der(ED25519))

    assert (rsa.key_type, rsa.key_bits, rsa.signature) == ("RSA", 2048, "sha256WithRSA")
    assert rsa.subject == "DC=org,CN=Tëst CA"
    assert iso(rsa.not_after) == "2054-04-11T15:40:34.000000Z", "a GeneralizedTime"
    assert (ed25519.key_type, ed25519.key_bits, ed25519.signature) == ("Ed25519", 256, "Ed25519")


def test_blocks_are_found_in_their_order_among_keys_and_comments() -> None:
    text = f"Bag Attributes\n{KEY}{ED25519}{KEY}subject=x\n{EC}"

    assert blocks(text.encode()) == [der(ED25519), der(EC)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEY,
        "-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----",
    ],
)
def test_what_is_no_whole_certificate_is_no_block(text: str) -> None:
    assert blocks(text.encode()) == []


def test_a_block_that_is_no_base64_or_too_long_is_refused() -> None:
    head, tail = "-----BEGIN CERTIFICATE-----\n", "\n-----END CERTIFICATE-----"
    long = base64.b64encode(bytes(MOST_BYTES + 1)).decode()

    with pytest.raises(ParseError, match="no base64"):
        blocks(f"{head}AAA{tail}".encode())
    with pytest.raises(ParseError, match="at most"):
        blocks(f"{head}{long}{tail}".encode())


def test_what_stands_behind_a_trusted_certificate_is_no_part_of_it() -> None:
    assert parse(der(EC) + b"\x30\x03\x02\x01\x01") == parse(der(EC))


def test_a_certificate_that_is_cut_anywhere_is_refused() -> None:
    data = der(EC)
    for length in range(len(data)):
        with pytest.raises(ParseError):
            parse(data[:length])


def test_no_change_of_an_octet_breaks_the_reader() -> None:
    data = der(EC)
    for at in range(0, len(data), 3):
        changed = data[:at] + bytes([data[at] ^ 0x95]) + data[at + 1 :]
        try:
            parse(changed)
        except ParseError:
            pass


def test_names_are_escaped_as_rfc_4514_has_it() -> None:
    def name(value: bytes) -> bytes:
        pair = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(value)]) + value
        pair = b"\x30" + bytes([len(pair)]) + pair
        return b"\x30" + bytes([len(pair) + 2]) + b"\x31" + bytes([len(pair)]) + pair

    from agent.x509 import _name

    assert _name(element(name(b"a+b;c"))) == "CN=a\\+b\\;c"
    assert _name(element(name(b" #x "))) == "CN=\\ #x\\ "
    assert _name(element(name(b"#x"))) == "CN=\\#x"


def test_a_block_that_does_not_end_takes_time_in_proportion_to_its_length() -> None:
    assert blocks(b"-----BEGIN CERTIFICATE-----" + b"\n" * 150_000 + b"!") == []
