# cython: language_level=3
"""The compiled reading and writing of stamps, for tests; the loops ``cimport`` it from ``stamp_digits.pxd``."""

from libc.stdint cimport int64_t

from bench_app.transport import stamp


def write(sequence: int, intended_ns: int, sent_ns: int, anywhere: bool = False) -> bytes:
    """What :func:`bench_app.transport.stamp.times` returns. ``anywhere``: by the code that any processor runs."""
    cdef char text[50]
    if anywhere:
        write_times_anywhere(text, sequence, intended_ns, sent_ns)
    else:
        write_times(text, sequence, intended_ns, sent_ns)
    return text[:50]


def read(text: bytes, anywhere: bool = False) -> tuple[int, int, int] | None:
    """What :func:`bench_app.transport.stamp.decode_one` returns for a text of its length."""
    cdef int64_t numbers[3]
    cdef const char *at = text
    if len(text) != 50 or not (read_times_anywhere(at, numbers) if anywhere else read_times(at, numbers)):
        return None
    return numbers[0], numbers[1], numbers[2]


def _check_layout() -> None:
    """Refuse to be imported if the layout here is not that of :mod:`bench_app.transport.stamp`."""
    numbers = 0x0123456789abcdef, 0x7edcba9876543210, 0x00000000000a9f3c
    text = stamp.times(*numbers)
    for anywhere in (False, True):
        if write(*numbers, anywhere) != text or read(text, anywhere) != numbers or len(text) != stamp.TIMES_LENGTH:
            raise ImportError("the compiled stamp differs from bench_app.transport.stamp")


_check_layout()
