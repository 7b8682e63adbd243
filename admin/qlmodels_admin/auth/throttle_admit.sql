-- Count an attempt under all of its keys, or under none. `wait` is how many seconds to wait before
-- the next one, 0 if this one was counted; null where a key has no row yet, and none was counted.
-- Rows are locked in the order of their keys, so that processes which ask at once wait for each
-- other, and each reads what the one before it counted.
with wanted as (
    select key, most, lasts
    from unnest(cast(:keys as bytea[]), cast(:most as integer[]), cast(:lasts as interval[]))
        as wanted (key, most, lasts)
),
known as materialized (
    select attempts.key, attempts.attempted_at
    from qlmodels_admin.sign_in_attempts attempts
    where attempts.key = any (cast(:keys as bytea[]))
    order by attempts.key
    for update
),
judged as materialized (
    select known.key, wanted.most, wanted.lasts, array(
        select moment
        from unnest(known.attempted_at) as moment
        where moment > now() - wanted.lasts
        order by moment
    ) as recent
    from known
    join wanted using (key)
),
verdict as materialized (
    select max(extract(epoch from recent[cardinality(recent) - most + 1] + lasts - now()))
            filter (where cardinality(recent) >= most) as wait,
        count(*) = cardinality(cast(:keys as bytea[])) as has_all_rows
    from judged
),
counted as (
    update qlmodels_admin.sign_in_attempts attempts
    set attempted_at = judged.recent || now(), expires_at = now() + judged.lasts
    from judged, verdict
    where attempts.key = judged.key and verdict.wait is null and verdict.has_all_rows
)
select coalesce(wait, case when has_all_rows then 0 end)::double precision as wait, now() as at
from verdict
