"""What a user can put right, one class each, and the exit code that goes with it."""


class AuditError(Exception):
    """The audit did not take place. Text: `where: what is wrong: the value`, what is allowed, what to do."""

    exit_code = 2


class InputError(AuditError):
    """A file, option or setting that was given is not as it has to be."""


class StoreError(AuditError):
    """The store can't be opened, read or written."""


class ControlError(AuditError):
    """A control, definition or figure breaks the contract of DESIGN.md §4."""


class BusyError(AuditError):
    """Another load or audit holds the project."""

    exit_code = 3


def raise_all(kind: type[AuditError], faults: list[str]) -> None:
    """Raises one error with all faults, a line each, if there are any."""
    if faults:
        raise kind("\n".join(faults))
