"""A client of a service: one question at a time, many at once, and what happens without a reply."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench_app import Message, PendingRequest, ZmqClient
from bench_app.errors import ClosedError, RequestError, RequestTimeoutError


class Classifier:
    """Asks a classifier over the network."""

    def __init__(self, uri: str, request_timeout_ms: int = 1000) -> None:
        self._client = ZmqClient(
            "classifier",
            {"socket_type": "REQ", "request_timeout": request_timeout_ms, "retries": 1, "linger": 0},
        )
        self._client.connect(uri)

    def label(self, image: int, timeout: float | None = None) -> str:
        """The label of one image; "?" without a reply in time."""
        try:
            reply: Message = self._client.request({"image": image}, timeout)
        except RequestTimeoutError as error:
            print(f"request {error.request_id}: {error.attempts} attempts in {error.elapsed_s:.1f} s")
            return "?"
        return str(reply.value["label"])

    def labels(self, images: Iterable[int]) -> dict[int, Any]:
        """The labels of many images; the requests wait in the queue of the client."""
        pending: dict[int, PendingRequest] = {image: self._client.start_request({"image": image}) for image in images}
        return {image: one.result().value["label"] for image, one in pending.items()}

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()


def main(uri: str, images: int = 5) -> tuple[list[str], dict[int, Any], str]:
    """One by one, then all at once, then after the end."""
    classifier = Classifier(uri, 60_000)
    one_by_one = [classifier.label(image) for image in range(images)]
    at_once = classifier.labels(range(images))
    classifier.close()
    try:
        classifier.label(0)
    except (ClosedError, RequestError) as error:
        return one_by_one, at_once, str(error)
    raise AssertionError("a closed client took a request")
