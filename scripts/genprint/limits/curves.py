"""Limit of detection: the smallest leak that a method finds, with stated power at a stated rate of false alarms.

A leak is found in a trial if its permutation p is below the rate of false alarms. How often that happens rises with the
strength of the leak, from the rate of false alarms where nothing leaks:

    power(x) = floor + (1 - floor) / (1 + exp(-slope (x - midpoint))),    slope > 0,

a psychometric function with a fixed lower asymptote (Wichmann & Hill, 2001, 10.3758/BF03194544). The limit is where it
reaches the power asked for. Trials come as one frame with the column ladder and those of
`genprint.limits.ladders.trials`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit, log_expit, logit

from genprint import columns
from genprint.columns import COUNT, NUMBER, TEXT, bounds, column, schema
from genprint.inference.intervals import wilson
from genprint.scoring.metrics import COUNT_COLUMNS, METRIC_COLUMNS

METHOD = ("variant", "encoder", "similarity", "rule")
SEARCH = ("original", "pixels", "search")
"""What the search for copies is called where the others have a variant, an encoder and a similarity."""
COPIES = "copies"
"""The score rule of the search that asks whether any image is withheld."""
SIZES = ("n_used", "n_not_used", "groups_used", "groups_not_used")

POWER = schema(
    "how often each method finds each leak",
    *(columns.LADDER, *columns.RUN, columns.RULE, columns.LEVEL),
    column("trials", COUNT, "how many splits were tried"),
    column("found", COUNT, "how many of them have a p below the rate of false alarms"),
    *(column("power", NUMBER, "found / trials"), *bounds("power"), METRIC_COLUMNS["auc"]),
    *(
        size.with_type(NUMBER)  # means over the splits
        for size in (COUNT_COLUMNS["n_used"], COUNT_COLUMNS["n_not_used"], columns.GROUPS_USED, columns.GROUPS_NOT_USED)
    ),
)
LIMITS = schema(
    "the smallest leak that each method finds with the power asked for",
    *(columns.LADDER, *columns.RUN, columns.RULE),
    column("splits", COUNT, "how many splits the limit comes from"),
    column("limit", NUMBER, "level of the faintest leak found; null where the ladder does not bracket it"),
    *bounds("limit"),
    column("reason", TEXT, "why there is no limit; null where there is one"),
    column(
        "midpoint",
        NUMBER,
        "where the fitted curve is half-way up, in units of the strength (the level or its logarithm)",
    ),
    column("slope", NUMBER, "of the fitted logistic curve, per unit of the strength"),
)
NOT_FOUND = "not found at the strongest leak tried"
ALWAYS_FOUND = "found at the faintest leak tried"
TOO_FEW = "too few patients: even the truth has no p below the rate of false alarms often enough"
NO_SCORE = "the rule scores no image here"

_RISE = 2 * logit(0.95)  # slope x distance over which a logistic curve goes from 5 % to 95 %
_GRID = 61, 16  # midpoints and slopes that the fit starts from


@dataclass(frozen=True)
class Axis:
    """The levels of a ladder, the faintest leak first, and how its strength is measured: "log" or "linear"."""

    levels: Sequence[float]
    scale: str

    def strength(self, level: float | np.ndarray) -> np.ndarray:
        """Return the strength of the leak: the level or its logarithm, negated where a larger level leaks less."""
        return self._sign * (np.log(level) if self.scale == "log" else np.asarray(level, np.float64))

    def level(self, strength: float | np.ndarray) -> np.ndarray:
        """Return the level that has this strength."""
        signed = self._sign * np.asarray(strength)
        return np.exp(signed) if self.scale == "log" else signed

    @property
    def _sign(self) -> int:
        return 1 if self.levels[-1] > self.levels[0] else -1


class Curves(NamedTuple):
    """Fitted power curves, float64 (P,) each; both parameters in units of the strength."""

    midpoint: np.ndarray
    slope: np.ndarray

    def power(self, strength: np.ndarray, floor: float) -> np.ndarray:
        """Return the power at strengths (n,) of every curve (P, n)."""
        return floor + (1 - floor) * expit(self.slope[:, None] * (strength - self.midpoint[:, None]))

    def reaches(self, power: float, floor: float) -> np.ndarray:
        """Return the strength at which each curve has this power (P,)."""
        return self.midpoint + logit((power - floor) / (1 - floor)) / self.slope


class Limit(NamedTuple):
    """A limit of detection with its interval, in levels; NaN with a reason where the ladder does not bracket it."""

    limit: float
    limit_low: float
    limit_high: float
    reason: str | None
    midpoint: float
    """The midpoint of the fitted curve, in units of the strength, like the slope."""
    slope: float


def power_table(trials: pd.DataFrame, *, false_alarms: float = 0.05) -> pd.DataFrame:
    """Return the share of trials that find the leak, at every level of every ladder, with Wilson's interval.

    Columns ladder, `METHOD`, level, trials, found, power, power_low, power_high, and the means of auc and `SIZES`.
    Trials without a p are left out; what has no other ones has no row.
    """
    judged = trials[trials["p"].notna()]
    judged = judged.assign(found=judged["p"] < false_alarms)
    grouped = judged.groupby(["ladder", *METHOD, "level"], sort=False, dropna=False)
    counts = grouped.agg(trials=("found", "size"), found=("found", "sum"))
    rate = counts["found"] / counts["trials"]
    low, high = wilson(rate, counts["trials"])
    rows = counts.assign(power=rate, power_low=low, power_high=high)
    return rows.join(grouped[["auc", *SIZES]].mean()).reset_index()


def limits_table(
    trials: pd.DataFrame,
    axes: Mapping[str, Axis],
    *,
    wanted: float = 0.95,
    false_alarms: float = 0.05,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the limit of detection of every method on every ladder: ladder, `METHOD`, splits, fields of `Limit`."""
    rows = []
    leaks = trials[trials["level"].notna()]
    for (ladder, *method), own in leaks.groupby(["ladder", *METHOD], sort=False):
        axis = axes[ladder]
        p = own.pivot_table(index="split", columns="level", values="p", dropna=False)[list(axis.levels)].dropna()
        found = p.to_numpy() < false_alarms
        limit = limit_of_detection(
            found, axis, wanted=wanted, false_alarms=false_alarms, resamples=resamples, seed=seed
        )
        provable = (own.groupby("split")["p_perfect"].first() < false_alarms).mean()
        if limit.reason == NOT_FOUND and provable < wanted:
            limit = limit._replace(reason=TOO_FEW)
        rows.append((ladder, *method, len(found), *limit))
    return pd.DataFrame(rows, columns=["ladder", *METHOD, "splits", *Limit._fields])


def limit_of_detection(
    found: np.ndarray,
    axis: Axis,
    *,
    wanted: float = 0.95,
    false_alarms: float = 0.05,
    resamples: int = 1000,
    seed: int = 0,
) -> Limit:
    """Return the level at which the fitted curve reaches a power, and its 95 % interval.

    The interval is the percentile bootstrap over splits: the levels of a split share its patients, so they are drawn
    together. It is never narrower than the step of the ladder that the limit is in: trials at the two ends of a step
    cannot tell where in between the power rises, and where all trials of a level agree the bootstrap sees no doubt at
    all. In simulated ladders of 20 trials a level the bootstrap alone covers the true limit 70 to 93 times out of 100,
    with the step 93 times or more in ten of twelve; in the other two (72 and 85 times) the true curve was steeper than
    the fit allows, and the limit exactly on a level. A bound beyond the ladder is NaN.

    Args:
        found: Whether the leak was found, bool (splits, levels).
        axis: The levels.
        wanted: The power to reach, above ``false_alarms``.
        false_alarms: The lower asymptote of the curve.
        resamples: Number of bootstrap samples.
        seed: Seed of the bootstrap.
    """
    if not len(found):
        return Limit(np.nan, np.nan, np.nan, NO_SCORE, np.nan, np.nan)
    drawn = np.random.default_rng(seed).integers(len(found), size=(resamples, len(found)))
    strengths = axis.strength(np.asarray(axis.levels, np.float64))
    curve, resampled = (
        fit_curves(strengths, counts, len(found), floor=false_alarms)
        for counts in (found.sum(axis=0)[None], found[drawn].sum(axis=1))
    )
    slack = 1e-6 * (strengths[-1] - strengths[0])
    reached = np.concatenate([fitted.reaches(wanted, false_alarms) for fitted in (curve, resampled)])
    reached[reached < strengths[0] - slack] = -np.inf
    reached[reached > strengths[-1] + slack] = np.inf
    estimate, reason = reached[0], {-np.inf: ALWAYS_FOUND, np.inf: NOT_FOUND}.get(reached[0])
    faint, strong = np.quantile(reached[1:], [0.025, 0.975], method="inverted_cdf")
    if reason is None:
        step = np.clip(np.searchsorted(strengths, estimate), 1, len(strengths) - 1)
        faint, strong = min(faint, strengths[step - 1]), max(strong, strengths[step])
    # Six digits are more than trials can tell, and hide what the way to the logarithm and back rounds.
    levels = [float(f"{axis.level(it):.6g}") if np.isfinite(it) else np.nan for it in (estimate, faint, strong)]
    low, high = levels[1:] if axis.levels[-1] > axis.levels[0] else levels[:0:-1]
    return Limit(levels[0], low, high, reason, *map(float, np.concatenate(curve)))


def fit_curves(strengths: np.ndarray, found: np.ndarray, trials: int, *, floor: float) -> Curves:
    """Fit power curves of P experiments by maximum likelihood, all together: their likelihoods share no parameter.

    The rise from 5 % to 95 % of a curve takes at least the narrowest step of the ladder, as steeper curves cannot be
    told apart, and at most six ladders; the midpoint is at most one ladder off its ends.

    Args:
        strengths: Ascending (L,).
        found: Trials of each experiment that found the leak at each strength (P, L).
        trials: Trials of an experiment at each strength.
        floor: Lower asymptote, above 0 and below 1.
    """
    from scipy.optimize import Bounds, minimize  # 0.4 s that the tables, which need the reasons above, do without

    span = strengths[-1] - strengths[0]
    x = (strengths - strengths[0]) / span
    bounds = (-1.0, 2.0), (0.0, float(np.log(_RISE / np.diff(x).min())))
    grid = np.stack(np.meshgrid(*map(np.linspace, *zip(*bounds, strict=True), _GRID)), axis=-1).reshape(-1, 2)

    def probabilities(midpoint: np.ndarray, log_slope: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the argument of the curve, its logistic, and the log-probabilities of finding and missing the leak."""
        argument = np.exp(log_slope) * (x - midpoint)
        rise = expit(argument)
        return argument, rise, np.log(floor + (1 - floor) * rise), np.log1p(-floor) + log_expit(-argument)

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        midpoint, log_slope = parameters.reshape(2, -1, 1)
        argument, rise, hit, miss = probabilities(midpoint, log_slope)
        change = rise * (found * (1 - floor) * (1 - rise) / np.exp(hit) - missed)
        gradient = [-change * np.exp(log_slope), change * argument]
        return -np.sum(found * hit + missed * miss), -np.concatenate([part.sum(axis=1) for part in gradient])

    missed = trials - found
    *_, hit, miss = probabilities(*grid.T[:, :, None])
    start = grid[np.argmax(found @ hit.T + missed @ miss.T, axis=1)]
    best = minimize(
        loss,
        start.T.ravel(),
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(*np.repeat(bounds, len(found), axis=0).T),
        options={"ftol": 0, "gtol": 1e-3},
    )
    midpoint, log_slope = best.x.reshape(2, -1)
    return Curves(strengths[0] + span * midpoint, np.exp(log_slope) / span)
