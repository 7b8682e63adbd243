"""Form fields of dates and times, which show and read ISO 8601."""

from datetime import date, datetime, time

from qlmodels_admin.rows.fields import ExactField
from qlmodels_admin.values import exact_moment, read_moment


class ExactMoment(ExactField):
    """A point in time, in UTC and to the microsecond."""

    kind = "moment"

    show = staticmethod(exact_moment)  # pyright: ignore[reportAssignmentType]

    def read(self, text: str) -> datetime:
        try:
            return read_moment(text)
        except ValueError as error:
            raise ValueError("Write a time as 2030-01-31 13:45:00+00:00.") from error


class ExactLocalMoment(ExactField):
    """A time without zone, to the microsecond."""

    kind = "moment"

    def show(self, value: datetime) -> str:
        return value.isoformat(sep=" ")

    def read(self, text: str) -> datetime:
        try:
            value = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError("Write a time as 2030-01-31 13:45:00.") from error
        if value.tzinfo:
            raise ValueError("The column has no time zone. Write a time as 2030-01-31 13:45:00.")
        return value


class ExactDate(ExactField):
    kind = "moment"

    def read(self, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise ValueError("Write a date as 2030-01-31.") from error


class ExactTime(ExactField):
    """A time of day, with its zone if the column has one."""

    kind = "moment"

    def read(self, text: str) -> time:
        try:
            return time.fromisoformat(text)
        except ValueError as error:
            raise ValueError("Write a time of day as 13:45:00.") from error
