"""One DEBUG line for each call at a cloud: which, where, how long, under which request id. Never an argument or an
answer.
"""

import logging
import time
from typing import Any

from vocabulary.errors import CloudError

log = logging.getLogger("src.multicloud.providers.calls")


class CallLog:
    """Stands around one call; `answer` is set when there is one."""

    def __init__(self, who: str, method: str, region: str) -> None:
        self._who, self._method, self._region = who, method, region
        self.answer: Any = None

    def __enter__(self) -> "CallLog":
        self._began = time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not log.isEnabledFor(logging.DEBUG):
            return
        request_id = error.request_id if isinstance(error, CloudError) else _request_id(self.answer)
        outcome = f"{kind.__name__} {getattr(error, 'code', '')}".strip() if kind else "ok"
        log.debug(
            "call=%s account=%s region=%s ms=%.1f request_id=%s outcome=%s",
            self._method,
            self._who,
            self._region,
            (time.perf_counter() - self._began) * 1000,
            request_id or "none",
            outcome,
        )


def _request_id(answer: Any) -> str:
    return str(answer.get("ResponseMetadata", {}).get("RequestId", "")) if isinstance(answer, dict) else ""
