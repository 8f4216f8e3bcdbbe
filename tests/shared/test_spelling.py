"""Another spelling or another name: what may be mended without a court."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.amendment.spelling import Likeness, of_names, of_places

pytestmark = pytest.mark.rules

SAME = [
    ("MUHAMAD RIZKI", "MUHAMMAD RIZKY"),
    ("M. RIZKI", "MOHAMAD RIZKI"),
    ("SOEKARNO", "SUKARNO"),
    ("ACHMAD DJAELANI", "AHMAD JAELANI"),
    ("SITI NUR HALIZA", "SITI NURHALIZA"),
    ("TJUT NJAK", "CUT NYAK"),
    ("JUSUF", "YUSUF"),
    ("HJ. AMINAH", "AMINAH"),
    ("BUDI SANTOSO", "BUDI SANTOSO, S.H."),
    ("CHAIRUL", "KHAIRUL"),
    ("RENÉ", "RENE"),
]
DOUBTFUL = [
    ("BUDI SANTOSO", "RUDI SANTOSO"),
    ("SUSI", "SUCI"),
    ("HENDRA", "HENDRI"),
    ("BUDI SNATOSO", "BUDI SANTOSO"),
    ("A. WIJAYA", "ANTON WIJAYA"),
    ("BONG NYET FA", "BONG NYET FAN"),
]
OTHER = [
    ("SITI AMINAH", "DEWI LESTARI"),
    ("SITI AMINAH", "SITI AISYAH"),
    ("BUDI", "BUDI SANTOSO"),
    ("BUDI HENDRA", "RUDI HENDRI"),
    ("LIM SIU LAN", "TAN SIU LAN"),
    ("BONG MEI", "BONG LAN"),
]


@pytest.mark.parametrize(
    ("old", "new", "likeness"),
    [(*pair, Likeness.SAME) for pair in SAME]
    + [(*pair, Likeness.DOUBTFUL) for pair in DOUBTFUL]
    + [(*pair, Likeness.OTHER) for pair in OTHER],
)
def test_names_are_told_apart_as_a_clerk_would(old: str, new: str, likeness: Likeness) -> None:
    assert of_names(old, new) is likeness
    assert of_names(new, old) is likeness


@pytest.mark.parametrize(
    ("old", "new", "likeness"),
    [
        ("KAB. SAMBAS", "SAMBAS", Likeness.SAME),
        ("SINGKAWNAG", "SINGKAWANG", Likeness.DOUBTFUL),
        ("SINGKAWANG", "PONTIANAK", Likeness.OTHER),
        ("KOTA SINGKAWANG", "KABUPATEN SAMBAS", Likeness.OTHER),
    ],
)
def test_places_are_told_apart_without_their_rank(old: str, new: str, likeness: Likeness) -> None:
    assert of_places(old, new) is likeness


names = st.text(st.sampled_from("ABDEHIKMNORSTUYZ .'"), min_size=1, max_size=30)


@given(old=names, new=names)
def test_likeness_does_not_depend_on_which_came_first(old: str, new: str) -> None:
    assert of_names(old, old) is Likeness.SAME
    assert of_names(old, new) is of_names(new, old)
