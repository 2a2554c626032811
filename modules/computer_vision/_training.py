"""Train a network on the images of a folder."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from modules.computer_vision._image_model import batch
from modules.computer_vision._images import Picture, opened
from modules.contract import ModuleError
from modules.contract.context import report_progress

_POWER = 0.9
"""Of the polynomial by which the learning rate decreases to 0."""


@dataclass(frozen=True)
class Course:
    """How a network is trained.

    Parameters
    ----------
    warmup : int
        Steps in which the learning rate increases to its value.
    patience : int
        Epochs without a lower validation loss after which training stops.
    every : int
        Steps between two lines in the log.
    """

    epochs: int
    batch_size: int
    warmup: int
    rate: float
    patience: int
    every: int


@dataclass
class Trainer:
    """Trains a network.

    Parameters
    ----------
    network : torch.nn.Module
        Is changed; it ends with the weights of the epoch with the lowest validation loss.
    size : list of int
        Width and height of its images.
    """

    network: Any
    size: list[int]
    classes: Sequence[str]
    course: Course
    history: list[dict[str, float]] = field(default_factory=list)

    def train(self, training: Sequence[Picture], validation: Sequence[Picture]) -> None:
        """Train until the epochs are over, or the validation loss no longer decreases."""
        import copy

        import torch

        course = self.course
        optimizer = torch.optim.Adam(self.network.parameters(), lr=course.rate)
        steps = len(self._batches(len(training)))
        total = steps * course.epochs
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: self._rate(step, total)
        )
        best, best_loss, waited = None, math.inf, 0
        for epoch in range(1, course.epochs + 1):
            loss = self._epoch(training, optimizer, schedule, epoch, steps)
            known, accuracy = self._validated(validation)
            if not math.isfinite(loss) or not math.isfinite(known):
                raise ModuleError(
                    "training-diverged",
                    "The network can't be trained: it diverged (numeric overflow).",
                    "Set a smaller learning rate.",
                    parameter="learning_rate",
                )
            row = {"Epoch": epoch, "Training loss": loss, "Validation loss": known}
            self.history.append(row | {"Validation accuracy": accuracy})
            report_progress(
                epoch / course.epochs,
                f"Epoch {epoch} of {course.epochs}: validation accuracy {accuracy:.3f}",
            )
            if known < best_loss:
                best, best_loss, waited = copy.deepcopy(self.network.state_dict()), known, 0
                continue
            waited += 1
            if waited >= course.patience:
                break
        self.network.load_state_dict(best)

    def _epoch(
        self, pictures: Sequence[Picture], optimizer: Any, schedule: Any, epoch: int, steps: int
    ) -> float:
        import torch

        self.network.train()
        order = torch.randperm(len(pictures)).tolist()
        total, began = 0.0, time.perf_counter()
        for step, place in enumerate(self._batches(len(pictures)), start=1):
            part = [pictures[order[at]] for at in place]
            images, labels = self._loaded(part, "training_dataset")
            optimizer.zero_grad()
            try:
                loss = torch.nn.functional.cross_entropy(self.network(images), labels)
            except ValueError as error:
                if "more than 1 value per channel" not in str(error):
                    raise
                raise ModuleError(
                    "batch-too-small",
                    "A batch of one image of this size can't be normalized.",
                    "Set a batch size of at least 2.",
                    parameter="batch_size",
                ) from error
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(part)
            done = (epoch - 1 + step / steps) / self.course.epochs
            report_progress(done, f"Epoch {epoch} of {self.course.epochs}")
            if step % self.course.every == 0:
                speed = (place.stop) / (time.perf_counter() - began)
                # The log of the step is what a module prints.
                print(  # noqa: T201
                    f"Epoch {epoch}, batch {step} of {steps}: loss {float(loss.detach()):.4f}, "
                    f"{speed:.1f} images/s",
                    flush=True,
                )
        return total / len(pictures)

    def _validated(self, pictures: Sequence[Picture]) -> tuple[float, float]:
        """Return loss and accuracy."""
        import torch

        self.network.eval()
        total, right = 0.0, 0
        with torch.no_grad():
            for start in range(0, len(pictures), self.course.batch_size):
                part = pictures[start : start + self.course.batch_size]
                images, labels = self._loaded(part, "validation_dataset")
                scores = self.network(images)
                total += float(torch.nn.functional.cross_entropy(scores, labels, reduction="sum"))
                right += int((scores.argmax(dim=1) == labels).sum())
        return total / len(pictures), right / len(pictures)

    def _loaded(self, pictures: Sequence[Picture], port: str) -> tuple[Any, Any]:
        import torch

        images = batch([opened(each, port) for each in pictures], self.size)
        labels = [self.classes.index(str(each.label)) for each in pictures]
        return images, torch.tensor(labels)

    def _batches(self, count: int) -> list[range]:
        """Return the positions of each batch; a last one of a single image joins another."""
        starts = list(range(0, count, self.course.batch_size))
        if len(starts) > 1 and self.course.batch_size > 1 and count - starts[-1] == 1:
            starts.pop()
        return [range(start, end) for start, end in zip(starts, [*starts[1:], count], strict=True)]

    def _rate(self, step: int, total: int) -> float:
        """Return the factor of the learning rate at a step."""
        decay = float(max(1 - step / total, 0.0) ** _POWER)
        return decay * min((step + 1) / self.course.warmup, 1.0) if self.course.warmup else decay


def sizes(pictures: Sequence[Picture]) -> Iterator[tuple[int, int]]:
    """Yield width and height of images, without decoding them."""
    from PIL import Image

    for picture in pictures:
        try:
            with Image.open(picture.path) as file:
                yield file.size
        except OSError:
            opened(picture, "training_dataset")
