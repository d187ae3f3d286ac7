"""Times as sources write them, in SQL: without a zone, day first, with a leap second, and in an hour that a clock strikes twice or never."""

import functools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HALF_HOUR = timedelta(minutes=30)
FIRST, LAST = 1970, 2070  # years whose changes of clocks are known here
MARKED = "timestamptz '60000-01-01'"  # an hour that occurs twice is told by a moment 100,000 years later, until `resolved` settles it
JUMP = "interval 10 minutes"  # a step back by so much in such an hour is the clock's; lines that are out of order step back by less

# For a file that declares nothing; `macros` makes them anew for one that does. Short, as each use of a macro is its text once more.
_UNDECLARED = r"""
create or replace temp macro iso_of(word) as null::varchar;
create or replace temp macro slashed_moment(word) as null::timestamptz;
create or replace temp macro slashed_fault(word) as
  case when {is_slashed} then 'undeclared: date_order' {and_zone} else 'no moment: ' || left(word, 40) end;
"""
_IS_SLASHED = r"coalesce(regexp_matches(word, '^(\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}[/.]\d{1,2}[/.]\d{1,2})($|[ T,])'), false)"

# In the order that is declared, as ISO 8601: the day alone where there is no time.
_DECLARED = r"""
create or replace temp macro slashed_day(word, form) as
  try_strptime(regexp_replace(regexp_extract(word, '^\d+[/.-]\d+[/.-]\d+'), '[.-]', '/', 'g'), form);
create or replace temp macro slashed_clock(word) as
  coalesce(
    try_strptime(
      replace(replace(regexp_extract(word, '^[^ T,]+(?:T|,? +)(\d{{1,2}}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?) ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)?$', 1), ',', '.'), ':59:60', ':59:59'),
      ['%H:%M:%S', '%H:%M:%S.%f', '%H:%M', '%I:%M:%S %p', '%I:%M %p', '%I:%M:%S%p', '%I:%M%p']
    ));
create or replace temp macro iso_of(word) as
  case
    when not is_slashed(word) then null
    when not contains(word, ':') then strftime(slashed_day(word, '{form}'), '%Y-%m-%d')
    else
      strftime(slashed_day(word, '{form}'), '%Y-%m-%d')
      || replace(strftime(slashed_clock(word), 'T%H:%M:%S.%f'), case when contains(word, ':59:60') then ':59:59' else '-' end, ':59:60')
      || replace(replace(regexp_extract(word, ':[0-9.,]+ ?(Z|UTC|GMT|[+-]\d\d:?\d\d)$', 1), 'UTC', 'Z'), 'GMT', 'Z')
  end;
create or replace temp macro iso_moment(word) as
  case when not is_dated(word) then null when has_zone(word) then zoned(word) else local_moment(unzoned(word)) end;
create or replace temp macro slashed_moment(word) as iso_moment(iso_of(word));
create or replace temp macro slashed_fault(word) as
  case
    when is_dated(iso_of(word)) and not has_zone(iso_of(word)) and unzoned(iso_of(word)) is not null
      then coalesce(local_fault(unzoned(iso_of(word))), 'no moment: ' || left(word, 40))
    else 'no moment: ' || left(word, 40)
  end;
"""
# A moment of a delivered table: without a zone it is UTC, unless one is declared; a day alone is its first moment.
_TABLES = r"""
create or replace temp macro table_moment(word) as
  case
    when regexp_matches(word, '^\d{4}-\d\d-\d\d') then
      coalesce(
        try_cast(word as timestamptz),
        case when substr(word, 14, 6) = ':59:60' then try_cast(replace(word, ':59:60', ':59:59') as timestamptz) + interval 1 second end
      )
  end;
"""
_TABLES_ELSE = r"""
create or replace temp macro table_moment_of(iso) as
  case
    when file_time_zone() is null or length(iso) > 10 and (has_zone(iso) or regexp_matches(iso, '[A-Z]{3}$')) then zoned(iso)
    else local_moment(unzoned(iso))
  end;
create or replace temp macro table_moment(word) as table_moment_of(table_iso(word));
"""
FORMS = {"dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y", "ymd": "%Y/%m/%d"}

# A leap second, 23:59:60, is the first second of the next minute, as POSIX counts; :60 at any other minute is no time.
MACROS = (
    r"""
create or replace temp macro has_zone(word) as
  right(word, 1) = 'Z' or word[-6] in ('+', '-') or word[-5] in ('+', '-') or word[-3] in ('+', '-');
create or replace temp macro is_dated(word) as length(word) >= 19 and word[5] = '-' and word[14] = ':';
create or replace temp macro strptime_moment(word, form) as
  coalesce(
    try_strptime(word, form),
    case when contains(word, ':59:60') then try_strptime(replace(word, ':59:60', ':59:59'), form) + interval 1 second end
  );
create or replace temp macro zoned(word) as
  coalesce(
    try_cast(word as timestamptz),
    case when substr(word, 14, 6) = ':59:60' then try_cast(replace(word, ':59:60', ':59:59') as timestamptz) + interval 1 second end
  );
create or replace temp macro unzoned(word) as
  coalesce(
    try_cast(word as timestamp),
    case when substr(word, 14, 6) = ':59:60' then try_cast(replace(word, ':59:60', ':59:59') as timestamp) + interval 1 second end
  );
create or replace temp macro is_slashed(word) as """
    + _IS_SLASHED
    + r""";
create or replace temp macro moment(word) as
  case when not is_dated(word) then slashed_moment(word) when has_zone(word) then zoned(word) else local_moment(unzoned(word)) end;
create or replace temp macro moment_fault(word) as
  case
    when not is_dated(word) then slashed_fault(word)
    when not has_zone(word) and unzoned(word) is not null then coalesce(local_fault(unzoned(word)), 'no moment: ' || left(word, 40))
    else 'no moment: ' || left(word, 40)
  end;
create or replace temp macro time_fault(word) as
  case when word is null then 'no time' when moment(word) is not null then null else moment_fault(word) end;
create or replace temp macro in_utc(word) as
  case when has_zone(word) or not is_dated(word) then word else word || 'Z' end;
create or replace temp macro epoch_moment(seconds) as
  case when try_cast(seconds as double) between 0 and 253402300799 then to_timestamp(try_cast(seconds as double)) end;
create or replace temp macro table_iso(word) as case when regexp_matches(word, '^\d{4}-\d\d-\d\d') then word else iso_of(word) end;
create or replace temp macro table_fault(word) as
  case when file_time_zone() is not null and length(table_iso(word)) > 10 then local_fault(unzoned(table_iso(word))) end;
create or replace temp macro table_day(word) as
  case when regexp_matches(word, '^\d{4}-\d\d-\d\d') then try_cast(word as date) else try_cast(left(iso_of(word), 10) as date) end;
"""
)


@functools.lru_cache(maxsize=64)
def doubtful(zone: str | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Local half hours of a zone, counted from 1970, that its clocks strike twice, and those that they skip."""
    try:
        rules = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        rules = None
    if rules is None:
        return (), ()
    twice, never = set(), set()
    day, before = datetime(FIRST, 1, 1, tzinfo=UTC), None
    while day.year < LAST:
        offset = day.astimezone(rules).utcoffset()
        if before is not None and offset != before:
            change = _change(day - timedelta(days=1), day, rules)
            old, new = ((change + step).astimezone(rules).utcoffset() for step in (timedelta(microseconds=-1), timedelta()))
            first, last = sorted(change.replace(tzinfo=None) + one for one in (old, new))
            (twice if new < old else never).update(range((first - datetime(1970, 1, 1)) // HALF_HOUR, -((datetime(1970, 1, 1) - last) // HALF_HOUR)))
        day, before = day + timedelta(days=1), offset
    return tuple(sorted(twice)), tuple(sorted(never))


def _change(first: datetime, last: datetime, rules: ZoneInfo) -> datetime:
    """The moment between two at which a zone's offset changes, to the second."""
    old = first.astimezone(rules).utcoffset()
    while last - first > timedelta(seconds=1):
        middle = first + (last - first) // 2
        middle = middle.replace(microsecond=0) if middle.replace(microsecond=0) > first else middle
        first, last = (middle, last) if middle.astimezone(rules).utcoffset() == old else (first, middle)
    return last.replace(microsecond=0)


def macros(zone: str | None, order: str | None) -> str:
    """What the macros of times say of a file: `local_moment`, of a time without a zone, and `iso_of`, of a date that is written with slashes."""
    name, lines = (zone or "").replace("'", "''"), []
    stamped, fault = "null::timestamptz", "case when stamp is not null then 'undeclared: time_zone' end"
    if zone:
        stamped, fault = f"timezone('{name}', stamp)", "null::varchar"
        twice, never = (_among(halves) for halves in doubtful(zone))
        if never:
            fault = f"case when {never} then 'no moment: the clocks of {name} skipped ' || strftime(stamp, '%Y-%m-%d %H:%M:%S') end"
        skipped = f"when {never} then null " if never else ""
        repeated = f"when {twice} then {stamped} + to_years(100000) " if twice else ""
        stamped = f"case {skipped}{repeated}else {stamped} end" if skipped or repeated else stamped
    lines.append(f"create or replace temp macro local_moment(stamp) as {stamped};")
    lines.append(f"create or replace temp macro local_fault(stamp) as {fault};")
    if order:
        lines.append(_DECLARED.format(form=FORMS[order]))
    else:
        bare = "case when regexp_matches(word, ':[0-9.]+ ?(Z|UTC|GMT|[+-]\\d\\d:?\\d\\d)$') then '' else ', time_zone' end"
        lines.append(_UNDECLARED.format(is_slashed=_IS_SLASHED, and_zone="" if zone else f"|| {bare}"))
    lines.append(_TABLES_ELSE if zone or order else _TABLES)
    return "\n".join(lines)


def _among(halves: tuple[int, ...]) -> str:
    """Whether `stamp` lies in one of these half hours: first by its hour, which rules out most."""
    if not halves:
        return ""
    hours = sorted({half % 48 // 2 for half in halves})
    return f"case when hour(stamp) in ({', '.join(map(str, hours))}) then epoch_us(stamp) // 1800000000 in ({', '.join(map(str, halves))}) else false end"


def resolved(select: str, columns: list[str], *, by_order: str | None, zone: str | None) -> str:
    """A format's SELECT whose moments in an hour that occurs twice are settled, or refused.

    `columns`: its moments; `by_order`: the one that follows the order of lines. Where the lines of that hour step back once, by ten minutes
    or more, those before are of the first pass (summer time), and those after of the second. Else nothing tells, and nothing is guessed.
    Lines of several files may stand in one table, raised by multiples of 2^40.
    """
    if not doubtful(zone)[0]:
        return select
    name = (zone or "").replace("'", "''")
    spoilt = " or ".join(f"read.{one} > {MARKED}" for one in columns if one != by_order) or "false"
    back = "".join(f", case when read.{one} < {MARKED} then read.{one} end as {one}" for one in columns if one != by_order)
    told = f"'occurs twice in {name}, and neither a zone nor the order of the lines tells which it is'"
    if by_order is None:
        return (
            f"with read as materialized ({select}) select read.* replace ({back.removeprefix(', ') + ', ' if back else ''}"
            f"coalesce(refused, case when {spoilt} then {told} end) as refused) from read"
        )
    return f"""
with
read as materialized ({select}),
marked as (
  select line, line // 1099511627776 as file, min({by_order}) - to_years(100000) as later from read where {by_order} > {MARKED} group by line
),
nights as (
  select *, timezone('{name}', later)::date as night from marked
),
steps as (
  select *, coalesce(lag(later) over (partition by file, night order by line) - later >= {JUMP}, false) as is_back from nights
),
passes as (
  select
    line,
    count(*) filter (where is_back) over (partition by file, night) as jumps,
    count(*) filter (where is_back) over (partition by file, night order by line) as jumps_before,
    case
      when jumps = 1 and jumps_before = 0 then
        later - case
          when timezone('{name}', later - interval 1 hour) = timezone('{name}', later) then interval 1 hour
          when timezone('{name}', later - interval 30 minutes) = timezone('{name}', later) then interval 30 minutes
          else interval 2 hours
        end
      else later
    end as settled
  from steps
)
select
  read.* replace (
    case when read.{by_order} > {MARKED} then passes.settled else read.{by_order} end as {by_order}{back},
    coalesce(
      read.refused, case when passes.jumps <> 1 or {spoilt} then strftime(timezone('{name}', passes.settled), '%Y-%m-%d %H:%M:%S ') || {told} end
    ) as refused
  )
from read
left join passes using (line)"""


def moments_of(described: list[tuple]) -> list[str]:
    """Names of the columns that are moments, from the rows of a DESCRIBE."""
    return [name for name, type_name, *_ in described if type_name == "TIMESTAMP WITH TIME ZONE"]
