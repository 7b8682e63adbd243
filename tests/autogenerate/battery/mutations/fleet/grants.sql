-- case: a table to everybody
grant select on public.q_values to public;

-- case: a table to a role
grant delete, truncate on public.q_values to qlmodels_agent;

-- case: a table no longer to a role
revoke select on public.q_values from qlmodels_agent;

-- case: a table to be passed on
grant select on public.q_values to analytics_role with grant option;

-- case: a column
grant update (agent_type) on public.q_values to qlmodels_agent;

-- case: a column no longer
revoke update (q_value) on public.q_values from qlmodels_agent;

-- case: the owner's own
revoke insert on public.sessions from current_user;

-- case: a view
grant select on public.pattern_effectiveness to anon;

-- case: a column of a view
grant select (agent_type) on public.pattern_effectiveness to anon;

-- case: a schema to everybody
grant usage on schema qlmodels_private to public;

-- case: a schema to build in
grant create on schema qlmodels to qlmodels_agent;

-- case: a schema no longer
revoke usage on schema qlmodels from qlmodels_agent;

-- case: a function to everybody
grant execute on function qlmodels.speaks_for_all() to public;

-- case: a function no longer
revoke execute on function public.get_best_action(text, text) from qlmodels_agent;

-- case: a sequence
grant all on sequence public.q_values_q_value_id_seq to qlmodels_agent;

-- case: the database
grant temporary, create on database :database to qlmodels_agent;

-- case: the database to everybody
grant temporary on database :database to public;

-- case: maintenance
-- from: 17
grant maintain on public.q_values to qlmodels_agent;
