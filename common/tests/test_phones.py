import pytest

from common import phones


@pytest.mark.parametrize(
    "typed", ["+49 30 123456", "0049 30/123456", "030 123456", "(030) 123-456", "+49 (0)30 123456", "+٤٩30123456"]
)
def test_every_way_of_typing_a_number_finds_the_same_one(typed):
    assert phones.normalise(typed, "de") == "+4930123456"


@pytest.mark.parametrize(
    ("typed", "region", "stored"),
    [
        ("030 123456", None, "030123456"),
        ("112", "DE", "112"),
        ("4711", "DE", "4711"),
        ("ask at the desk", "DE", ""),
        ("", None, ""),
        ("+1 212 555 0123 ext. 9", None, "+12125550123;ext=9"),
        ("9" * 5000, "DE", "9" * 40),
        ("+" * 5000, None, ""),
    ],
)
def test_what_cannot_be_a_number_is_kept_as_digits(typed, region, stored):
    assert phones.normalise(typed, region) == stored


def test_digits_of_any_script():
    assert phones.digits("٠٣٠ 12-34") == "0301234"
    assert phones.digits("0049 30") == "4930"
    assert phones.search_digits("030 12") == "3012"


def test_reads_well_and_knows_its_region():
    assert phones.readable("+4930123456") == "+49 30 123456"
    assert phones.readable("112") == "112"
    assert phones.region_of("+4930123456") == "DE"
    assert phones.region_of("112") is None


@pytest.mark.parametrize(("zone", "region"), [("Europe/Berlin", "DE"), ("Asia/Kolkata", "IN"), ("UTC", None)])
def test_a_time_zone_lies_in_a_region(zone, region):
    assert phones.region_of_time_zone(zone) == region
