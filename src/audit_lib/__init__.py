"""audit_lib: proves, from data, that a company keeps the promises of its privacy policy."""

__version__ = "0.1.0"
