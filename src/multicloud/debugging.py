"""Debug lines that show: `logging.getLogger("src.multicloud").setLevel(logging.DEBUG)` is all it takes (TR-13)."""

import logging

log = logging.getLogger("src.multicloud")


class _LastResort(logging.StreamHandler):  # type: ignore[type-arg]  # generic for type checkers only
    """Writes to stderr while the program has set up no logging of its own."""

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            super().emit(record)


def show_debug_lines() -> None:
    """Make the logger's lines visible in a program without handlers; one that has its own is left alone."""
    if not log.handlers:
        handler = _LastResort()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        log.addHandler(handler)
