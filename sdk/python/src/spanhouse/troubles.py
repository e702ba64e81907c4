"""What goes wrong is said by `logging` under the name `spanhouse`, with delivery once of each kind."""

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


def not_wrapped(error: Exception) -> None:
    """Says that a client is left as it is: tracing must not stop a program."""
    import logging

    message = "the client could not be wrapped, its calls are not seen: %s: %s"
    logging.getLogger("spanhouse").warning(message, type(error).__name__, error)
