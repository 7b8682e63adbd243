-- All that is expired, by thousands, so that memory is bounded; one transaction, for a function cannot
-- commit. Pairs that this kept before it deleted them are in the version "before purge DATE".
create or replace function qlmodels.cleanup_expired_data()
returns table (table_name text, deleted_count bigint)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_deleted bigint;
begin
    foreach table_name in array array['q_values', 'trajectories', 'patterns', 'rewards', 'sessions'] loop
        deleted_count := 0;
        loop
            v_deleted := qlmodels.purge_expired(table_name, 10000);
            deleted_count := deleted_count + v_deleted;
            exit when v_deleted < 10000;
        end loop;
        return next;
    end loop;
end $$;
