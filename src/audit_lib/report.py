"""What a report's notebook calls: a sealed run, and one call for each section; the numbers are the same in every report."""

from audit_lib.closing import ask, evidence, glossary, lines, open_store, parameters, reconciliation, sql_of_controls, statement, verify
from audit_lib.dpf import assertions, clause_matrix, clauses, principles
from audit_lib.itemized import change, findings, no_exception, not_judged
from audit_lib.opening import action, masthead, results_by_promise, scope
from audit_lib.results import open_run
from audit_lib.workbook import write_xlsx

__all__ = [
    "action", "ask", "assertions", "change", "clause_matrix", "clauses", "evidence", "findings", "glossary", "lines", "masthead",
    "no_exception", "not_judged", "open_run", "open_store", "parameters", "principles", "reconciliation", "results_by_promise", "scope", "sql_of_controls",
    "statement", "verify", "write_xlsx",
]  # fmt: skip
