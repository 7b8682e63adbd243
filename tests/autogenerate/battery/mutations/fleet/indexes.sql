-- case: dropped
drop index public.ix_q_values_session_id;

-- case: appears
create index ix_q_values_by_value on public.q_values (q_value);

-- case: operator class
drop index public.ix_q_values_state_data;
create index ix_q_values_state_data on public.q_values
    using gin (agent_type, state_data jsonb_ops) with (fastupdate = off);

-- case: method
drop index public.ix_sessions_start_time;
create index ix_sessions_start_time on public.sessions using brin (agent_type, start_time);

-- case: order of the keys
drop index public.ix_sessions_start_time;
create index ix_sessions_start_time on public.sessions (start_time, agent_type);

-- case: descending
drop index public.ix_sessions_start_time;
create index ix_sessions_start_time on public.sessions (agent_type, start_time desc);

-- case: nulls first
drop index public.ix_rewards_session_id;
create index ix_rewards_session_id on public.rewards (agent_type, session_id nulls first);

-- case: predicate
drop index public.ix_rewards_session_id;
create index ix_rewards_session_id on public.rewards (agent_type, session_id)
    where session_id is not null;

-- case: columns beside the keys
drop index public.ix_sessions_start_time;
create index ix_sessions_start_time on public.sessions (agent_type, start_time) include (status);

-- case: expression
drop index public.ix_trajectories_priority;
create index ix_trajectories_priority on public.trajectories
    (agent_type, (floor(ln(priority) / ln(2::double precision))), sample_key);

-- case: collation
drop index public.ix_sessions_start_time;
create index ix_sessions_start_time on public.sessions (agent_type collate "C", start_time);

-- case: unique
drop index public.ix_trajectories_sample_key;
create unique index ix_trajectories_sample_key on public.trajectories (agent_type, sample_key);

-- case: storage parameter changed
alter index public.ix_q_values_state_data set (fastupdate = on);

-- case: storage parameter added
alter index public.ix_sessions_start_time set (fillfactor = 75);

-- case: statistics of an expression
alter index public.ix_trajectories_priority alter column 2 set statistics 500;

-- case: invalid
-- by: superuser
update pg_catalog.pg_index set indisvalid = false
 where indexrelid = 'public.ix_q_values_session_id'::regclass;

-- case: renamed
alter index public.ix_sessions_start_time rename to sessions_start;
