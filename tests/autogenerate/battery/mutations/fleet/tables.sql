-- case: a table appears
create table public.notes (note_id integer primary key, body text not null);

-- case: a table that nothing needs is dropped
drop table qlmodels_admin.sign_in_links;

-- case: a table under policies, grants, keys and a view is dropped
drop table public.trajectories cascade;

-- case: a table is renamed
alter table public.rewards rename to reward_log;

-- case: a table moves to another schema
alter table qlmodels_private.fleet_grants set schema qlmodels;

-- case: fillfactor is changed
alter table public.q_values set (fillfactor = 60);

-- case: fillfactor is reset
alter table public.q_values reset (fillfactor);

-- case: a storage parameter is added
alter table public.sessions set (autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_enabled = false);

-- case: a table becomes unlogged
alter table public.rewards set unlogged;

-- case: replica identity full
alter table public.q_values replica identity full;

-- case: replica identity by an index
alter table public.q_values replica identity using index uq_q_values_pair;

-- case: replica identity nothing
alter table public.sessions replica identity nothing;

-- case: a table is clustered on an index
alter table public.sessions cluster on ix_sessions_start_time;

-- case: a table has another owner
-- by: superuser
alter table public.patterns owner to qlmodels_definer;
