"""Which part of a data set an image belongs to. The images of a group (a patient) always stay together."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

LABELS = ("used", "not_used")


def split_patients(groups: Sequence[str], shares: Mapping[str, float], seed: int) -> list[str | None]:
    """Choose the role of every image by its group; None for images that no role claims.

    A role gets whole groups, at least one of them, with about its share of the images: in random order, but large ones
    first, every group goes to the role that lacks most images. The result does not depend on the order of the images.

    Args:
        groups: the group of every image.
        shares: share of the images of every role, together at most 1. A role with share 0 gets nothing.

    Raises:
        ValueError: shares that are no shares, or fewer groups than roles.
    """
    if min(shares.values()) < 0 or not 0 < sum(shares.values()) <= 1 + 1e-9:
        raise ValueError(f"the shares {dict(shares)} must be at least 0, and together above 0 and at most 1")
    counts = Counter(groups)
    roles = [role for role, share in shares.items() if share > 0]
    if len(counts) < len(roles):
        raise ValueError(
            f"{len(counts)} groups (patients) cannot fill {len(roles)} parts ({', '.join(roles)}): "
            f"give images of at least {len(roles)} groups, or set a share to 0"
        )
    random = np.random.default_rng(seed)
    lacking: dict[str | None, float] = {
        role: shares[role] * len(groups) for role in random.permutation(sorted(roles)).tolist()
    }
    lacking[None] = len(groups) - sum(lacking.values())
    order = random.permutation(sorted(counts)).tolist()
    order.sort(key=counts.get, reverse=True)
    role_of: dict[str, str | None] = {}
    for position, group in enumerate(order):
        empty = [role for role in lacking if role and role not in role_of.values()]
        open_roles = empty if len(empty) == len(order) - position else lacking
        role = max(open_roles, key=lacking.__getitem__)
        role_of[group] = role
        lacking[role] -= counts[group]
    return [role_of[group] for group in groups]


def draw_patients(used: int, groups: Sequence[str], seed: int) -> list[str | None]:
    """Choose a number of patients at random whose images are used, and as many, if there are, whose images are not.

    Of one seed, the patients of a smaller number are among those of a larger one. The result does not depend on the
    order of the images.

    Args:
        used: how many patients are used.
        groups: the patient of every image.
        seed: of the choice.

    Raises:
        ValueError: nobody would be left who is not used.
    """
    order = np.random.default_rng(seed).permutation(sorted(set(groups))).tolist()
    if used >= len(order):
        raise ValueError(
            f"{used} patients are to be used, but there are {len(order)}, and some must not be; write fewer"
        )
    role_of = dict.fromkeys(order[:used], "used") | dict.fromkeys(order[used:][-used:], "not_used")
    return [role_of.get(group) for group in groups]


def folds(labels: Sequence[str], groups: Sequence[str | None], names: Sequence[str], seed: int) -> list[str | None]:
    """Choose the fold of every image labelled used or not_used, by name; None for all other images.

    All folds have about as many images of each label. The result does not depend on the order of the images.

    Args:
        labels: of every image.
        groups: the group of every image.
        names: of the folds (`genprint.plan.protocol.split_into`).
        seed: of the choice.

    Raises:
        ValueError: a fold would lack one of the labels.
    """
    rows = sorted((group, label) for group, label in zip(groups, labels, strict=True) if label in LABELS)
    if not rows:
        return [None] * len(labels)
    group_of_row, label_of_row = zip(*rows, strict=True)
    fold_of: dict[str | None, str] = {}
    patients = {label: len({group for group, own in rows if own == label}) for label in LABELS}
    if min(patients.values()) >= len(names):
        fold_seed = int(np.random.SeedSequence(seed).generate_state(1)[0])
        drawn = StratifiedGroupKFold(len(names), shuffle=True, random_state=fold_seed)
        for name, (_, own) in zip(reversed(names), drawn.split(rows, label_of_row, group_of_row), strict=True):
            fold_of |= {rows[index][0]: name for index in own}
    if any(len({fold_of.get(group) for group, own in rows if own == label}) < len(names) for label in LABELS):
        found = [
            f"{label_of_row.count(label)} {label.replace('_', ' ')} images of {patients[label]} patients"
            for label in LABELS
        ]
        raise ValueError(
            f"The labelled images cannot be parted into {' and '.join(names)}: there are {' and '.join(found)}, "
            "and each part needs used and not used images, all of a patient in the same part. Add labelled images of "
            f"other patients{', write `protocol: halves`' * (len(names) > 2)}, or name a data set with enough of them "
            "in `calibrated_by`."
        )
    return [fold_of[group] if label in LABELS else None for group, label in zip(groups, labels, strict=True)]
