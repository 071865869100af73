"""The schema: which modules and tensors the frames that refer to it hold. JSON, version 1."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from tb_layerview.errors import ArgumentError
from tb_layerview.log.bounds import (
    MAX_AXES,
    MAX_DEPTH,
    MAX_DESCRIPTION_BYTES,
    MAX_ELEMENTS,
    MAX_ENVELOPE_BYTES,
    MAX_WORLD_SIZE,
    shape_of,
    whole_number,
)
from tb_layerview.log.names import parse_key
from tb_layerview.log.text import json_bytes

STORED: Final = ("exact", "pyramid", "statistics")
"""What was kept of a tensor: all elements, blocks of them, or its statistics alone."""

_OPTIONAL: Final = ("sample_ids", "labels")
"""Members that are left out where there are none."""


@dataclass(frozen=True, slots=True)
class ModuleSpec:
    """A module of the model.

    ``repr`` is the module's own line of ``print(model)``, without its children. ``order`` is its
    place in the order of execution; a container stands before what is in it.
    """

    path: str
    class_name: str
    repr: str
    order: int


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A tensor of a frame. ``shape`` and ``axes`` are those of the stored elements.

    Of a *shard*, the part that one process has of a tensor, ``global_shape`` is the shape of the
    whole, and ``offset`` the index in it of the shard's first element. Both are None otherwise.

    ``turn`` tells which of two tensors that a forward was given, named or returned came first:
    that with the smaller one. None for all other kinds.
    """

    key: str
    module: str
    kind: str
    shape: tuple[int, ...]
    dtype: str
    axes: tuple[str, ...]
    stored: str = "exact"
    global_shape: tuple[int, ...] | None = None
    offset: tuple[int, ...] | None = None
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """All modules and tensors of a frame, the tensors in order of execution.

    ``samples`` are the positions in the batch of the samples that were kept, and ``sample_ids``
    what the user calls each, if they have names; ``labels`` are the names of the classes that the
    model tells apart. ``rank`` and ``world_size`` are those of the process in its group.
    """

    modules: tuple[ModuleSpec, ...]
    tensors: tuple[TensorSpec, ...]
    samples: tuple[int, ...] = ()
    rank: int = 0
    world_size: int = 1
    sample_ids: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class IndexedSchema:
    """A schema that the frames of a run share, and where in it each key stands."""

    def __init__(self, schema: Schema) -> None:
        self.schema: Final = schema
        self.position: Final = {tensor.key: place for place, tensor in enumerate(schema.tensors)}


def encode_schema(schema: Schema) -> bytes:
    """UTF-8 JSON of ``schema``; equal schemas give equal bytes.

    Raises:
        ArgumentError: it, or something in it, is larger than a reader takes.
    """
    _check_bounds(schema)
    body = asdict(schema)
    for name in _OPTIONAL:
        if not body[name]:
            del body[name]
    body["tensors"] = [
        {name: value for name, value in tensor.items() if value is not None}
        for tensor in body["tensors"]
    ]
    content = json_bytes(body)
    if len(content) > MAX_DESCRIPTION_BYTES - MAX_ENVELOPE_BYTES:
        expected = f"at most {MAX_DESCRIPTION_BYTES:,} bytes: record fewer layers"
        raise ArgumentError(f"names of {len(schema.tensors):,} tensors", expected, len(content))
    return content


def _check_bounds(schema: Schema) -> None:
    """Whether `decode_schema` takes it: one that it does not would hide all frames behind it."""
    for tensor in schema.tensors:
        try:
            shape_of(list(tensor.shape))
        except ValueError as error:
            expected = f"at most {MAX_AXES} axes and {MAX_ELEMENTS:,} elements"
            raise ArgumentError(f"shape of {tensor.key}", expected, tensor.shape) from error
    for module in schema.modules:
        try:
            _path(module.path)
        except ValueError as error:
            expected = f"at most {MAX_DEPTH} modules within each other"
            raise ArgumentError("modules", expected, f"{module.path:.40}...") from error


def decode_schema(content: bytes) -> Schema:
    """The inverse of `encode_schema`. Members that it does not know are left out.

    Raises:
        ArgumentError: ``content`` is no schema.
    """
    try:
        body = json.loads(content)
        # Half a surrogate pair, which an escape can tell, is no text that a URL can hold.
        json.dumps(body, ensure_ascii=False).encode()
        world_size = whole_number(body["world_size"], MAX_WORLD_SIZE)
        schema = Schema(
            modules=tuple(_module(module) for module in body["modules"]),
            tensors=tuple(_tensor(tensor) for tensor in body["tensors"]),
            samples=tuple(whole_number(position) for position in body["samples"]),
            rank=whole_number(body["rank"], world_size - 1),
            world_size=world_size,
            sample_ids=tuple(str(name) for name in body.get("sample_ids", ())),
            labels=tuple(str(name) for name in body.get("labels", ())),
        )
        _check_keys(schema)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ArgumentError("schema", "the JSON of docs/format.md", str(error)) from error
    return schema


def _check_keys(schema: Schema) -> None:
    """Whether each key stands for one tensor."""
    if len({tensor.key for tensor in schema.tensors}) < len(schema.tensors):
        raise ValueError("two tensors have the same key")


def _module(body: dict[str, Any]) -> ModuleSpec:
    return ModuleSpec(
        path=_path(body["path"]),
        class_name=str(body["class_name"]),
        repr=str(body["repr"]),
        order=whole_number(body["order"]),
    )


def _path(value: object) -> str:
    """The path of a module, no deeper than one can be followed."""
    path = str(value)
    if path.count(".") >= MAX_DEPTH:
        raise ValueError(f"expected at most {MAX_DEPTH} modules within each other")
    return path


def _tensor(body: dict[str, Any]) -> TensorSpec:
    shape = shape_of(body["shape"])
    key = parse_key(str(body["key"]))
    if key.kind != body["kind"]:
        raise ValueError(f"kind: expected that of the key, {key.kind}")
    if body["stored"] not in STORED:
        raise ValueError(f"stored: expected one of {', '.join(STORED)}")
    if len(body["axes"]) != len(shape):
        raise ValueError(f"expected a name for each axis of {shape}")
    global_shape, offset = _shard(body, shape)
    return TensorSpec(
        key=str(body["key"]),
        module=_path(body["module"]),
        kind=key.kind,
        shape=shape,
        dtype=str(body["dtype"]),
        axes=tuple(str(axis) for axis in body["axes"]),
        stored=body["stored"],
        global_shape=global_shape,
        offset=offset,
        turn=whole_number(body["turn"]) if "turn" in body else None,
    )


def _shard(
    body: dict[str, Any], shape: tuple[int, ...]
) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
    """The global shape and offset of a shard of ``shape``; None twice of what is none."""
    if "global_shape" not in body:
        return None, None
    whole = shape_of(body["global_shape"])
    offset = tuple(whole_number(first) for first in body["offset"])
    for first, length, limit in zip(offset, shape, whole, strict=True):
        if not 0 <= first <= first + length <= limit:
            raise ValueError(f"a shard of {shape} at {offset} is not within {whole}")
    return whole, offset
