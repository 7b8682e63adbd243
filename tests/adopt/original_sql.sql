-- The database of the original's SQL file, version 1.0.0, where both extensions and tables lie in public.
-- UUID_DEFAULT stands for uuid_generate_v4(): not every server has uuid-ossp.
create extension if not exists pg_trgm schema public;
create extension if not exists btree_gin schema public;

create table agent_types (
    agent_type varchar(50) primary key,
    display_name varchar(100) not null,
    description text,
    state_space_dimensions int not null default 10,
    action_space_dimensions int not null default 5,
    learning_rate numeric(5,4) not null default 0.1,
    discount_factor numeric(5,4) not null default 0.95,
    exploration_rate numeric(5,4) not null default 0.2,
    min_exploration_rate numeric(5,4) not null default 0.01,
    exploration_decay numeric(6,5) not null default 0.995,
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    metadata jsonb default '{}'
);
create table sessions (
    session_id uuid primary key default UUID_DEFAULT,
    agent_type varchar(50) not null references agent_types on delete cascade,
    session_name varchar(200),
    start_time timestamptz not null default now(),
    end_time timestamptz,
    status varchar(20) not null default 'active' check (status in ('active', 'completed', 'failed', 'cancelled')),
    task_count int not null default 0,
    total_reward numeric(12,4) default 0,
    environment varchar(50) default 'development',
    metadata jsonb default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create table q_values (
    q_value_id bigserial primary key,
    agent_type varchar(50) not null references agent_types on delete cascade,
    session_id uuid references sessions on delete set null,
    state_hash varchar(64) not null,
    state_data jsonb not null,
    action_hash varchar(64) not null,
    action_data jsonb not null,
    q_value numeric(12,6) not null default 0,
    visit_count int not null default 1,
    last_updated timestamptz not null default now(),
    confidence_score numeric(5,4) default 0.5,
    uncertainty numeric(5,4) default 0.5,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    metadata jsonb default '{}',
    constraint uq_agent_state_action unique (agent_type, state_hash, action_hash)
);
create table trajectories (
    trajectory_id uuid primary key default UUID_DEFAULT,
    agent_type varchar(50) not null references agent_types on delete cascade,
    session_id uuid references sessions on delete cascade,
    task_id varchar(100) not null,
    initial_state jsonb not null,
    final_state jsonb not null,
    actions_taken jsonb not null,
    states_visited jsonb not null,
    step_rewards jsonb not null,
    total_reward numeric(12,4) not null,
    discounted_reward numeric(12,4) not null,
    execution_time_ms int not null,
    success boolean not null,
    error_message text,
    started_at timestamptz not null,
    completed_at timestamptz not null default now(),
    expires_at timestamptz,
    metadata jsonb default '{}'
);
create table rewards (
    reward_id bigserial primary key,
    agent_type varchar(50) not null references agent_types on delete cascade,
    session_id uuid references sessions on delete cascade,
    trajectory_id uuid references trajectories on delete cascade,
    state_hash varchar(64) not null,
    action_hash varchar(64) not null,
    reward_value numeric(12,4) not null,
    reward_type varchar(50) not null,
    reward_source varchar(100),
    observed_at timestamptz not null default now(),
    metadata jsonb default '{}'
);
create table patterns (
    pattern_id uuid primary key default UUID_DEFAULT,
    agent_type varchar(50) not null references agent_types on delete cascade,
    pattern_name varchar(200) not null,
    pattern_type varchar(50) not null,
    pattern_category varchar(50),
    pattern_data jsonb not null,
    trigger_conditions jsonb,
    expected_outcome jsonb,
    usage_count int not null default 0,
    success_count int not null default 0,
    failure_count int not null default 0,
    avg_reward numeric(12,4) default 0,
    confidence_score numeric(5,4) default 0.5,
    first_seen timestamptz not null default now(),
    last_used timestamptz,
    expires_at timestamptz,
    version int not null default 1,
    parent_pattern_id uuid references patterns on delete set null,
    metadata jsonb default '{}',
    constraint uq_agent_pattern unique (agent_type, pattern_name, version)
);
create table agent_states (
    state_id uuid primary key default UUID_DEFAULT,
    agent_type varchar(50) not null references agent_types on delete cascade,
    agent_instance_id varchar(100) not null,
    total_tasks int not null default 0,
    successful_tasks int not null default 0,
    failed_tasks int not null default 0,
    total_reward numeric(12,4) not null default 0,
    avg_reward numeric(12,4) not null default 0,
    current_exploration_rate numeric(5,4) not null,
    current_learning_rate numeric(5,4) not null,
    success_rate numeric(5,4) generated always as (
        case when total_tasks > 0 then round(successful_tasks::numeric / total_tasks, 4) else 0 end
    ) stored,
    patterns_learned int not null default 0,
    q_values_stored int not null default 0,
    status varchar(20) not null default 'idle' check (status in ('idle', 'active', 'learning', 'paused', 'error')),
    last_activity timestamptz not null default now(),
    initialized_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    metadata jsonb default '{}',
    constraint uq_agent_instance unique (agent_type, agent_instance_id)
);

create index idx_sessions_agent_type on sessions (agent_type);
create index idx_sessions_status on sessions (status) where status = 'active';
create index idx_sessions_start_time on sessions (start_time desc);
create index idx_sessions_metadata on sessions using gin (metadata);
create index idx_q_values_agent_state on q_values (agent_type, state_hash);
create index idx_q_values_agent_state_action on q_values (agent_type, state_hash, action_hash);
create index idx_q_values_best_action on q_values (agent_type, state_hash, q_value desc);
create index idx_q_values_expires on q_values (expires_at) where expires_at is not null;
create index idx_q_values_state_data on q_values using gin (state_data);
create index idx_q_values_action_data on q_values using gin (action_data);
create index idx_trajectories_agent_type on trajectories (agent_type);
create index idx_trajectories_session on trajectories (session_id);
create index idx_trajectories_task on trajectories (task_id);
create index idx_trajectories_reward on trajectories (total_reward desc);
create index idx_trajectories_success on trajectories (success);
create index idx_trajectories_completed on trajectories (completed_at desc);
create index idx_trajectories_expires on trajectories (expires_at) where expires_at is not null;
create index idx_rewards_agent_type on rewards (agent_type);
create index idx_rewards_session on rewards (session_id);
create index idx_rewards_trajectory on rewards (trajectory_id);
create index idx_rewards_state_action on rewards (agent_type, state_hash, action_hash);
create index idx_rewards_observed on rewards (observed_at desc);
create index idx_patterns_agent_type on patterns (agent_type);
create index idx_patterns_type on patterns (pattern_type);
create index idx_patterns_category on patterns (pattern_category);
create index idx_patterns_name on patterns using gin (pattern_name gin_trgm_ops);
create index idx_patterns_reward on patterns (agent_type, avg_reward desc);
create index idx_patterns_usage on patterns (usage_count desc);
create index idx_patterns_last_used on patterns (last_used desc nulls last);
create index idx_patterns_data on patterns using gin (pattern_data);
create index idx_patterns_triggers on patterns using gin (trigger_conditions);
create index idx_agent_states_agent_type on agent_states (agent_type);
create index idx_agent_states_instance on agent_states (agent_instance_id);
create index idx_agent_states_status on agent_states (status);
create index idx_agent_states_reward on agent_states (agent_type, avg_reward desc);
create index idx_agent_states_activity on agent_states (last_activity desc);

create function update_updated_at_column() returns trigger language plpgsql as $$
begin
    new.updated_at = now();
    return new;
end $$;
create trigger update_agent_types_updated_at before update on agent_types
    for each row execute function update_updated_at_column();
create trigger update_sessions_updated_at before update on sessions
    for each row execute function update_updated_at_column();
create trigger update_agent_states_updated_at before update on agent_states
    for each row execute function update_updated_at_column();

create function upsert_q_value(
    p_agent_type varchar, p_state_hash varchar, p_state_data jsonb, p_action_hash varchar,
    p_action_data jsonb, p_q_value numeric, p_session_id uuid default null
) returns bigint language plpgsql as $$
declare
    v_id bigint;
begin
    insert into q_values as pair (
        agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, expires_at
    ) values (
        p_agent_type, p_session_id, p_state_hash, p_state_data, p_action_hash, p_action_data, p_q_value,
        now() + interval '30 days'
    )
    on conflict on constraint uq_agent_state_action do update
       set q_value = excluded.q_value,
           visit_count = pair.visit_count + 1,
           last_updated = now(),
           confidence_score = least(1, pair.confidence_score + 0.01),
           uncertainty = greatest(0, pair.uncertainty - 0.01)
    returning q_value_id into v_id;
    return v_id;
end $$;
create function get_best_action(p_agent_type varchar, p_state_hash varchar)
returns table (action_data jsonb, q_value numeric, confidence_score numeric) language plpgsql as $$
begin
    return query
    select pair.action_data, pair.q_value, pair.confidence_score from q_values as pair
     where pair.agent_type = p_agent_type and pair.state_hash = p_state_hash
     order by pair.q_value desc, pair.confidence_score desc limit 1;
end $$;
create function cleanup_expired_data() returns table (table_name text, deleted_count bigint)
language plpgsql as $$
begin
    foreach table_name in array array['q_values', 'trajectories', 'patterns'] loop
        execute format('delete from %I where expires_at < now()', table_name);
        get diagnostics deleted_count = row_count;
        return next;
    end loop;
end $$;

create materialized view agent_performance_summary as
select kind.agent_type, kind.display_name, count(distinct run.session_id) as total_sessions,
       count(episode.trajectory_id) as total_trajectories,
       sum(case when episode.success then 1 else 0 end) as successful_trajectories,
       avg(episode.total_reward) as avg_reward, sum(episode.total_reward) as cumulative_reward,
       avg(episode.execution_time_ms) as avg_execution_time_ms,
       count(distinct pattern.pattern_id) as unique_patterns, avg(pair.visit_count) as avg_state_visits,
       max(instance.last_activity) as last_active,
       count(distinct instance.agent_instance_id) as active_instances
  from agent_types as kind
  left join sessions as run on run.agent_type = kind.agent_type
  left join trajectories as episode on episode.session_id = run.session_id
  left join patterns as pattern on pattern.agent_type = kind.agent_type
  left join q_values as pair on pair.agent_type = kind.agent_type
  left join agent_states as instance on instance.agent_type = kind.agent_type
 group by kind.agent_type, kind.display_name;
create unique index idx_agent_performance_summary on agent_performance_summary (agent_type);
create materialized view pattern_effectiveness as
select pattern.pattern_id, pattern.agent_type, pattern.pattern_name, pattern.pattern_type,
       pattern.usage_count, pattern.success_count, pattern.failure_count,
       case when pattern.usage_count > 0 then round(pattern.success_count::numeric / pattern.usage_count, 4)
            else 0 end as success_rate,
       pattern.avg_reward, pattern.confidence_score,
       count(distinct episode.trajectory_id) as trajectories_using_pattern,
       avg(episode.total_reward) as avg_trajectory_reward, pattern.last_used,
       extract(epoch from now() - pattern.last_used) / 86400 as days_since_used
  from patterns as pattern
  left join trajectories as episode on episode.agent_type = pattern.agent_type
   and episode.metadata @> jsonb_build_object('patterns_used', jsonb_build_array(pattern.pattern_id::text))
 group by pattern.pattern_id;
create unique index idx_pattern_effectiveness on pattern_effectiveness (pattern_id);
create index idx_pattern_effectiveness_success on pattern_effectiveness (success_rate desc);
create index idx_pattern_effectiveness_reward on pattern_effectiveness (avg_reward desc);
create function refresh_materialized_views() returns void language plpgsql as $$
begin
    refresh materialized view concurrently agent_performance_summary;
    refresh materialized view concurrently pattern_effectiveness;
end $$;
