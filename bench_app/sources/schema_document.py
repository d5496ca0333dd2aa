"""A file with a JSON Schema, or an AsyncAPI 3 document: file -> **schemas of events** -> schema source."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bench_app.errors import SourceError
from bench_app.untrusted.json_reader import ANY_JSON, MAX_BYTES, BadJsonError
from bench_app.untrusted.yaml_reader import BadYamlError, read_yaml

Schema = dict[str, Any] | bool
_FEW = 10


class SchemaDocument:
    """The document, in which references are found. Raises SourceError if the file cannot be read.

    Attributes:
        events: the schemas of the events. An AsyncAPI channel may have several messages.
    """

    def __init__(self, path: Path, channel: str | None = None) -> None:
        self._path = path
        self._root = _read(path)
        self._anchors: dict[str, Any] = {}
        self._collect_anchors(self._root)
        is_async = isinstance(self._root, dict) and "asyncapi" in self._root
        self.events: list[Schema] = self._messages(channel) if is_async else [self._checked(self._root)]

    def resolve(self, reference: str) -> Any:
        """What a reference within the document leads to. Raises SourceError."""
        name = reference.removeprefix("#")
        if not reference.startswith("#"):
            raise SourceError(f"{self._path}: {reference}: a reference to another file is not followed")
        if name and not name.startswith("/"):
            if name in self._anchors:
                return self._anchors[name]
            raise SourceError(f"{self._path}: {reference}: there is no such $anchor")
        value = self._root
        for part in unquote(name).split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            else:
                raise SourceError(f"{self._path}: {reference}: the document has nothing there")
        return value

    def _messages(self, channel: str | None) -> list[Schema]:
        version = str(self._root["asyncapi"])
        if not version.startswith("3."):
            raise SourceError(f"{self._path}: AsyncAPI {version}; only AsyncAPI 3 is read")
        channels = self._root.get("channels") or {}
        found = self._channel(channels, channel)
        messages = [self._followed(message) for message in (found.get("messages") or {}).values()]
        if not messages:
            raise SourceError(f"{self._path}: the channel has no messages")
        return [self._payload(message) for message in messages]

    def _channel(self, channels: dict[str, Any], wanted: str | None) -> dict[str, Any]:
        if wanted is None and len(channels) == 1:
            wanted = next(iter(channels))
        for name, channel in channels.items():
            followed: dict[str, Any] = self._followed(channel)
            if wanted is not None and wanted in (name, followed.get("address")):
                return followed
        names = ", ".join(list(channels)[:_FEW]) or "none"
        what = "it has several channels, so channel must name one" if wanted is None else f"it has no channel {wanted}"
        raise SourceError(f"{self._path}: {what} (channels: {names})")

    def _payload(self, message: dict[str, Any]) -> Schema:
        payload = self._followed(message.get("payload", True))
        if isinstance(payload, dict) and "schemaFormat" in payload:
            payload = self._followed(payload.get("schema", True))
        examples = [each["payload"] for each in message.get("examples") or () if "payload" in each]
        if examples and isinstance(payload, dict) and "examples" not in payload:
            payload = payload | {"examples": examples}
        return self._checked(payload)

    def _followed(self, value: Any) -> Any:
        for _ in range(_FEW):
            if not (isinstance(value, dict) and isinstance(value.get("$ref"), str) and len(value) == 1):
                break
            value = self.resolve(value["$ref"])
        return value

    def _checked(self, schema: Any) -> Schema:
        if not isinstance(schema, dict | bool):
            raise SourceError(f"{self._path}: a schema is an object")
        return schema

    def _collect_anchors(self, value: Any) -> None:
        if isinstance(value, dict):
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(value.get(keyword), str):
                    self._anchors.setdefault(value[keyword], value)
            for inner in value.values():
                self._collect_anchors(inner)
        elif isinstance(value, list):
            for inner in value:
                self._collect_anchors(inner)


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1).removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        return ANY_JSON.read(text)
    except BadJsonError as error:
        if path.suffix.lower() in (".yaml", ".yml"):
            return _read_yaml(path, text)
        raise SourceError(f"{path}: no JSON: {error}") from error


def _read_yaml(path: Path, text: bytes) -> Any:
    try:
        return read_yaml(text)
    except ImportError:
        raise SourceError(f"{path}: a schema in YAML needs: pip install PyYAML") from None
    except BadYamlError as error:
        raise SourceError(f"{path}: {' '.join(str(error).split())[:200]}") from error
