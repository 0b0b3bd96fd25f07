"""Rolls samples up to hours and hours to days, in the database; only what a landing marked is computed again."""

from airtide.warehouse.rollups.days import DailyOutcome, roll_up_days
from airtide.warehouse.rollups.hours import HourlyOutcome, roll_up_hours

__all__ = ["DailyOutcome", "HourlyOutcome", "roll_up_days", "roll_up_hours"]
