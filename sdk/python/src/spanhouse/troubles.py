"""What goes wrong with delivery is said once of each kind, by `logging` under the name `spanhouse`."""

from __future__ import annotations

from collections.abc import Callable


def create_warnings() -> Callable[[str], None]:
    """Says a message, unless one like it was said before; what differs in numbers alone is alike."""
    said: set[str] = set()

    def warn(message: str) -> None:
        kind = "".join("0" if letter.isdigit() else letter for letter in message)
        if kind in said:
            return
        said.add(kind)
        import logging

        logging.getLogger("spanhouse").warning(message)

    return warn
