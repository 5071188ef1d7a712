"""The verdict on copies, in words."""

from collections.abc import Mapping

import pandas as pd

from genprint.copies.chance import NOT_USED
from genprint.copies.recovery import ALL
from genprint.copies.tail import FEWEST

COPIES, NO_COPY, CANNOT_SAY = "copies found", "nothing detected", "cannot say"


def sentence(copies: Mapping, spikes: pd.DataFrame | None = None) -> tuple[str, str]:
    """Return the verdict and its sentence.

    Args:
        copies: a row of `genprint.copies.release.Release.copies`.
        spikes: `genprint.copies.recovery.spike_table` of the same data set; None if none were made.

    Returns:
        `COPIES`; `CANNOT_SAY` where no copy has equal pixels and chance could not be learnt; else `NO_COPY`.
    """
    return _verdict(copies), " ".join(filter(None, [_main(copies, spikes), *_remarks(copies)]))


def _verdict(copies: Mapping) -> str:
    if copies["n_copies"]:
        return COPIES
    return NO_COPY if copies["tail_held"] else CANNOT_SAY


def _main(copies: Mapping, spikes: pd.DataFrame | None) -> str:
    verdict = _verdict(copies)
    if verdict == COPIES:
        sources = copies["n_mem"] + copies["unused_images_copied"]
        exact, rate = copies["exact_copies"], copies["false_discovery_rate"]
        how = [f"{exact} {'has' if exact == 1 else 'have'} equal pixels"] if exact else []
        least, largest = (f"{copies[f'{end}_copy_similarity']:.2f}" for end in ("least", "largest"))
        how += [f"similarity {least}" if least == largest else f"similarity {least} to {largest}"]
        how += [] if pd.isna(rate) else [f"false discovery rate at most {max(rate, 1e-6):.2g}"]
        text = (
            f"{_number(copies['n_copies'], 'generated image')} of {copies['generated_images']:,} "
            f"{'is a copy' if copies['n_copies'] == 1 else 'are copies'} of {_number(sources, 'real image')} "
            f"of {_number(copies['patients_copied'], 'patient')} ({'; '.join(how)}): tables/release.csv says which "
            "must not leave, tables/exposed.csv whose they are."
        )
        if not copies["tail_held"]:
            text += f" Only equal pixels could be told from chance. {copies['reason']}"
        return text
    if verdict == CANNOT_SAY:
        return (
            f"No generated image has the pixels of a real one; of other copies nothing can be said. {copies['reason']}"
        )
    return f"No copy was found. {_would_have(spikes)}"


def _would_have(spikes: pd.DataFrame | None) -> str:
    if spikes is None or not spikes["n"].any():
        return "Which copies would have been found was not measured."
    whole = spikes[spikes["kind"] == ALL].iloc[0]
    kinds = ", ".join(dict.fromkeys(spikes.loc[spikes["kind"] != ALL, "kind"]))
    return (
        f"Of {whole['n']:,} perturbed copies ({kinds}), each alone among the generated images, "
        f"{100 * whole['share']:.0f} % [{100 * whole['low']:.0f}, {100 * whole['high']:.0f}] would have been: "
        "tables/spikes.csv. A copy that was changed more, or otherwise, may be there."
    )


def _remarks(copies: Mapping) -> list[str]:
    remarks = []
    if copies["unused_images_copied"]:
        remarks.append("Images that are said not to be used have copies: check their labels.")
    if copies["labels_swapped"]:
        remarks.append("The release is nearer to patients not used than to used ones: check the labels.")
    if copies["left_out"]:
        remarks.append(
            f"Used and not used images are both there of {copies['left_out']}: left out of what chance does."
        )
    if copies["alike"]:
        remarks.append(f"Images of these patients are as alike as of one: {_some(copies['alike'])}. Are they one?")
    if copies["repeated"]:
        remarks.append(f"The same image is there more than once: {copies['repeated']}.")
    if not copies["patients_known"]:
        remarks.append(
            f"No patients are known: the {copies['real_images']:,} real images were grouped by likeness into "
            f"{copies['patients']:,}."
        )
    if copies["tail_held"] and copies["chance"] != NOT_USED:
        remarks.append(
            "Chance was learnt from real images of different patients, which asks for nearer copies; with at least "
            f"{FEWEST} patients not used it would be learnt from the release."
        )
    return remarks


def _some(listed: str, most: int = 5) -> str:
    """The first of many things that are separated by semicolons, and how many more there are."""
    things = listed.split("; ")
    return "; ".join(things[:most]) + (f" and {len(things) - most:,} more" if len(things) > most else "")


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
