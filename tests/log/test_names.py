from __future__ import annotations

import pytest

from tb_layerview.errors import ArgumentError
from tb_layerview.log.names import Key, parse_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("conv2.0/output", Key("conv2.0", "output")),
        ("fc_final.0/param.weight", Key("fc_final.0", "param", "weight")),
        ("lstm/output.0", Key("lstm", "output", "0")),
        ("shared/output#1", Key("shared", "output", "", 1)),
        ("/param.weight", Key("", "param", "weight")),
        ("encoder/output.hidden.2#3", Key("encoder", "output", "hidden.2", 3)),
        ("conv/output_grad", Key("conv", "output_grad")),
        ("/sample.inputs", Key("", "sample", "inputs")),
    ],
)
def test_a_key_and_its_parts_are_the_same_thing(text: str, key: Key) -> None:
    assert parse_key(text) == key
    assert str(key) == text


@pytest.mark.parametrize(
    "text", ["", "conv2.0", "conv2.0/weight", "a/b/output", "a/output#x", "a/outputs"]
)
def test_what_is_no_key_is_an_error(text: str) -> None:
    with pytest.raises(ArgumentError, match="<module path>/<kind>"):
        parse_key(text)
