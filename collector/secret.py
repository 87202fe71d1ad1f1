"""A secret in memory: its text shows as dots everywhere but where it is asked for by name."""

from __future__ import annotations

import hmac
import traceback
from types import TracebackType


class Secret:
    """A password or passphrase. It can not be printed, formatted, pickled or compared by time."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself; only for the call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> str:
        raise TypeError("a secret is never written down")


class Forgetting:
    """Stands around calls that have a secret in hand, as a context manager: where one fails, the variables of all that was
    called are cleared, so that no traceback that shows them, ours or another's, shows the secret."""

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            traceback.clear_frames(error.__traceback__)
            error = error.__cause__ or error.__context__
