import pandas as pd
import pytest

from genprint.images.pseudonyms import pseudonym, pseudonym_table, renaming, secret
from genprint.plan.configuration import HIDDEN, without_files


def images(ids, hashes=None):
    files = [f"ward-7/{name}.dcm" for name in ids]
    groups = [f"patient of {name}" for name in ids]
    return pd.DataFrame(
        {"image_id": ids, "group": groups, "file": files, "sha256": hashes or [f"hash of {name}" for name in ids]}
    )


NOTHING = pd.DataFrame({"file": []}, dtype=object)


def test_a_pseudonym_is_keyed_and_stable():
    # printf doe-jane | openssl dgst -sha256 -hmac key
    assert pseudonym("doe-jane", b"key") == "image-3557bed6c15b"
    assert pseudonym("doe-jane", b"another key") != "image-3557bed6c15b"


def test_the_key_is_that_of_the_images_whatever_their_order():
    assert secret(["b", "a", "a"]) == secret(["a", "b"]) != secret(["a"])


def test_every_id_and_file_has_one_whatever_the_order_of_the_tables():
    both = [images(["a", "b"]), images(["b", "c"])]
    names = pseudonym_table(both, pd.DataFrame({"file": ["broken.dcm"]}))
    again = pseudonym_table(both[::-1], pd.DataFrame({"file": ["broken.dcm"]}))
    of_images = {"a", "b", "c", *(f"ward-7/{x}.dcm" for x in "abc"), "broken.dcm"}
    assert set(names["name"]) == of_images | {f"patient of {x}" for x in "abc"}
    assert renaming(names)("patient of a").startswith("patient-") and renaming(names)("a").startswith("image-")
    assert names["pseudonym"].is_unique
    assert renaming(names)("b") == renaming(again)("b") != "b"


def test_an_image_that_is_its_own_patient_has_one_name():
    names = pseudonym_table([images(["a", "b"]).assign(group=["a", "b"])], NOTHING)
    assert renaming(names)("a").startswith("image-") and names["name"].is_unique


def test_other_images_have_other_pseudonyms():
    one, other = (pseudonym_table([images(["a"], [content])], NOTHING) for content in ("x", "y"))
    assert renaming(one)("a") != renaming(other)("a")


def test_a_name_that_the_table_lacks_is_an_error_not_a_leak():
    with pytest.raises(KeyError):
        renaming(pseudonym_table([images(["a"])], NOTHING))("b")
    assert renaming(None)("b") == "b"


def test_the_configuration_without_files():
    settings = {
        "benchmark": "b",
        "datasets": {
            "own": {
                "source": "folder",
                "roles": {"used": ["doe/*.png"]},
                "labels": None,
                "groups": {"file": "doe.csv"},
            },
            "sim": {"source": "controlled", "real": "phantom", "groups": None},
            "mine": {"source": "controlled", "real": ["doe/*.png"]},
        },
        "encoders": {"cnn": {"method": "cnn", "pretrained": "/home/doe/weights"}},
    }
    shown = without_files(settings)
    assert "doe" not in str(shown)
    assert shown["datasets"]["sim"] == settings["datasets"]["sim"]
    assert shown["datasets"]["own"]["roles"] == HIDDEN and shown["datasets"]["own"]["labels"] is None
    assert settings["datasets"]["mine"]["real"] == ["doe/*.png"]
