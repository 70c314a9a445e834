"""Money is a decimal with its currency. A month is 720 hours, everywhere."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from vocabulary.errors import InvalidParameter

#: The specification's example (0.10 an hour is 72.0 a month) fixes the month at 720 hours (CO-2).
HOURS_PER_MONTH = 720

#: The ORM keeps money as an integer of this fraction, because SQLite's decimals are floating point.
UNITS_PER_WHOLE = 10**10


@dataclass(frozen=True)
class Money:
    """An amount in one currency (ISO 4217). Amounts in different currencies neither add nor compare."""

    amount: Decimal
    currency: str = "USD"

    def __post_init__(self) -> None:
        try:
            amount = self.amount if isinstance(self.amount, Decimal) else Decimal(str(self.amount))
        except InvalidOperation:
            raise InvalidParameter("money", "Money", f"{self.amount!r} is not a number") from None
        if not amount.is_finite():
            raise InvalidParameter(
                "money", "Money", f"{self.amount!r} is not an amount", "NaN and infinity are refused."
            )
        object.__setattr__(self, "amount", amount)

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.amount < other.amount

    def times(self, quantity: Decimal | int) -> "Money":
        """The amount for so many units."""
        return Money(self.amount * quantity, self.currency)

    def as_units(self) -> int:
        """The amount as an integer of 10⁻¹⁰ units, for a database column.

        Raises InvalidParameter when it would lose digits.
        """
        units = self.amount * UNITS_PER_WHOLE
        if units != units.to_integral_value():
            raise InvalidParameter("money", "Money", f"{self.amount} has more than 10 decimal places")
        return int(units)

    @classmethod
    def from_units(cls, units: int, currency: str = "USD") -> "Money":
        """The inverse of `as_units`."""
        return cls(Decimal(units) / UNITS_PER_WHOLE, currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise InvalidParameter(
                "money", "Money", f"{self.currency} and {other.currency} do not mix", "Convert with a dated rate first."
            )


def monthly_rate(hourly: Money) -> Money:
    """An hourly rate over a month of 720 hours."""
    return hourly.times(HOURS_PER_MONTH)
