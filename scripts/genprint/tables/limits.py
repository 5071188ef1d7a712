"""The tables of the limits of detection."""

from collections.abc import Mapping

import pandas as pd

from genprint.limits.curves import METHOD, SIZES
from genprint.tables.table import Table

NOT_SEARCHED = "The releases of ladders are not searched for copies; write limits.copies: true."


def printed(
    limits: pd.DataFrame,
    power: pd.DataFrame,
    withheld: pd.DataFrame,
    ladders: Mapping[str, Mapping],
    *,
    wanted: float,
    false_alarms: float,
) -> tuple[Table, Table, Table]:
    """Make the tables: the limits, beside how often each method sees a leak where there is none; the power; the list.

    Args:
        limits: As `limits_table` gives them.
        power: As `power_table` gives them.
        withheld: As `genprint.limits.releases.withheld_table` gives it.
        ladders: Generator, varied option and levels of every ladder, as configured.
        wanted: The power at the limit.
        false_alarms: The rate of false alarms.
    """
    keys = ["ladder", *METHOD]
    none = power[power["level"].isna()].rename(columns={name: name.replace("power", "false_alarms") for name in power})
    columns = ["false_alarms", "false_alarms_low", "false_alarms_high", "auc", *SIZES]
    rows = limits.drop(columns=["midpoint", "slope"]).merge(none[[*keys, *columns]], on=keys, how="left")
    rows = rows.rename(columns={"auc": "auc_without_leak", "reason": "Note"})
    varied = {name: f"{ladder['generator']['method']} {ladder['vary']}" for name, ladder in ladders.items()}
    tried = {name: ", ".join(f"{level:g}" for level in ladder["levels"]) for name, ladder in ladders.items()}
    rows.insert(1, "varied", rows["ladder"].map(varied))
    rows.insert(2, "levels", rows["ladder"].map(tried))
    found = (
        f"A leak is found where the permutation p of the AUC is below {false_alarms:g}; by the rule copies of the "
        "search, where any image is withheld"
    )
    return (
        Table(
            f"Limits of detection: the faintest leak found with {100 * wanted:g} % power",
            ("ladder", *METHOD),
            rows[[name for name in rows if name != "Note"] + ["Note"]],
            (
                f"{found}; limit_low and limit_high bound the limit at 95 %, and are empty beyond the levels tried.",
                "False alarms: the same generator, trained on other patients.",
                "Images and patients are those that are judged, on average.",
            ),
        ),
        Table(
            "Power against leak",
            ("ladder", *METHOD, "level"),
            power,
            (f"{found}. A row without a level is the generator that leaks nothing.", "Intervals: Wilson, 95 %."),
        ),
        Table(
            "The list of images to withhold, where the copies are known",
            ("ladder", "level"),
            withheld if len(withheld) else pd.DataFrame({"Note": [NOT_SEARCHED]}),
            (
                "Sensitivity: share of the copies that are withheld. Specificity: share of the other images that are "
                "not. Means over splits with Student's 95 % interval, none where all agree, and their deviation.",
                "A row without a level is the generator that leaks nothing.",
            ),
        ),
    )
