-- What purge does, and how many rows went.
create or replace function qlmodels.purge_expired(p_table text, p_batch integer) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return (select coalesce(sum(went.deleted), 0)::bigint from qlmodels.purge(p_table, p_batch) as went);
end $$;
