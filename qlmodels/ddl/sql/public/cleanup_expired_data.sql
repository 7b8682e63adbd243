-- Delete what has expired: an agent's own rows, or everybody's for a login that speaks for all.
create or replace function public.cleanup_expired_data()
returns table (table_name text, deleted_count bigint)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return query select * from qlmodels.cleanup_expired_data();
end $$;
