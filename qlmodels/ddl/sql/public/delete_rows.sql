-- Delete rows of one's own by id and say how many there were: delete_rows('sessions', '{...}').
-- A session takes its trajectories and rewards along; the pairs that it made stay.
create or replace function public.delete_rows(p_table text, p_ids text[]) returns bigint
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return qlmodels.delete_rows(p_table, p_ids);
end $$;
