-- Many upserts in one statement: an array of objects with the arguments of upsert_q_value,
-- without their prefix. Pairs are locked in key order, so that two batches never deadlock.
-- A pair that occurs twice takes the last value and counts every visit. Ids come back in the
-- order of the input. A hash that is stored with another document is refused, with all rows.
create or replace function public.upsert_q_values(p_rows jsonb) returns bigint[]
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return (select upserted.ids from qlmodels.upsert_pairs(p_rows) as upserted);
end $$;
