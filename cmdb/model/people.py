"""What people say of the things that they own: declared once, for every class that says `owned`.

No source that looks at a host or device may write these (precedence.py, group `people`). `lifecycle` is what people decided
for a thing, and apart from whether it is still seen.
"""

from __future__ import annotations

from cmdb.model.declaration import Attribute

GROUP = "people"

LIFECYCLES = ("planned", "ordered", "in use", "maintenance", "retired")


def said(name: str, type_name: str, text: str, choices: tuple[str, ...] = ()) -> Attribute:
    """An attribute that only people tell: searched, with history, of the group `people`."""
    return Attribute(name, type_name, text, None, GROUP, False, True, False, choices)


ATTRIBUTES = (
    said("owner", "str", "Who answers for it: a person or a team."),
    said("environment", "str", "What it is used for: production, staging, test."),
    said("criticality", "str", "How much depends on it, in the words of your organisation: high, tier 1."),
    said("location", "str", "Where it stands: site, room, rack, or a cloud's region."),
    said("lifecycle", "str", f"Where it is in its life: {', '.join(LIFECYCLES)}.", LIFECYCLES),
    said("tags", "list[str]", "Words that people put on it; `tag:pci` in a query finds one."),
)
"""In the order in which they are listed; names that no class declares otherwise than as text or as a list of text."""
