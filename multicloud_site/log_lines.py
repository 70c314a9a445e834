"""One event, one line: a log line with a line break from a hostile name in it would be two."""

import logging


class OneLine(logging.Formatter):
    """Time, level, logger and message; control characters are written as escapes."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        text = super().formatMessage(record)
        return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
