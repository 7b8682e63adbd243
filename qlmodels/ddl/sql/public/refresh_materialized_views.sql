-- Does nothing: the summaries are views, which are never stale. For jobs of the original's that call it.
create or replace function public.refresh_materialized_views() returns void
language sql stable security invoker parallel safe
set search_path = pg_catalog, pg_temp
as $$ select $$;
