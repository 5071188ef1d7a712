"""What encoders are trained for: each objective is the loss of a batch of images, drawn from a part of the data."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from genprint.encoders import LABELS

RECONSTRUCTION = 32  # side in pixels of what the autoencoder reconstructs
TEMPERATURE = 0.1
PROJECTED = 64  # dimension in which views are compared
# Distortions of a view: up to so many radians, so much larger or smaller, so much of the side, of the contrast, of 255.
ROTATION, SCALE, SHIFT, CONTRAST, BRIGHTNESS, NOISE = 0.2, 0.15, 0.1, 0.3, 30.0, 12.0


class Part(NamedTuple):
    """Images uint8 (N, H, W), the positions of its own with each label, and a number for each group."""

    images: torch.Tensor
    positions: Mapping[str, torch.Tensor]
    groups: torch.Tensor

    @classmethod
    def of(cls, images: torch.Tensor, labels: np.ndarray, groups: np.ndarray, chosen: np.ndarray) -> "Part":
        """Return the part that consists of the chosen images (N,), without a copy of any."""
        positions = {label: torch.from_numpy(np.flatnonzero(chosen & (labels == label))) for label in LABELS}
        _, numbers = np.unique(groups, return_inverse=True)
        return cls(images, positions, torch.from_numpy(numbers))

    def any_of(self, *labels: str) -> torch.Tensor:
        """Return the positions of all images with these labels."""
        return torch.cat([self.positions[label] for label in labels])


class Objective(nn.Module):
    """A loss, made from the ``dimension`` of features and the ``margin``; what it adds to a network is trained too."""

    ANCHORS: tuple[str, ...] = LABELS
    """Labels of the images that batches are made of."""
    NEEDS: tuple[str, ...] = ()
    """Labels of which there must be images."""

    def forward(self, network: nn.Module, part: Part, batch: torch.Tensor) -> torch.Tensor:
        """Return the loss of the images at some positions of a part."""
        raise NotImplementedError


class Triplet(Objective):
    """max(0, |a - p| - |a - n| + margin): anchor generated, positive used, negative not used, both drawn at random."""

    ANCHORS = ("generated",)
    NEEDS = LABELS

    def __init__(self, *, margin: float, **others: object):
        super().__init__()
        self.criterion = nn.TripletMarginLoss(margin)

    def forward(self, network: nn.Module, part: Part, batch: torch.Tensor) -> torch.Tensor:
        used, not_used = (
            part.positions[label][torch.randint(len(part.positions[label]), batch.shape)]
            for label in ("used", "not_used")
        )
        return self.criterion(*network(part.images[torch.cat([batch, used, not_used])]).chunk(3))


class Classifier(Objective):
    """Cross-entropy of used against not used through one linear layer; generated images are left out."""

    ANCHORS = NEEDS = ("used", "not_used")

    def __init__(self, *, dimension: int, **others: object):
        super().__init__()
        self.head = nn.Linear(dimension, 1)

    def forward(self, network: nn.Module, part: Part, batch: torch.Tensor) -> torch.Tensor:
        used = torch.isin(batch, part.positions["used"]).float().to(part.images.device)
        logits = self.head(network(part.images[batch])).squeeze(1)
        return functional.binary_cross_entropy_with_logits(logits, used)


class Autoencoder(Objective):
    """Mean squared error of all images, reduced to 32 x 32 and 0..1, decoded from their features."""

    def __init__(self, *, dimension: int, **others: object):
        super().__init__()
        self.decoder = nn.Sequential(
            nn.Linear(dimension, 64 * (RECONSTRUCTION // 4) ** 2),
            nn.Unflatten(1, (64, RECONSTRUCTION // 4, RECONSTRUCTION // 4)),
            nn.ReLU(),
            nn.ConvTranspose2d(64, 32, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 1, kernel_size=4, stride=2, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, network: nn.Module, part: Part, batch: torch.Tensor) -> torch.Tensor:
        images = part.images[batch]
        target = functional.adaptive_avg_pool2d(images.unsqueeze(1) / 255, RECONSTRUCTION)
        return functional.mse_loss(self.decoder(network(images)), target)


class Contrastive(Objective):
    """NT-Xent of two distorted views of every real image: near each other, far from the views of the others.

    Chen et al., ICML 2020, arXiv 2002.05709; Dar et al. 2025, doi 10.1038/s41551-025-01468-8, train such an encoder to
    find copies. Neither labels nor patients are used. The projection is left out of what encodes.
    """

    ANCHORS = ("used", "not_used")

    def __init__(self, *, dimension: int, **others: object):
        super().__init__()
        self.projection = nn.Sequential(nn.Linear(dimension, 128), nn.ReLU(), nn.Linear(128, PROJECTED))

    def forward(self, network: nn.Module, part: Part, batch: torch.Tensor) -> torch.Tensor:
        images = part.images[batch]
        views = torch.cat([distorted(images), distorted(images)])
        return nt_xent(self.projection(network(views)), torch.arange(len(batch)).repeat(2))


class Patient(Objective):
    """NT-Xent of two images of the same patient, both distorted: near each other, far from those of other patients.

    Packhaeuser et al. 2022, doi 10.1038/s41598-022-19045-3, train such an encoder to tell whether two radiographs are
    of one patient. Of a patient with one image both views are of it. Images of one patient are never told apart.
    """

    ANCHORS = ("used", "not_used")

    def __init__(self, **others: object):
        super().__init__()

    def forward(self, network: nn.Module, part: Part, batch: torch.Tensor) -> torch.Tensor:
        real = part.any_of(*self.ANCHORS)
        same = part.groups[real][None] == part.groups[batch][:, None]
        others = same & (real[None] != batch[:, None])
        alone = ~others.any(dim=1, keepdim=True)
        partners = real[torch.multinomial(torch.where(alone, same, others).float(), 1).squeeze(1)]
        views = torch.cat([distorted(part.images[batch]), distorted(part.images[partners])])
        return nt_xent(network(views), part.groups[batch].repeat(2))


OBJECTIVES: dict[str, Callable[..., Objective]] = {
    "triplet": Triplet,
    "classifier": Classifier,
    "autoencoder": Autoencoder,
    "contrastive": Contrastive,
    "patient": Patient,
}


def nt_xent(features: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
    """Return the mean of -log(exp(s_ij / t) / (exp(s_ij / t) + sum over k of another group of exp(s_ik / t))).

    Rows i and j = i + B (mod 2B) of ``features`` (2B, D) are two views of one thing, s is the cosine similarity, and
    t the temperature 0.1. ``groups`` (2B,) says which rows are not to be told apart.
    """
    unit = functional.normalize(features.float())
    similarity = unit @ unit.T / TEMPERATURE
    other = torch.arange(len(unit)).roll(len(unit) // 2).to(unit.device)
    groups = groups.to(unit.device)
    left_out = groups[:, None] == groups[None]
    left_out.scatter_(1, other[:, None], value=False)
    return functional.cross_entropy(similarity.masked_fill(left_out, -torch.inf), other)


def distorted(images: torch.Tensor) -> torch.Tensor:
    """Return images (B, H, W) turned, scaled, shifted, with other contrast and noise, by chance; float32, 0..255."""
    count = len(images)

    def uniform(most: float) -> torch.Tensor:
        return ((2 * torch.rand(count) - 1) * most).to(images.device)

    angle, scale = uniform(ROTATION), 1 + uniform(SCALE)
    rows = [
        torch.stack([scale * angle.cos(), -scale * angle.sin(), 2 * uniform(SHIFT)], dim=1),
        torch.stack([scale * angle.sin(), scale * angle.cos(), 2 * uniform(SHIFT)], dim=1),
    ]
    grid = functional.affine_grid(torch.stack(rows, dim=1), [count, 1, *images.shape[1:]], align_corners=False)
    moved = functional.grid_sample(images.float().unsqueeze(1), grid, align_corners=False).squeeze(1)
    contrast, brightness = 1 + uniform(CONTRAST), uniform(BRIGHTNESS)
    noise = (torch.randn(moved.shape) * NOISE).to(images.device)
    return (moved * contrast[:, None, None] + brightness[:, None, None] + noise).clamp(0, 255)
