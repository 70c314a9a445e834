"""What an own endpoint's connections must pass: the address that was reached is judged, whatever the name said before.

A name can answer differently each time it is asked; only the peer of the open socket is certain. Behind a proxy the
proxy makes the connection, and the name alone was judged.
"""

import ssl
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

from providers.drivers.engines.boto_errors import TLS_FAILED, TLS_HINT
from providers.drivers.engines.boto_session import SignIn
from vocabulary.errors import Unreachable

POOLS = {"http": (AWSHTTPConnectionPool, AWSHTTPConnection), "https": (AWSHTTPSConnectionPool, AWSHTTPSConnection)}


def watch_connections(client: Any, sign_in: SignIn, who: str) -> Any:
    """The client, each of whose new connections is judged before a byte is sent. Without an own endpoint: as it was."""
    if sign_in.endpoint:
        manager = client._endpoint.http_session._manager
        manager.pool_classes_by_scheme = {
            scheme: type(f"Watched{pool.__name__}", (pool,), {"ConnectionCls": _watched(connection, sign_in, who)})
            for scheme, (pool, connection) in POOLS.items()
        }
    return client


def _watched(connection: Any, sign_in: SignIn, who: str) -> type:
    def _new_conn(self: Any) -> Any:
        sock = connection._new_conn(self)
        try:
            if sign_in.guard_peer:
                address, port = sock.getpeername()[:2]
                sign_in.guard_peer(address, port, self.host)
        except BaseException:
            sock.close()
            raise
        return sock

    def connect(self: Any) -> None:
        try:
            connection.connect(self)
        except ssl.SSLError:
            # What the other side said instead would tell a person what listens there.
            raise Unreachable(who, "connect", TLS_FAILED, TLS_HINT) from None

    return type(f"Watched{connection.__name__}", (connection,), {"_new_conn": _new_conn, "connect": connect})
