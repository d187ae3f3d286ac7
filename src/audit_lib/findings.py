"""Findings: one control, reason and cause, however many items; and what of earlier periods is still open or has changed."""

import hashlib
import hmac

import duckdb

from audit_lib.sql import SEVERITIES, Control

COLUMNS = (
    "number", "finding_id", "control_id", "outcome", "severity", "reason", "cause", "title", "items", "subjects",
    "first_at", "last_at", "first_item", "detail", "lines",
)  # fmt: skip


def apply_waivers(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `judged_outcomes`: `outcomes` with `effective_outcome` and `waiver_id`.

    A waiver counts where two different persons asked and approved, it was approved by `as_of()` and is in force then.
    The raw outcome stays; of several waivers the one with the smallest id is named.
    """
    connection.execute("""
        create or replace temp table judged_outcomes as
        with
        valid as (
          select * from waivers
          where requested_by_person_id <> approved_by_person_id and approved_at <= as_of() and valid_from_at <= as_of() and valid_to_at > as_of()
        ),
        waived as (
          select outcomes.control_id, outcomes.item, min(valid.waiver_id) as waiver_id
          from outcomes
          join valid
            on valid.control_id = outcomes.control_id
            and coalesce(valid.reason, outcomes.reason) = outcomes.reason
            and coalesce(valid.item, outcomes.item) = outcomes.item
            and (valid.cause is null or valid.cause = outcomes.cause)
          where outcomes.outcome = 'exception'
          group by all
        )
        select outcomes.*, case when waived.waiver_id is not null then 'waived' else outcomes.outcome end as effective_outcome, waived.waiver_id
        from outcomes left join waived on waived.control_id = outcomes.control_id and waived.item = outcomes.item
        order by outcomes.control_id, outcomes.item_at nulls first, outcomes.item""")


def make_findings(connection: duckdb.DuckDBPyConnection, controls: dict[str, Control], key: bytes) -> None:
    """Makes the temporary table `run_findings`: one row per control, reason and cause (no cause: the item) that isn't clean.

    Sorted by severity, outcome, number of items, id; `finding_id` is the same in every run of the project.
    """
    connection.execute("create or replace temp table explained (control_id varchar, severity varchar, rank integer, reason varchar, title varchar)")
    rows = [
        (control.id, control.severity, SEVERITIES.index(control.severity), code, text)
        for control in controls.values()
        for code, (text, _) in control.reasons.items()
        if code not in control.needs_nobody
    ]
    if rows:
        connection.executemany("insert into explained values (?, ?, ?, ?, ?)", rows)
    connection.create_function("keyed", lambda text: hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:12], ["varchar"], "varchar")
    connection.execute("""
        create or replace temp table run_findings as
        with
        grouped as (
          select
            control_id, effective_outcome as outcome, reason, coalesce(cause, item) as cause_or_item, max(cause) as cause, count(*) as items, count(distinct subject) as subjects,
            min(item_at) as first_at, max(item_at) as last_at,
            arg_min(item, (coalesce(item_at, timestamptz '0001-01-01'), item)) as first_item,
            arg_min(detail, (coalesce(item_at, timestamptz '0001-01-01'), item)) as detail,
            arg_min(lines, (coalesce(item_at, timestamptz '0001-01-01'), item)) as lines
          from judged_outcomes
          where outcome in ('exception', 'unknown', 'manual')
          group by all
        )
        select
          row_number() over (order by list_position(['exception', 'unknown', 'manual', 'waived'], outcome), rank, items desc, control_id, reason, cause_or_item) as number,
          keyed(control_id || chr(10) || reason || chr(10) || cause_or_item) as finding_id,
          control_id, outcome, severity, reason, cause, title, items, subjects, first_at, last_at, first_item, detail, lines, cause_or_item
        from grouped join explained using (control_id, reason)
        order by number""")


def carry_forward(connection: duckdb.DuckDBPyConnection, controls: dict[str, Control], ran: set[str], selects: dict[str, str]) -> None:
    """Makes the temporary table `carried`: items of earlier periods that are still open, or no longer as reported.

    `ran`: controls that were run; `selects`: their statements (`controls.items`). The temporary table `reported` has the
    items of earlier sealed runs: control_id, item, outcome, reason, run, since, until, is_every_row_stored.
    """
    connection.execute("""
        create or replace temp table carried (control_id varchar, kind varchar, item varchar, item_at timestamptz, subject varchar, outcome varchar,
          reason varchar, detail varchar, cause varchar, lines varchar[], reported_outcome varchar, reported_reason varchar, reported_run varchar)""")
    for control_id in sorted(ran):
        control = controls[control_id]
        if control.repeats:
            continue
        stays = ", ".join(f"'{code}'" for code, (_, stays_open) in control.reasons.items() if stays_open)
        is_reported = connection.execute("select count(*) from spans where control_id = ?", [control_id]).fetchone()[0]
        if not stays and not is_reported:
            continue
        stays = stays or "''"
        connection.execute(f"""
            create or replace temp table earlier as
            select * from ({selects[control_id]}) as judged
            where item_at < since() and (
                reason in ({stays})
                or exists (
                  select 1 from spans
                  where spans.control_id = '{control_id}' and item_at >= since_at and item_at < until_at and (is_every_row_stored or outcome <> 'pass')
                ))
              or item in (select item from reported where control_id = '{control_id}')  -- also where its deadline has moved since
        """)
        connection.execute(f"""
            insert into carried
            with
            told as (select item, item_at as told_at, subject as told_subject, outcome as told_outcome, reason as told_reason, run as told_run from reported where control_id = '{control_id}'),
            untold as (  -- in a run that stored every row it was not there; in one that counted passes it may have been one
              select earlier.*, spans.run, not is_every_row_stored as may_have_passed
              from earlier join spans on spans.control_id = '{control_id}' and item_at >= since_at and item_at < until_at
              where item not in (select item from told)
              qualify row_number() over (partition by item order by spans.run) = 1
            )
            select '{control_id}', 'still_open', item, item_at, subject, outcome, reason, detail, cause, lines, told_outcome, told_reason, told_run
            from earlier left join told using (item)
            where item_at < since() and reason in ({stays}) and item not in (select item from untold)
              and (told_run is null or (told_outcome = outcome and told_reason = reason))
            union all
            select '{control_id}', 'changed', item, item_at, subject, outcome, reason, detail, cause, lines, told_outcome, told_reason, told_run
            from earlier join told using (item)
            where (told_outcome, told_reason) is distinct from (outcome, reason)
            union all
            select '{control_id}', case when may_have_passed then 'changed' else 'new' end, item, item_at, subject, outcome, reason, detail, cause, lines,
              case when may_have_passed then 'pass' end, null, run
            from untold
            union all
            select '{control_id}', 'gone', item, told_at, told_subject, null, null, 'Reported then, not among the items now', null, [], told_outcome, told_reason, told_run
            from told
            where item not in (select item from earlier)
            order by all""")
