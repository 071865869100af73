"""Keys: the name of one recorded tensor, ``<module path>/<kind>[.<name>][#<call>]``."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from tb_layerview.errors import ArgumentError

KINDS: Final = ("param", "buffer", "grad", "input", "output", "output_grad", "tap", "sample")
"""What a tensor can be to its module, in the order in which a page lists them."""

PROBE: Final = "probe"
"""The directory, under that of a run, of the run in which its probe is recorded."""

_PATTERN: Final = re.compile(
    r"(?P<module>[^/#]*)/(?P<kind>"
    + "|".join(KINDS)
    + r")(?:\.(?P<name>[^#]*))?(?:#(?P<call>\d+))?",
    re.DOTALL,
)


class Key(NamedTuple):
    """The parts of a key.

    ``module`` is the path of ``named_modules()`` (the root's is empty), ``name`` tells tensors of
    one kind apart (``weight``, ``0`` of a tuple, ``hidden.0`` of nested ones; empty for a lone
    output), ``call`` counts the calls of the module within one forward, from 0.
    """

    module: str
    kind: str
    name: str = ""
    call: int = 0

    def __str__(self) -> str:
        name = f".{self.name}" if self.name else ""
        call = f"#{self.call}" if self.call else ""
        return f"{self.module}/{self.kind}{name}{call}"


def parse_key(text: str) -> Key:
    """The parts of ``text``; the inverse of ``str(key)``.

    Raises:
        ArgumentError: ``text`` is not a key.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ArgumentError("key", "<module path>/<kind>[.<name>][#<call>]", text)
    module, kind, name, call = match.group("module", "kind", "name", "call")
    return Key(module, kind, name or "", int(call or 0))
