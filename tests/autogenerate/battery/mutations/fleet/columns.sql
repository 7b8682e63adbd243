-- case: a column appears
alter table public.sessions add column host text not null default 'unknown';

-- case: a column is dropped
alter table public.q_values drop column td_error;

-- case: a column in the middle of a key is dropped
alter table public.rewards drop column trajectory_id cascade;

-- case: a column is renamed
alter table public.sessions rename column task_count to tasks;

-- case: a column is longer
alter table public.sessions alter column session_name type varchar(300);

-- case: a column is shorter
alter table public.rewards alter column reward_source type varchar(50);

-- case: a number is wider
alter table public.trajectories alter column execution_time_ms type bigint;

-- case: a moment has lost its time zone
alter table public.patterns alter column first_seen type timestamp without time zone;

-- case: a column under a view has another type
drop view public.pattern_effectiveness;
alter table public.patterns alter column usage_count type bigint;

-- case: a document is json
alter table public.sessions alter column metadata drop default;
alter table public.sessions alter column metadata type json;

-- case: another collation
alter table public.q_values alter column action_hash type varchar(64) collate "default";

-- case: a column may be null
alter table public.q_values alter column visit_count drop not null;

-- case: a column may not be null
alter table public.sessions alter column end_time set not null;

-- case: a column has moved to the end, and lost its trigger
alter table public.sessions drop column status cascade;
alter table public.sessions add column status varchar(20) not null default 'active'
    constraint ck_sessions_status check (status in ('active', 'completed', 'failed', 'cancelled'));

-- case: more statistics of a column
alter table public.q_values alter column state_hash set statistics 1000;

-- case: the number of distinct values is set
alter table public.q_values alter column agent_type set (n_distinct = 20);

-- case: a column is stored out of line
alter table public.q_values alter column state_data set storage external;

-- case: a column is compressed
alter table public.q_values alter column state_data set compression pglz;
