"""The table of products."""

from __future__ import annotations

import re

from agent.known_software import KINDS
from agent.products import PRODUCTS


def test_every_row_can_be_used_and_gives_its_kind() -> None:
    for name, product in PRODUCTS.items():
        assert KINDS[name] == product.kind
        assert product.kind in ("database", "web server", "broker", "balancer")
        for pattern in (product.text, product.argument):
            assert not pattern or re.compile(pattern).groups == 1
        assert not product.data or re.compile(product.data).groups == 1
        assert all(path.startswith("/") for path in (*product.config, *([product.file] if product.file else [])))
