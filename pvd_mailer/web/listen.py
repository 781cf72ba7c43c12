"""A port of this machine to listen on."""

import errno
import os
import socket

from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _

__all__ = ["listen"]

_BACKLOG = 512


def listen(host: str, port: int, hint: str) -> socket.socket:
    """A socket that listens on `port` of `host` (0: any port that is free).

    Raises:
        PvdError: the port is taken, or not for us, or the address is none of this machine's; `hint` says what to do.
    """
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":  # elsewhere the option lets two programs have one port
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
            sock.listen(_BACKLOG)
        except OSError:
            sock.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PvdError(_("port {port} is taken by another program").format(port=port), hint) from error
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise PvdError(
                _("this machine has no address {host}").format(host=host),
                _("Write one that it has: 127.0.0.1 behind a proxy of its own, 0.0.0.0 for all of them."),
            ) from error
        message = _("port {port} cannot be had: {reason}").format(port=port, reason=error.strerror)
        raise PvdError(message, hint) from error
    return sock
