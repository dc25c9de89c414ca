"""The geography is real: spot checks that anybody can repeat with a map."""

from __future__ import annotations

import pytest

from ingestion.allotment import (
    BLOCK_GROUPS_IN_THE_COUNTRY,
    GYMS_IN_THE_COUNTRY,
    allot,
    event_count,
)
from ingestion.places import FIRST_COUNTIES, places

BY_ZIP = {place.zip_code: place for place in places()}


@pytest.mark.parametrize(
    ("zip_code", "county_fips", "county", "state", "latitude", "longitude"),
    [
        ("78701", "48453", "Travis County", "TX", 30.27, -97.74),
        ("10001", "36061", "New York County", "NY", 40.75, -74.00),
        ("90210", "06037", "Los Angeles County", "CA", 34.09, -118.41),
        ("70112", "22071", "Orleans Parish", "LA", 29.96, -90.07),
        ("99501", "02020", "Anchorage Municipality", "AK", 61.22, -149.87),
        ("88001", "35013", "Doña Ana County", "NM", 32.30, -106.78),
        ("00601", "72001", "Adjuntas Municipio", "PR", 18.18, -66.75),
        ("20001", "11001", "District of Columbia", "DC", 38.91, -77.02),
    ],
)
def test_a_zip_code_is_where_it_is(
    zip_code: str, county_fips: str, county: str, state: str, latitude: float, longitude: float
) -> None:
    place = BY_ZIP[zip_code]
    assert (place.county_fips, place.county, place.state) == (county_fips, county, state)
    assert place.latitude == pytest.approx(latitude, abs=0.06)
    assert place.longitude == pytest.approx(longitude, abs=0.06)


def test_the_country_has_its_people() -> None:
    assert sum(place.population for place in places()) == pytest.approx(334e6, rel=0.01)
    assert len({place.state for place in places()}) == 52  # 50 states, DC and Puerto Rico
    travis = sum(place.population for place in places() if place.county_fips == "48453")
    assert travis == pytest.approx(1.3e6, rel=0.05)


def test_a_state_has_one_fips_code() -> None:
    pairs = {(place.state, place.county_fips[:2]) for place in places()}
    assert len(pairs) == len({state for state, _ in pairs}) == len({fips for _, fips in pairs})


def test_the_counties_that_come_first_come_first() -> None:
    order = dict.fromkeys(place.county_fips for place in places())
    assert tuple(order)[: len(FIRST_COUNTIES)] == FIRST_COUNTIES


def test_the_whole_country_comes_to_the_exact_totals() -> None:
    country = allot(places(), scale=80)
    assert sum(allotment.block_groups for allotment in country) == BLOCK_GROUPS_IN_THE_COUNTRY
    assert sum(allotment.gyms for allotment in country) == GYMS_IN_THE_COUNTRY
    assert allot(places(), scale=81) == country
    assert event_count(1_000) == 3_000_000


def test_a_small_data_set_is_a_part_of_a_larger_one() -> None:
    small, large = allot(places(), scale=1), allot(places(), scale=3)
    assert sum(allotment.block_groups for allotment in small) == 3_000
    assert small[:-1] == large[: len(small) - 1]
