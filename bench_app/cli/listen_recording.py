"""The recording of ``zmq-bench listen --record``: received frames -> **tap** -> writer process -> file."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from bench_app.recording.recorder import Recorder, RecordOptions
from bench_app.recording.tap import Tap


class ListenRecording:
    """Records messages between :meth:`begin` and :meth:`finish`. Without ``options`` it records nothing.

    ``has_topic`` and ``is_joined`` say where the topic of a message is. Use it in a ``with`` statement. Entering raises
    :class:`InputError` if the file cannot be written.
    """

    def __init__(self, options: RecordOptions | None, has_topic: bool, is_joined: bool) -> None:
        self._options = options
        self._has_topic = has_topic
        self._is_joined = is_joined
        self._recorder: Recorder | None = None
        self._tap: Tap | None = None

    def __enter__(self) -> ListenRecording:
        if self._options is not None:
            self._recorder = Recorder(self._options)
            try:
                self._recorder.wait_ready()
            except BaseException:
                self._end()
                raise
        return self

    def begin(self, endpoint: str) -> None:
        """Record messages that are received at ``endpoint``."""
        if self._recorder is not None:
            self._tap = Tap(self._recorder.tap(has_topic=self._has_topic, is_joined=self._is_joined), endpoint)

    def add(self, frames: Sequence[bytes], received_ns: int) -> None:
        """Record a message that was received at ``received_ns`` (``perf_counter_ns``)."""
        if self._tap is not None:
            self._tap.send(frames, received_ns)

    def finish(self) -> list[str]:
        """Complete the file. Returns what became of the messages, as lines."""
        if self._recorder is None:
            return []
        self._close_tap()
        summary = self._recorder.drain()
        self._recorder.finish()
        return [summary.note]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _close_tap(self) -> None:
        if self._tap is not None:
            self._tap.close()
            self._tap = None

    def _end(self) -> None:
        self._close_tap()
        if self._recorder is not None:
            self._recorder.finish()
