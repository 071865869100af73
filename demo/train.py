"""Train the demo's model on handwritten digits, recording its layers on the way.

python -m demo.train --logdir runs/demo
tensorboard --logdir runs
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.tensorboard import SummaryWriter

from demo.digits import Digits, bundled_digits, hard_and_typical, mnist
from demo.model import CNN
from tb_layerview import LayerView

WATCHED = 4
"""How many digits lead every batch: their feature maps can be compared from step to step."""

HARD = 5
"""How many digits that are easily mistaken are followed over the training."""

BATCH_SIZE = 64
LEARNING_RATE = 2e-3
EVALUATE_EVERY = 50  # steps
SMALLEST_PROBABILITY = 1e-12


def train(
    model: nn.Module,
    data: tuple[Digits, Digits],
    writer: SummaryWriter,
    *,
    steps: int,
    every: int,
) -> float:
    """Train ``model``, record its layers at every ``every``-th step; its accuracy in the end.

    ``data`` are the digits to train and those to test with. The accuracy is the share of the
    latter that the model names rightly.
    """
    training, testing = data
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    view = LayerView(
        model,
        writer,
        kinds=("param", "buffer", "output"),
        every=every,
        labels=[str(digit) for digit in range(10)],
        on_nonfinite="record",
    )
    followed = hard_and_typical(training, testing, HARD)
    view.probe(
        testing.images[followed],
        testing.labels[followed],
        ids=[f"test digit {place}" for place in followed.tolist()],
    )
    for step, (images, labels) in zip(range(steps), _batches(training), strict=False):
        with view.step(step, inputs=images, targets=labels) as recording:
            probabilities = model(images)
            recording.predictions(probabilities)
            loss = negative_log_likelihood(probabilities, labels)
            recording.watch(
                loss,
                again=lambda: negative_log_likelihood(model(images), labels),  # noqa: B023
            )
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        writer.add_scalar("loss/training", loss.item(), step)
        if step % EVALUATE_EVERY == 0:
            reached = accuracy(model, testing)
            writer.add_scalar("accuracy/testing", reached, step)
            print(f"step {step:4} of {steps}: loss {loss.item():.3f}, test accuracy {reached:.1%}")
    view.close()
    reached = accuracy(model, testing)
    writer.add_scalar("accuracy/testing", reached, steps)
    return reached


def negative_log_likelihood(probabilities: Tensor, labels: Tensor) -> Tensor:
    """The mean of -log p, where p is the probability (N, 10) given to the right class (N,)."""
    # The model ends in Softmax, so that its last feature map reads as probabilities; cross_entropy
    # takes logits and would apply it once more. A probability may round to 0, whose log is -inf.
    return functional.nll_loss(probabilities.clamp_min(SMALLEST_PROBABILITY).log(), labels)


@torch.no_grad()
def accuracy(model: nn.Module, digits: Digits) -> float:
    """The share of ``digits`` whose most probable class is the right one."""
    predicted = torch.cat([model(images).argmax(dim=1) for images in digits.images.split(512)])
    return (predicted == digits.labels).double().mean().item()


def _batches(training: Digits) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end: the watched digits, then others in an order new in every epoch."""
    watched = Digits(training.images[:WATCHED], training.labels[:WATCHED])
    others = TensorDataset(training.images[WATCHED:], training.labels[WATCHED:])
    loader = DataLoader(others, batch_size=BATCH_SIZE - WATCHED, shuffle=True)
    while True:
        for images, labels in loader:
            yield torch.cat([watched.images, images]), torch.cat([watched.labels, labels])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo.train",
        description="Train the demo's model on handwritten digits, recording its layers.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--logdir", type=Path, default=Path("runs/demo"), help="where to record")
    parser.add_argument("--mnist", type=Path, help="a folder with MNIST's four IDX files")
    parser.add_argument("--steps", type=_count, default=300, help="training steps")
    parser.add_argument("--every", type=_count, default=6, help="steps from recording to recording")
    parser.add_argument("--seed", type=int, default=0, help="of the weights, split and shuffling")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, received {text!r}")
    return int(text)


def main() -> None:
    """Train as the command line says."""
    parser = _parser()
    arguments = parser.parse_args()
    try:
        data = mnist(arguments.mnist) if arguments.mnist else bundled_digits(arguments.seed)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    torch.manual_seed(arguments.seed)
    print(f"{len(data[0].labels):,} digits to train with, {len(data[1].labels):,} to test with")
    with SummaryWriter(arguments.logdir) as writer:
        reached = train(CNN(), data, writer, steps=arguments.steps, every=arguments.every)
    print(
        f"test accuracy {reached:.1%} after {arguments.steps} steps; recorded in {arguments.logdir}"
    )


if __name__ == "__main__":
    main()
