"""The charts of the reports, each one call over a sealed run: title, drawing at two widths, and the rows behind it."""

from audit_lib.clocks import purge_clock, stores
from audit_lib.lifelines import backup_age, lifelines
from audit_lib.rhythm import access_by_week, staff_access_by_hour
from audit_lib.staffing import log_coverage, people

__all__ = [
    "access_by_week", "backup_age", "lifelines", "log_coverage", "people", "purge_clock", "staff_access_by_hour", "stores",
]  # fmt: skip
