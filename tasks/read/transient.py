"""Which errors of access pass by themselves, so that a task tries again."""

import errno

_PASSING: frozenset[int] = frozenset(
    {
        errno.EIO,
        errno.EAGAIN,
        errno.EBUSY,
        errno.EINTR,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ESTALE,
        errno.ETIMEDOUT,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENETRESET,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ECONNABORTED,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.ENOTCONN,  # a FUSE mount whose server is gone
        errno.ENOLINK,
        errno.EREMOTEIO,
    }
)


def is_transient(error: BaseException | None) -> bool:
    """Whether ``error``, or what caused it, is an I/O error that another try may not meet.

    A missing file, a missing permission and a full disk are not: they need a person.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, OSError) and error.errno in _PASSING:
            return True
        seen.add(id(error))
        error = error.__cause__
    return False
