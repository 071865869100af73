"""The callbacks of `docs/recording.md`, run by the trainers that they are for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import pytest
import torch
import transformers
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

import tb_layerview
from tb_layerview import LayerView

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "recording.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def callback(library: str) -> Any:  # noqa: ANN401 - a class of either library
    """That of the documentation, made anew; each fifth step in place of each hundredth."""
    (code,) = (code for code in BLOCK.findall(DOCUMENT.read_text("utf-8")) if library in code)
    names: dict[str, Any] = {"LayerView": LayerView}
    exec(code.replace("every=100", "every=5"), names)
    return names["Layers"]()


class Model(lightning.LightningModule):
    """Notes its weights before each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(8, 3)
        self.weights: list[Any] = []

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.weights.append(self.layer.weight.detach().numpy().copy())
        answers: torch.Tensor = self.layer(inputs)
        return answers

    def training_step(self, batch: list[torch.Tensor], _index: int) -> torch.Tensor:
        return cross_entropy(self(batch[0]), batch[1])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), 1e-2)


@pytest.mark.parametrize("accumulated", [1, 2])
def test_lightning(tmp_path: Path, accumulated: int) -> None:
    model = Model()
    trainer = lightning.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=lightning.pytorch.loggers.CSVLogger(tmp_path),
        callbacks=[callback("lightning")],
        accumulate_grad_batches=accumulated,
        enable_progress_bar=False,
        enable_checkpointing=False,
    )
    data = TensorDataset(torch.randn(64, 8), torch.arange(64) % 3)
    trainer.fit(model, DataLoader(data, batch_size=8))
    log = tb_layerview.open(trainer.log_dir)
    assert log.steps == [0, 5, 10, 15]
    for step in log.steps:
        np.testing.assert_array_equal(log["layer/param.weight"].at(step)[...], model.weights[step])
    assert log["/sample.inputs"].spec.shape == (4, 8)
    assert log.problems == []


@pytest.mark.parametrize("accumulated", [1, 2])
def test_hugging_face(tmp_path: Path, accumulated: int) -> None:
    config = transformers.GPT2Config(
        vocab_size=50,
        n_embd=16,
        n_layer=2,
        n_head=2,
        n_positions=12,
        bos_token_id=0,
        eos_token_id=1,
    )
    model = transformers.GPT2LMHeadModel(config)
    first = model.transformer.wte.weight.detach().numpy().copy()
    settings = transformers.TrainingArguments(
        str(tmp_path), max_steps=11, per_device_train_batch_size=4, use_cpu=True, report_to=[],
        gradient_accumulation_steps=accumulated, disable_tqdm=True, save_strategy="no",
    )  # fmt: skip
    texts = [
        {"input_ids": (tokens := torch.randint(0, 50, (12,))), "labels": tokens} for _ in range(96)
    ]
    transformers.Trainer(
        model, settings, train_dataset=texts, callbacks=[callback("transformers")]
    ).train()
    log = tb_layerview.open(tmp_path / "layers")
    assert log.steps == [0, 5, 10]
    np.testing.assert_array_equal(log["transformer.wte/param.weight"].at(0)[...], first)
    keys = log.keys()
    assert ("lm_head/output#1" in keys) == (accumulated == 2)
