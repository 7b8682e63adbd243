-- case: body
create or replace function qlmodels.touch_updated_at() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$ begin return new; end $$;

-- case: volatility
alter function qlmodels.speaks_for_all() immutable;

-- case: strict
alter function qlmodels.act_as(text) strict;

-- case: rights of the caller
alter function qlmodels.fleet_agent() security invoker;

-- case: rights of the owner
alter function public.get_best_action(text, text) security definer;

-- case: without a search path
alter function qlmodels.fleet_agent() reset search_path;

-- case: another search path
alter function qlmodels.fleet_agent() set search_path = public;

-- case: another setting
alter function qlmodels.fleet_agent() set work_mem = '64MB';

-- case: parallel
alter function qlmodels.speaks_for_all() parallel unsafe;

-- case: cost
alter function qlmodels.speaks_for_all() cost 10000;

-- case: rows
alter function public.get_best_action(text, text) rows 5;

-- case: leakproof
-- by: superuser
-- expects: repaired
alter function qlmodels.speaks_for_all() leakproof;

-- case: owner
alter function qlmodels.fleet_agent() owner to current_user;

-- case: dropped
drop function public.get_best_action(text, text);

-- case: dropped under policies
drop function qlmodels.fleet_agent() cascade;

-- case: appears
create function public.all_q_values() returns setof public.q_values
language sql security definer as $$ select * from public.q_values $$;

-- case: an overload appears
create function public.get_best_action(p_agent_type text) returns text
language sql as $$ select 'guess' $$;

-- case: a procedure appears
create procedure public.forget() language sql as $$ delete from public.q_values $$;

-- case: renamed
alter function public.get_best_action(text, text) rename to best_action;

-- case: moved
alter function qlmodels.touch_updated_at() set schema qlmodels_private;

-- case: language
create or replace function qlmodels.speaks_for_all() returns boolean
language sql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$ select true $$;

-- case: names of the arguments
drop function public.get_best_action(text, text);
create function public.get_best_action(agent text, state text)
returns table (action_data jsonb, q_value double precision, confidence_score double precision)
language sql stable as $$ select null::jsonb, 0.0::float8, 0.0::float8 $$;

-- case: columns of the result
drop function public.get_best_action(text, text);
create function public.get_best_action(p_agent_type text, p_state_hash text)
returns table (action jsonb)
language sql stable as $$ select null::jsonb $$;
