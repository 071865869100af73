"""Text as bytes of a log, whatever it holds."""

from __future__ import annotations

import json
import re
from typing import Final

_HALF: Final = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair: what Python makes of a byte of a file name that is no UTF-8. It is no
character, and no text that a file, a message or a URL can hold."""


def writable(text: str) -> str:
    r"""``text`` with each half of a surrogate pair as Python writes it: ``\udc80``."""
    return _HALF.sub(lambda half: rf"\u{ord(half[0]):x}", text)


def json_bytes(value: object) -> bytes:
    """The UTF-8 JSON of ``value``, in which every text is `writable`."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    # A backslash in a text of JSON is written as two.
    return _HALF.sub(lambda half: rf"\\u{ord(half[0]):x}", text).encode()
