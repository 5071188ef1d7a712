"""Axial chest CT slices of patients who do not exist, made the way a scanner makes them.

Random anatomy is drawn in Hounsfield units, turned into an attenuation map, projected, counted with
Poisson noise, reconstructed by filtered back-projection and windowed. Lengths are millimetres. The
axes of a patient: x to the left side (right in the image), y to the back (down in the image), z from
the top of the lungs to the feet.
"""

import math
from typing import Any

import cv2
import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from skimage.transform import iradon, radon

from genprint.images.dicom import Window, windowed
from genprint.plan.sources import defaults
from genprint.runtime.progress import counted

PARAMETERS = {
    "patients": {
        "type": "integer",
        "minimum": 1,
        "maximum": 100_000,
        "default": 60,
        "description": "Number of patients. The images of one do not depend on how many there are.",
    },
    "slices": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1_000,
        "default": 6,
        "description": "Adjacent slices of each patient.",
    },
    "spacing": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1_000,
        "default": 8.0,
        "description": "Distance between adjacent slices in mm.",
    },
    "size": {
        "type": "integer",
        "minimum": 32,
        "maximum": 4_096,
        "default": 64,
        "description": "Width and height of the images in pixels.",
    },
    "angles": {
        "type": "integer",
        "minimum": 8,
        "maximum": 10_000,
        "default": 60,
        "description": "Projections of a half turn; with fewer than about `size` there are streaks.",
    },
    "photons": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 1_000_000_000_000,
        "default": 1e6,
        "description": "Mean count of a ray that meets nothing; fewer photons are more noise.",
    },
}

# Hounsfield units.
NOTHING, AIR, AIRWAY, FAT, MEDIASTINUM = -3000, -1000, -970, -95, -55
MUSCLE, LIVER, CARTILAGE, MARROW, CORTEX = 55, 100, 140, 230, 700
WATER = 0.0193  # attenuation of water at 70 keV in 1/mm

HALF_SLICE = 2.0  # half of the thickness of a slice
LONGEST_STACK = 170  # fits the shortest chest
GRAIN_SPACING = 12  # along z
SUBPIXEL = 4  # binary digits of a pixel coordinate behind the point

ANGLE = np.linspace(0, 2 * math.pi, 240, endpoint=False)  # 0 = sternum, pi/2 = left, pi = spine
OUTWARD = np.column_stack([np.sin(ANGLE), -np.cos(ANGLE)])
FROM_SPINE = np.abs(ANGLE - math.pi)
SIDES = OUTWARD[:, 0] > 0, OUTWARD[:, 0] < 0

# Radius and course: x in mm, y as a share of the depth of the chest, z of the height of the lungs.
GREAT_VESSELS = {
    "ascending aorta": (14, [(-6, -0.30, 0.62), (-10, -0.33, 0.45), (-4, -0.25, 0.36)]),
    "aortic arch": (13, [(-4, -0.25, 0.36), (8, 0.05, 0.33), (20, 0.36, 0.36), (22, 0.46, 0.41)]),
    "descending aorta": (12, [(22, 0.46, 0.41), (20, 0.46, 0.70), (6, 0.42, 1.10)]),
    "brachiocephalic artery": (7, [(-14, -0.28, 0.00), (-8, -0.20, 0.34)]),
    "left carotid artery": (5, [(10, -0.20, 0.00), (2, -0.10, 0.34)]),
    "left subclavian artery": (6, [(20, 0.05, 0.00), (12, 0.05, 0.34)]),
    "left brachiocephalic vein": (8, [(24, -0.42, 0.05), (-22, -0.35, 0.26)]),
    "superior vena cava": (9, [(-27, -0.25, 0.20), (-28, -0.20, 0.65)]),
    "inferior vena cava": (12, [(-22, 0.05, 0.75), (-20, 0.00, 1.10)]),
    "pulmonary trunk": (13, [(14, -0.40, 0.60), (16, -0.25, 0.47), (36, 0.05, 0.46)]),
    "right pulmonary artery": (10, [(14, -0.22, 0.48), (-8, -0.05, 0.48), (-38, 0.05, 0.48)]),
}
ESOPHAGUS = (7, [(2, 0.35, 0.00), (4, 0.40, 0.70), (14, 0.20, 1.10)])
CARINA = (0, 0.25, 0.42)
TRACHEA = (8.5, [(0, 0.15, -0.10), CARINA])
BRONCHUS_END, ARTERY_ROOT, VEIN_ROOT = (32, 0.22, 0.54), (36, 0.05, 0.47), (26, 0.20, 0.61)


def phantom(
    *, window_center: float, window_width: float, seed: int, **options: float
) -> tuple[np.ndarray, pd.DataFrame]:
    """Simulate chest CT slices of random patients, windowed to grey levels.

    The images of a patient depend on ``seed`` and on the patient's number, not on ``patients``.
    The anatomy does not depend on ``size``, ``angles`` or ``photons``. The window is in Hounsfield units; the
    ``options`` are described in ``PARAMETERS``.

    Returns:
        Images, uint8 (patients * slices, size, size), patient by patient and from head to feet, and
        the columns ``image_id`` (``patient-001-slice-01``) and ``group`` (``patient-001``).

    Raises:
        ValueError: the stack of slices is longer than a chest.
    """
    return _simulate(center=window_center, width=window_width, seed=seed, **defaults(PARAMETERS) | options)


def _simulate(
    *,
    patients: int,
    slices: int,
    spacing: float,
    size: int,
    angles: int,
    photons: float,
    center: float,
    width: float,
    seed: int,
) -> tuple[np.ndarray, pd.DataFrame]:
    length = (slices - 1) * spacing
    if length > LONGEST_STACK:
        raise ValueError(
            f"{slices} slices {spacing:g} mm apart are {length:g} mm long, longer than the chest: "
            f"choose `slices` and `spacing` so that they cover at most {LONGEST_STACK} mm"
        )
    images = np.empty((patients, slices, size, size), np.uint8)
    columns: dict[str, list[str]] = {"image_id": [], "group": []}
    for number in counted(range(patients), "patients"):
        anatomy, *noise = np.random.SeedSequence([seed, number]).spawn(1 + slices)
        patient = _Patient(np.random.default_rng(anatomy), length)
        for index in range(slices):
            drawn = patient.section(patient.top + index * spacing, size)
            random = np.random.default_rng(noise[index])
            scanned = _scan(drawn, patient.field, angles, photons, patient.padding, random)
            images[number, index] = windowed(scanned, Window(center, width))
            columns["image_id"].append(f"patient-{number + 1:03d}-slice-{index + 1:02d}")
            columns["group"].append(f"patient-{number + 1:03d}")
    return images.reshape(-1, size, size), pd.DataFrame(columns)


def _scan(
    hounsfield: np.ndarray, field: float, angles: int, photons: float, padding: float, random: np.random.Generator
) -> np.ndarray:
    """Return parallel-beam CT of a field of view of ``field`` mm; ``padding`` fills what the beams miss."""
    size = len(hounsfield)
    from_axis = np.arange(size) - size // 2
    missed = np.hypot(from_axis, from_axis[:, None]) > size // 2
    degrees = np.arange(angles) * 180 / angles
    pixel = field / size
    attenuation = np.where(missed, 0, WATER * (1 + hounsfield / 1000))
    counts = random.poisson(photons * np.exp(-pixel * radon(attenuation, degrees)))
    paths = np.log(photons / np.maximum(counts, 1))
    attenuation = iradon(paths / pixel, degrees, filter_name="shepp-logan")
    return np.where(missed, padding, 1000 * (attenuation / WATER - 1))


class _Patient:
    """Random anatomy, every shape of which changes smoothly along z."""

    def __init__(self, random: np.random.Generator, length: float):
        uniform, normal = random.uniform, random.normal
        self.height = uniform(210, 265)  # of the lungs
        self.width = normal(126, 13)  # from the midline to the ribs
        self.depth = self.width * uniform(0.54, 0.84)  # from the middle to the ribs
        self.squareness = uniform(2.05, 2.8)  # exponent of a superellipse; 2 is an ellipse
        self.unevenness = sum(normal(0, 0.016) * np.cos(k * ANGLE + uniform(0, 2 * math.pi)) for k in range(1, 6))
        self.muscle = uniform(0.7, 1.3)
        self.fat = 4 + 40 * uniform() ** 2
        self.breast = max(0, uniform(-35, 35))
        self.mediastinum = uniform(18, 31)
        self.heart = uniform(0.7, 1.2)
        self.heart_center = normal(18, 6), normal(-0.2, 0.05) * self.depth
        self.heart_tilt = uniform(0, 0.6)
        self.domes = uniform(0.8, 0.95) * self.height, uniform(0.85, 1.0) * self.height
        self.vertebra_height = self.height / 10
        self.rib_phase = uniform()
        self.blood = uniform(150, 320) if uniform() < 0.6 else 45  # with or without contrast agent
        self.lung = normal(-862, 22)
        self.sag = uniform(10, 70)  # blood sinks to the back
        layers = math.ceil(self.height / GRAIN_SPACING) + 1
        self.grain = [
            hounsfield * random.standard_normal((layers, cells, cells), np.float32)
            for hounsfield, cells in ((18, 16), (22, 72))
        ]
        self._grow(random)
        self._lie_down(random)
        self.padding = AIR if uniform() < 0.6 else NOTHING
        self.top = 0.14 * self.height + uniform() * (0.83 * self.height - length)

    def _grow(self, random: np.random.Generator) -> None:
        """Return the tubes (see `_tube`) of the vessels and airways, and the nodules."""
        scale = np.array([1, self.depth, self.height])
        calibre = random.uniform(0.85, 1.15)
        self.great_vessels = np.concatenate(
            [_tube(calibre * radius, np.array(course) * scale) for radius, course in GREAT_VESSELS.values()]
        )
        self.esophagus = _tube(ESOPHAGUS[0], np.array(ESOPHAGUS[1]) * scale)
        airways, bronchi, vessels, nodules = [_tube(TRACHEA[0], np.array(TRACHEA[1]) * scale)], [], [], []
        for side in (-1, 1):
            mirrored = scale * (side, 1, 1)
            end, artery, vein = np.array([BRONCHUS_END, ARTERY_ROOT, VEIN_ROOT]) * mirrored
            airways.append(_tube(6, np.array([CARINA * scale, end])))
            places = self._places_in_lung(random, 620) * (side, 1, 1)
            bronchi.append(_tree(end, places[:20], 1.1))
            vessels.append(_tree(artery, places[20:320], 0.76))
            vessels.append(_tree(vein, places[320:], 0.76))
            centers = self._places_in_lung(random, random.poisson(2)) * (side, 1, 1)
            radii = 2 + random.exponential(4, len(centers))
            nodules.append(np.column_stack([centers, centers, radii]))
        self.airways, self.bronchi, self.vessels, self.nodules = map(
            np.concatenate, (airways, bronchi, vessels, nodules)
        )
        self.bronchi = self.bronchi[self.bronchi[:, 6] > 1.2]  # thinner ones cannot be seen

    def _places_in_lung(self, random: np.random.Generator, count: int) -> np.ndarray:
        x, y, z = random.uniform((0.18, -1, 0.02), (1, 1, 1), (3 * count + 30, 3)).T
        power = self.squareness
        inside = np.abs(x) ** power + np.abs(y) ** power < 0.9 * _growth(z) ** power
        return (np.column_stack([x, y, z])[inside] * (self.width, self.depth, self.height))[:count]

    def _lie_down(self, random: np.random.Generator) -> None:
        """Turn and position on the couch, the couch itself, and a field of view that holds both."""
        turn = random.normal(0, 0.1)
        self.turn = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        self.shift = random.normal(0, 12, 2)
        levels = np.linspace(0.1, 1, 10) * self.height
        skins = np.concatenate([_around(self._outlines(z)[-1]) for z in levels])
        x, y = (skins @ self.turn + self.shift).T
        self.field = 2 * np.hypot(x, y).max() * random.uniform(1.01, 1.35)
        bottom = y.max() + 2
        # The steepest couch touches the skin a second time, beside the lowest point.
        curvature = random.uniform(0.2, 0.9) * np.min((bottom - y) / np.maximum(x**2, 1))
        across = np.linspace(-0.5, 0.5, 60) * self.field
        top = np.column_stack([across, bottom - curvature * across**2])
        self.couch = [(line - self.shift) @ self.turn.T for line in (top, top + np.array([0, 20]))]

    def _outlines(self, z: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the distance from the axis to the ribs, to the surface of the muscles and to the skin."""
        t = z / self.height
        grown = _growth(t)
        x, y = np.abs(OUTWARD / (self.width * grown, self.depth * grown)).T
        ribs = (x**self.squareness + y**self.squareness) ** (-1 / self.squareness)
        ribs = ribs * (1 + self.unevenness) + 6 * _bulges(math.pi - 0.5, 20)
        shoulder = np.clip(1.15 - 1.5 * t, 0, 1)
        chest_muscle = (3 + 10 * shoulder) * _bulges(0.75, 7)
        shoulder_muscle = (8 + 24 * shoulder) * _bulges(2.1, 6)
        back_muscle = 20 * _bulges(math.pi - 0.4, 9)
        muscles = ribs + self.muscle * (12 + chest_muscle + shoulder_muscle) + back_muscle
        breasts = self.breast * _bell(t - 0.55, 0.2) * _bulges(0.7, 14)
        skin = muscles + self.fat * (0.75 + 0.3 * _bulges(math.pi / 2, 2)) + breasts
        return ribs, muscles, skin

    def section(self, z: float, size: int) -> np.ndarray:
        """Return the Hounsfield units of the slice at ``z``, float32 (size, size)."""
        canvas = _Canvas(self, z, size)
        ribs, muscles, skin = self._outlines(z)
        canvas.tubes(MUSCLE, self.nodules)
        canvas.tubes(self.blood, self.vessels)
        canvas.tubes(MUSCLE, self.bronchi, wall=0.8)
        canvas.tubes(AIRWAY, self.bronchi)
        self._draw_diaphragm(canvas, z)
        self._draw_mediastinum(canvas, z)
        # What lies around the lungs covers what has grown beyond them.
        canvas.fill(MUSCLE, _around(ribs), _around(muscles))
        canvas.fill(FAT, _around(muscles), _around(skin))
        canvas.fill(MUSCLE, _around(skin), _around(skin - 2))
        self._draw_ribs(canvas, z, ribs)
        self._draw_vertebra(canvas, z)
        self._draw_sternum_and_shoulders(canvas, z, ribs, muscles)
        canvas.fill(AIR, _around(skin), self.field * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]))
        for line in self.couch:
            canvas.line(-150, line, 2.5)
        return cv2.resize(canvas.hounsfield, (size, size), interpolation=cv2.INTER_AREA)

    def _draw_diaphragm(self, canvas: "_Canvas", z: float) -> None:
        for x, dome in zip((-0.5, 0.5), self.domes, strict=True):
            for share in np.linspace(0, 1, 12):  # the dome moves while the patient breathes
                depth = min(1, (z - dome + 5 - 10 * share) / 60)
                if depth <= 0:
                    break
                radius = math.sqrt(1 - (1 - depth) ** 2)
                tissue = share * LIVER + (1 - share) * self.lung
                axes = 0.5 * radius * self.width, 0.75 * radius * self.depth
                canvas.fill(tissue, _oval(x * self.width, -0.15 * self.depth, *axes))

    def _draw_mediastinum(self, canvas: "_Canvas", z: float) -> None:
        t = z / self.height
        y = np.linspace(-1.02, 1.05, 40)
        middle = self.mediastinum + 6 * _bell(t - 0.4, 0.15)
        half = 4 + 12 * _bell(y + 1, 0.14) + middle * _bell(y + 0.1, 0.42) + 22 * _bell(y - 1, 0.4)
        left = np.column_stack([half, y * self.depth])
        canvas.fill(MEDIASTINUM, np.concatenate([left, (left * (-1, 1))[::-1]]))
        grown = self.heart * math.sqrt(np.clip((t - 0.46) / 0.16, 0, 1))
        middle_x, middle_y = self.heart_center
        chambers = ((18, -2, 38, 28), (-20, 2, 32, 32), (-2, -14, 34, 22))
        for around, tissue in ((13, FAT), (10, MUSCLE), (0, self.blood)) if grown else ():
            for right, down, a, b in chambers:
                axes = (a + around) * grown, (b + around) * grown
                canvas.fill(tissue, _oval(middle_x + right * grown, middle_y + down * grown, *axes, self.heart_tilt))
        canvas.tubes(MUSCLE, self.esophagus)
        canvas.tubes(self.blood, self.great_vessels)
        canvas.tubes(MUSCLE, self.airways, wall=1.5)
        canvas.tubes(AIRWAY, self.airways)

    def _draw_ribs(self, canvas: "_Canvas", z: float, ribs: np.ndarray) -> None:
        for rib in range(-4, 12):
            level = (rib + self.rib_phase) * self.vertebra_height + 37 * FROM_SPINE  # falls to the front
            share = 1 - ((z - level) / 7) ** 2
            for side in SIDES:
                cut = side & (share > 0) & (FROM_SPINE > 0.28) & (FROM_SPINE < 2.85)
                if cut.sum() < 2:
                    continue
                middle, half = ribs[cut] + 6, 4.5 * np.sqrt(share[cut])
                bony = FROM_SPINE[cut].mean() < 2.3
                for tissue, part in ((CORTEX, 1), (MARROW, 0.55)) if bony else ((CARTILAGE, 1),):
                    inner = _around(middle - part * half, cut)
                    outer = _around(middle + part * half, cut)
                    canvas.fill(tissue, np.concatenate([inner, outer[::-1]]))

    def _draw_vertebra(self, canvas: "_Canvas", z: float) -> None:
        y = 0.71 * self.depth
        level = 0.5 + 0.5 * math.cos(2 * math.pi * (z / self.vertebra_height + self.rib_phase))
        canvas.fill(MUSCLE, _oval(0, y + 28, 40, 22))
        for side in (-1, 1):
            canvas.fill(CORTEX, _oval(side * 24, y + 20, 8 + 10 * level, 4.5, side * 0.4))
            canvas.fill(MARROW, _oval(side * 24, y + 20, 6 + 10 * level, 2.5, side * 0.4))
        canvas.fill(CORTEX, _oval(0, y + 34, 3.5, 13 - 4 * level))
        canvas.fill(CORTEX, _oval(0, y + 20, 16, 13))
        canvas.fill(CORTEX, _oval(0, y, 18.5, 15.5))
        canvas.fill(MARROW, _oval(0, y, 16.5, 13.5))
        canvas.fill(MUSCLE, _oval(0, y + 20, 9.5, 8))

    def _draw_sternum_and_shoulders(self, canvas: "_Canvas", z: float, ribs: np.ndarray, muscles: np.ndarray) -> None:
        t = z / self.height
        if t < 0.78:
            y, half = -ribs[0] - 7, 24 - 12 * min(1, 2 * t)
            canvas.fill(CORTEX, _oval(0, y, half, 6))
            canvas.fill(MARROW, _oval(0, y, half - 2, 4))
        between = (ribs + muscles) / 2
        for side in SIDES:
            septum = side & (np.abs(FROM_SPINE - 1.2) < 0.7)
            canvas.line(FAT, _around(between[septum], septum), 2)
            scapula = side & (np.abs(FROM_SPINE - 1) < 0.5 - 0.9 * t)
            if scapula.any():
                canvas.line(CORTEX, _around(between[scapula], scapula), 5)


class _Canvas:
    """A slice filled with lung, drawn finer than the image so that a pixel can hold two tissues."""

    def __init__(self, patient: _Patient, z: float, size: int):
        self.patient, self.z = patient, z
        pixels = size * math.ceil(256 / size) if size <= 128 else 2 * size
        self.scale = pixels / patient.field
        sag = np.linspace(-patient.sag, patient.sag, pixels, dtype=np.float32)[:, None]
        self.hounsfield = np.full((pixels, pixels), patient.lung, np.float32) + sag
        share, below = math.modf(z / GRAIN_SPACING)
        for grain in patient.grain:
            upper, lower = grain[int(below) : int(below) + 2]
            mixed = ((1 - share) * upper + share * lower) / math.hypot(1 - share, share)
            self.hounsfield += cv2.resize(mixed, (pixels, pixels))

    def fill(self, tissue: float, *outlines: np.ndarray) -> None:
        """Fill an outline, or the ring between two."""
        cv2.fillPoly(self.hounsfield, [self._pixels(o) for o in outlines], tissue, shift=SUBPIXEL)

    def line(self, tissue: float, points: np.ndarray, width: float) -> None:
        self._lines(tissue, [self._pixels(points)], width)

    def tubes(self, tissue: float, tubes: np.ndarray, wall: float = 0) -> None:
        """Draw where tubes (see `_tube`) meet the slice; thin ones are averaged with lung."""
        radius = tubes[:, 6] + wall
        beyond = np.maximum(np.abs(tubes[:, [2, 5]].mean(axis=1) - self.z) - HALF_SLICE, 0)
        met = beyond < radius
        ends = self._pixels(tubes[met][:, [[0, 1], [3, 4]]])
        width = 2 * np.sqrt(radius[met] ** 2 - beyond[met] ** 2)
        steps = np.rint(width * self.scale)
        for step in np.unique(steps):
            alike = steps == step
            share = min(1, width[alike].mean() / (2 * HALF_SLICE))
            mixed = share * tissue + (1 - share) * self.patient.lung
            self._lines(mixed, list(ends[alike]), step / self.scale)

    def _lines(self, tissue: float, lines: list[np.ndarray], width: float) -> None:
        thickness = max(1, round(width * self.scale))
        cv2.polylines(self.hounsfield, lines, False, tissue, thickness, shift=SUBPIXEL)

    def _pixels(self, points: np.ndarray) -> np.ndarray:
        placed = points @ self.patient.turn + self.patient.shift
        pixels = placed * self.scale + (len(self.hounsfield) - 1) / 2
        return np.rint(pixels * 2**SUBPIXEL).astype(np.int32)


def _growth(t: Any) -> Any:
    """Return the size of the chest at a share of its height, relative to its largest."""
    return np.sin(np.pi / 2 * np.minimum(1, 0.3 + 0.9 * t)) ** 0.6


def _bell(distance: Any, width: float) -> Any:
    return np.exp(-((distance / width) ** 2))


def _bulges(angle: float, concentration: float) -> np.ndarray:
    """Return a bump of height 1 on each side of the chest, as a function of ``ANGLE``."""
    left, right = (np.exp(concentration * (np.cos(ANGLE - a) - 1)) for a in (angle, -angle))
    return left + right


def _around(radius: np.ndarray, where: slice | np.ndarray = slice(None)) -> np.ndarray:
    return radius[:, None] * OUTWARD[where]


def _oval(x: float, y: float, a: float, b: float, tilt: float = 0.0) -> np.ndarray:
    turn = np.array([[math.cos(tilt), math.sin(tilt)], [-math.sin(tilt), math.cos(tilt)]])
    return OUTWARD[::4] * (a, b) @ turn + (x, y)


def _tube(radius: float, course: np.ndarray) -> np.ndarray:
    return _pieces(course[:-1], course[1:], np.full(len(course) - 1, radius))


def _tree(root: np.ndarray, leaves: np.ndarray, leaf_radius: float) -> np.ndarray:
    """Return a tube that branches from the root to every leaf.

    Each leaf, nearest first, joins the node that costs the least new length plus half of the way back
    to the root (Cuntz et al. 2010, doi:10.1371/journal.pcbi.1000877); the cube of a radius is the sum
    of the cubes of its branches (Murray 1926, doi:10.1073/pnas.12.3.207).
    """
    leaves = leaves[np.linalg.norm(leaves - root, axis=1).argsort()]
    nodes = np.vstack([root, leaves])
    length = cdist(nodes, nodes)
    parent, way, served = np.zeros(len(nodes), int), np.zeros(len(nodes)), np.ones(len(nodes))
    for node in range(1, len(nodes)):
        parent[node] = joint = (length[node, :node] + 0.5 * way[:node]).argmin()
        way[node] = way[joint] + length[node, joint]
    for node in range(len(nodes) - 1, 0, -1):
        served[parent[node]] += served[node]
    return _pieces(nodes[parent[1:]], nodes[1:], leaf_radius * np.cbrt(served[1:]))


def _pieces(start: np.ndarray, end: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Cut tubes into pieces of at most 3 mm: start, end and radius of each, (n, 7)."""
    count = np.ceil(np.linalg.norm(end - start, axis=1) / 3).astype(int)
    tube = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(tube)) - np.repeat(np.cumsum(count) - count, count)
    step = ((end - start) / count[:, None])[tube]
    first = start[tube] + number[:, None] * step
    return np.column_stack([first, first + step, radius[tube]])
