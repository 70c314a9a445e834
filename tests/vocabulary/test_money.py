"""Money adds up to the last digit, and never mixes."""

import random
from decimal import Decimal

import pytest

from vocabulary.errors import InvalidParameter
from vocabulary.money import HOURS_PER_MONTH, Money, monthly_rate


@pytest.mark.promise("CO-2")
@pytest.mark.parametrize(("hourly", "monthly"), [("0.10", "72.0"), ("0.12", "86.4"), ("0.095", "68.4")])
def test_a_month_is_720_hours_as_in_the_documented_example(hourly, monthly):
    """CO-2"""
    assert HOURS_PER_MONTH == 720
    assert monthly_rate(Money(Decimal(hourly))) == Money(Decimal(monthly))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "sNaN", "1.234,56", "", "abc", None, "1e"])
def test_what_is_not_an_amount_is_refused_and_never_zero(amount):
    with pytest.raises(InvalidParameter):
        Money(amount)


def test_a_float_is_taken_as_it_is_written():
    assert Money(0.1) == Money(Decimal("0.1"))  # type: ignore[arg-type]  # a price list in JSON has floats


def test_two_currencies_neither_add_nor_compare():
    with pytest.raises(InvalidParameter, match="USD and EUR do not mix"):
        Money(Decimal(1)) + Money(Decimal(1), "EUR")
    with pytest.raises(InvalidParameter):
        assert Money(Decimal(1)) < Money(Decimal(2), "EUR")
    assert Money(Decimal(1)) != Money(Decimal(1), "EUR")


def test_ten_thousand_amounts_add_up_to_the_last_digit_through_the_database_form():
    pick = random.Random(7)
    units = [pick.randrange(-(10**14), 10**14) for _ in range(10_000)]
    total = Money(Decimal(0))
    for one in units:
        total += Money.from_units(one)
    assert total.as_units() == sum(units)


def test_an_amount_too_fine_for_the_database_is_refused_and_not_rounded():
    assert Money.from_units(Money(Decimal("0.0000000001")).as_units()) == Money(Decimal("0.0000000001"))
    with pytest.raises(InvalidParameter, match="more than 10 decimal places"):
        Money(Decimal("0.00000000001")).as_units()
