"""What all trained encoders share: their input, the objectives, the loop, and encoding in batches."""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import update_bn

from genprint.encoders import LABELS
from genprint.encoders._objectives import OBJECTIVES, Part
from genprint.encoders._torch import descend
from genprint.runtime import progress
from genprint.runtime.progress import counted

TRAINING = {
    "objective": {
        "type": "string",
        "enum": ["triplet", "classifier", "autoencoder", "contrastive", "patient"],
        "default": "triplet",
        "description": "What training optimises: triplet (generated near used, far from not used), classifier (used "
        "against not used), autoencoder (reconstruction), contrastive (two distorted views of a real image near each "
        "other, far from others) or patient (two images of a patient near each other, far from those of others).",
    },
    "steps": {
        "type": "integer",
        "minimum": 0,
        "maximum": 1_000_000,
        "default": 200,
        "description": "Steps of training at most, of `batch` each; it ends before, when the loss of the patients held "
        "out no longer falls. 0 leaves the network as it starts.",
    },
    "batch": {
        "type": "integer",
        "minimum": 2,
        "maximum": 65_536,
        "default": 32,
        "description": "Smallest number of images, or of triplets, in a training step.",
    },
    "learning_rate": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 10,
        "default": 0.001,
        "description": "Step size of Adam.",
    },
    "margin": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1_000_000,
        "default": 1.0,
        "description": "Margin of the triplet loss.",
    },
    "resize": {
        "type": ["integer", "null"],
        "minimum": 16,
        "maximum": 4_096,
        "default": None,
        "description": "Pixels of the longer side inside the network; larger images are reduced by averaging. null "
        "leaves images as they are.",
    },
    "precision": {
        "type": "string",
        "enum": ["float32", "bf16"],
        "default": "float32",
        "description": "Arithmetic of the network: bf16 is faster on processors and GPUs that have it, and less exact.",
    },
    "threads": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1_024,
        "default": 1,
        "description": "Threads of training and encoding; another number gives slightly other weights.",
    },
}
"""Options of every trained encoder, which has them as its own or with other defaults."""
BATCH = 32  # images encoded at a time; the last batch is filled up, so that every image sees the same kernels
CHECK_EVERY = 10  # steps
PATIENCE = 3  # checks in a row whose loss is not lower than the lowest before
HELD_OUT = 5  # one in so many patients, and generated images, is not trained on but says when to stop
STATISTICS = 1024  # images that batch normalisation learns its statistics from, at most


class Grey(nn.Module):
    """Grey levels uint8 (B, H, W) to float32 (B, C, H, W): scaled to 0..1, then standardised for each channel."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, mean: Iterable[float], std: Iterable[float]):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(-1, 1, 1), persistent=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return (images.unsqueeze(1) / 255 - self.mean) / self.std


def fit(
    network: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    objective: str,
    steps: int,
    batch: int,
    learning_rate: float,
    margin: float,
    precision: str,
    device: torch.device,
) -> None:
    """Train ``network``, which maps uint8 (B, H, W) to float32 (B, D), in place with Adam.

    A step sees ``batch`` triplets or images; all are seen once before any is seen again. A fifth of the patients and of
    the generated images is held out. Every ten steps their loss is computed, always of the same triplets; training ends
    when three of these losses in a row are not lower than the lowest before, or after ``steps``, and the weights of the
    lowest loss are those that stay. With too few patients to hold any out it ends after ``steps``. The losses and the
    reason for the end are printed.

    Batch normalisation learns its statistics anew at the end: the running ones of a short training still remember the
    initial weights. With no steps nothing changes.

    Raises:
        ValueError: an objective without the images it needs, or a loss that is not finite.
    """
    if steps == 0:
        return
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # twice as fast on a CPU
    pixels = torch.from_numpy(np.require(images, requirements="W")).to(device)
    with torch.inference_mode():
        dimension = network.eval()(pixels[:1]).shape[1]
    if objective not in OBJECTIVES:
        raise ValueError(f"no objective {objective!r}; choose {', '.join(OBJECTIVES)}")
    goal = OBJECTIVES[objective](dimension=dimension, margin=margin)
    if missing := [label for label in goal.NEEDS if label not in labels]:
        raise ValueError(f"objective {objective} has no {' and no '.join(missing)} images; add some")
    goal.to(device)
    rest = held_out(labels, groups, goal.NEEDS, goal.ANCHORS)
    training, checking = (Part.of(pixels, labels, groups, chosen) for chosen in (~rest, rest))
    optimiser = torch.optim.Adam([*network.parameters(), *goal.parameters()], learning_rate, foreach=False)
    arithmetic = torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")
    network.train()
    losses, best, lowest = [], None, Lowest()
    for step, chosen in enumerate(counted(_batches(training.any_of(*goal.ANCHORS), batch, steps), "steps", steps), 1):
        with arithmetic:
            loss = goal(network, training, chosen)
        losses.append(descend(optimiser, loss))
        if step % CHECK_EVERY and step < steps:
            continue
        if not np.isfinite(losses).all():
            raise ValueError(f"{objective} training diverged by step {step}; lower its learning rate")
        print(f"step {step}/{steps}  {objective} loss {np.mean(losses):.4f}", end="", flush=True)
        losses = []
        if not rest.any():
            print(flush=True)
            continue
        with torch.no_grad(), arithmetic, torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)  # always the same triplets
            drawn = _batches(checking.any_of(*goal.ANCHORS), batch, 2)
            loss = np.mean([goal(network, checking, one).item() for one in drawn])
        print(f"  held out {loss:.4f}", flush=True)
        if lowest.is_reached(step, float(loss)):
            best = deepcopy(network.state_dict())
        elif lowest.is_past(step):
            break
    print(lowest.reason(step, steps), flush=True)
    if best is not None:
        network.load_state_dict(best)
    with torch.no_grad():
        some = pixels[torch.randperm(len(pixels))[:STATISTICS]]
        update_bn(some.tensor_split(max(1, len(some) // batch)), network)


class Lowest:
    """The lowest loss of the held out so far, and whether it has fallen lately."""

    def __init__(self) -> None:
        self.step, self.loss = 0, float("inf")

    def is_reached(self, step: int, loss: float) -> bool:
        """Note a loss; return whether it is the lowest."""
        if loss >= self.loss:
            return False
        self.step, self.loss = step, loss
        return True

    def is_past(self, step: int) -> bool:
        """Return whether the lowest loss lies so far back that training has reached its end."""
        return step - self.step >= PATIENCE * CHECK_EVERY

    def reason(self, step: int, steps: int) -> str:
        """Say in a line why training ended at a step."""
        if not self.step:
            return f"ended at the budget of {steps} steps: too few patients to hold any out"
        stays = f"the weights of step {self.step} stay"
        if self.is_past(step):
            return f"ended after {step} of {steps} steps: the loss of the held out no longer falls; {stays}"
        return f"ended at the budget of {steps} steps; {stays}"


def held_out(labels: np.ndarray, groups: np.ndarray, needs: Iterable[str], anchors: Iterable[str]) -> np.ndarray:
    """Choose at random the images (N,) that say when to stop: those of a fifth of the groups of every label.

    None are chosen where a side would have no image of a label that is needed, or none that batches are made of.
    """
    chosen = np.zeros(len(labels), bool)
    for label in LABELS:
        own = np.unique(groups[labels == label])
        drawn = own[torch.randperm(len(own)).numpy()[: len(own) // HELD_OUT]]
        chosen |= np.isin(groups, drawn)
    sides = [set(labels[side]) for side in (chosen, ~chosen)]
    enough = all(set(needs) <= side and side & set(anchors) for side in sides)
    return chosen if enough else np.zeros(len(labels), bool)


def _batches(anchors: torch.Tensor, batch: int, number: int) -> Iterator[torch.Tensor]:
    """Yield batches of nearly equal size, so that no lone image leaves batch normalisation nothing to normalise by."""
    while True:
        for chosen in anchors[torch.randperm(len(anchors))].tensor_split(max(1, len(anchors) // batch)):
            if number == 0:
                return
            number -= 1
            yield chosen


def features(network: nn.Module, images: np.ndarray, device: torch.device, precision: str) -> np.ndarray:
    """Return the output of ``network`` in evaluation mode for uint8 (N, H, W), float32 (N, D)."""
    network.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    result = []
    arithmetic = torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")
    with torch.inference_mode(), arithmetic, progress.steps(len(images), "images") as advance:
        for start in range(0, len(images), BATCH):
            block = np.zeros((BATCH, *images.shape[1:]), np.uint8)
            filled = len(images[start : start + BATCH])
            block[:filled] = images[start : start + BATCH]
            result.append(network(torch.from_numpy(block).to(device))[:filled].float().cpu().numpy())
            advance(filled)
    return np.concatenate(result)


def arrays(module: nn.Module) -> dict[str, np.ndarray]:
    """Return the weights of a module as arrays by name."""
    return {name: tensor.cpu().contiguous().numpy() for name, tensor in module.state_dict().items()}


def load(module: nn.Module, weights: Mapping[str, np.ndarray], source: str) -> None:
    """Put weights into a module; ``source`` says in an error where they come from.

    Raises:
        ValueError: with every missing, unexpected or misshapen weight.
    """
    try:
        module.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in weights.items()})
    except RuntimeError as error:
        raise ValueError(f"{source} does not fit this encoder; pass weights of its own. {error}") from error
