-- One's own patterns whose data, trigger conditions, or both contain a JSON document.
create or replace function public.find_patterns(
    p_data jsonb default null, p_trigger jsonb default null, p_limit integer default 50
) returns setof public.patterns
language plpgsql stable security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return query select * from qlmodels.find_patterns(p_data, p_trigger, p_limit);
end $$;
