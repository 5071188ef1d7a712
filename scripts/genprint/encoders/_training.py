"""What all trained encoders share: their input, the three objectives, the loop, and encoding in batches."""

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import update_bn

from genprint.encoders._torch import descend
from genprint.runtime.progress import steps

TRAINING = {
    "objective": {
        "type": "string",
        "enum": ["triplet", "classifier", "autoencoder"],
        "default": "triplet",
        "description": "What training optimises: triplet (generated near used, far from not used), classifier "
        "(used against not used) or autoencoder (reconstruction).",
    },
    "epochs": {
        "type": "integer",
        "minimum": 0,
        "maximum": 100_000,
        "default": 10,
        "description": "Passes over the training images; 0 leaves the network as it starts.",
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
RECONSTRUCTION = 32  # side in pixels of what the autoencoder reconstructs


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


class Triplet(nn.Module):
    """max(0, |a - p| - |a - n| + margin): anchor generated, positive used, negative not used.

    An epoch sees every generated image once as anchor, with a positive and a negative drawn at random.
    """

    def __init__(self, images: torch.Tensor, labels: np.ndarray, margin: float):
        super().__init__()
        self.anchors, self.positives, self.negatives = (
            images[torch.from_numpy(labels == label)] for label in ("generated", "used", "not_used")
        )
        self.criterion = nn.TripletMarginLoss(margin)

    def __len__(self) -> int:
        return len(self.anchors)

    def forward(self, network: nn.Module, batch: torch.Tensor) -> torch.Tensor:
        positives = torch.randint(len(self.positives), batch.shape)
        negatives = torch.randint(len(self.negatives), batch.shape)
        shown = [self.anchors[batch], self.positives[positives], self.negatives[negatives]]
        return self.criterion(*network(torch.cat(shown)).chunk(3))


class Classifier(nn.Module):
    """Cross-entropy of used against not used through one linear layer; generated images are not shown."""

    def __init__(self, images: torch.Tensor, labels: np.ndarray, dimension: int):
        super().__init__()
        real = torch.from_numpy(labels != "generated")
        self.images = images[real]
        self.used = torch.from_numpy(labels == "used")[real].float().to(images.device)
        self.head = nn.Linear(dimension, 1)

    def __len__(self) -> int:
        return len(self.images)

    def forward(self, network: nn.Module, batch: torch.Tensor) -> torch.Tensor:
        logits = self.head(network(self.images[batch])).squeeze(1)
        return functional.binary_cross_entropy_with_logits(logits, self.used[batch])


class Autoencoder(nn.Module):
    """Mean squared error of all images, reduced to 32 x 32 and 0..1, decoded from their features."""

    def __init__(self, images: torch.Tensor, dimension: int):
        super().__init__()
        self.images = images
        self.decoder = nn.Sequential(
            nn.Linear(dimension, 64 * (RECONSTRUCTION // 4) ** 2),
            nn.Unflatten(1, (64, RECONSTRUCTION // 4, RECONSTRUCTION // 4)),
            nn.ReLU(),
            nn.ConvTranspose2d(64, 32, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 1, kernel_size=4, stride=2, padding=1),
            nn.Sigmoid(),
        )

    def __len__(self) -> int:
        return len(self.images)

    def forward(self, network: nn.Module, batch: torch.Tensor) -> torch.Tensor:
        shown = self.images[batch]
        wanted = functional.adaptive_avg_pool2d(shown.unsqueeze(1) / 255, RECONSTRUCTION)
        return functional.mse_loss(self.decoder(network(shown)), wanted)


def fit(
    network: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    objective: str,
    epochs: int,
    batch: int,
    learning_rate: float,
    margin: float,
    device: torch.device,
) -> None:
    """Train ``network``, which maps uint8 (B, H, W) to float32 (B, D), in place with Adam; print the loss per epoch.

    Batch normalisation learns its statistics anew from all images at the end: the running ones of a short training
    still remember the initial weights. With no epochs nothing changes.

    Raises:
        ValueError: an objective without the images it needs, or a loss that is not finite.
    """
    if epochs == 0:
        return
    needed = {"triplet": ("generated", "used", "not_used"), "classifier": ("used", "not_used")}
    if missing := [label for label in needed.get(objective, ()) if label not in labels]:
        raise ValueError(f"objective {objective} has no {' and no '.join(missing)} images; add some")
    pixels = torch.from_numpy(np.array(images)).to(device)
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # twice as fast on a CPU
    with torch.inference_mode():
        dimension = network.eval()(pixels[:1]).shape[1]
    goal: Triplet | Classifier | Autoencoder
    match objective:
        case "triplet":
            goal = Triplet(pixels, labels, margin)
        case "classifier":
            goal = Classifier(pixels, labels, dimension)
        case "autoencoder":
            goal = Autoencoder(pixels, dimension)
        case _:
            raise ValueError(f"no objective {objective!r}; choose triplet, classifier or autoencoder")
    goal.to(device)
    optimiser = torch.optim.Adam([*network.parameters(), *goal.parameters()], learning_rate, foreach=False)
    network.train()
    with steps(epochs * len(goal), "images") as advance:
        for epoch in range(1, epochs + 1):
            losses = []
            # Batches of nearly equal size: a lone last image would leave batch normalisation nothing to normalise by.
            for part in torch.randperm(len(goal)).tensor_split(max(1, len(goal) // batch)):
                losses.append(descend(optimiser, goal(network, part)))
                advance(len(part))
            mean = np.mean(losses)
            print(f"epoch {epoch}/{epochs}  {objective} loss {mean:.4f}", flush=True)
            if not np.isfinite(mean):
                raise ValueError(f"{objective} training diverged in epoch {epoch}; lower its learning rate")
    with torch.no_grad():
        update_bn(pixels.tensor_split(max(1, len(pixels) // batch)), network)


def features(network: nn.Module, images: np.ndarray, device: torch.device) -> np.ndarray:
    """Return the output of ``network`` in evaluation mode for uint8 (N, H, W), float32 (N, D)."""
    network.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    result = []
    with torch.inference_mode(), steps(len(images), "images") as advance:
        for start in range(0, len(images), BATCH):
            block = np.zeros((BATCH, *images.shape[1:]), np.uint8)
            filled = len(images[start : start + BATCH])
            block[:filled] = images[start : start + BATCH]
            result.append(network(torch.from_numpy(block).to(device))[:filled].cpu().numpy())
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
