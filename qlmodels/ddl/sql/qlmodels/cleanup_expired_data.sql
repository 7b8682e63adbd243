create or replace function qlmodels.cleanup_expired_data()
returns table (table_name text, deleted_count bigint)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    foreach table_name in array array['q_values', 'trajectories', 'patterns', 'rewards', 'sessions'] loop
        deleted_count := qlmodels.purge_expired(table_name, null);
        return next;
    end loop;
end $$;
