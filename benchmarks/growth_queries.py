"""The searches that benchmarks/growth.py times, over the estate of benchmarks/estate.py."""

from __future__ import annotations

QUERIES = {
    "one hit": "name:host0007",
    "none": "name:nothing-like-this",
    "equal": "name:user3",
    "prefix": "name:host001*",
    "free text": "daemon3",
    "two terms": "class:Endpoint port:5003",
    "three terms": "class:LocalAccount name:user3 uid:1003",
    "negation with class": "class:SoftwarePackage -name:lib*",
    "half of all": "class:SoftwarePackage architecture:amd64",
    "range": "port:>5010",
    "presence": "class:SoftwareInstance has:unit",
    "class": "class:ConfigFile",
}

WIDE = {
    "prefix of 5 %": "class:SoftwarePackage name:lib-*",
    "word of 8 %": "perl",
    "two such words": "lib python",
}
"""What more than a few of all CIs meet, told beside them."""
