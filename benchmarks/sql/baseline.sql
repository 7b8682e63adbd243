-- The system that ours replaces: single-column keys, exact numerics, an index for every question.
-- Keys come from gen_random_uuid(), which is not slower than uuid-ossp's and always there.

create table agent_types (
    agent_type varchar(50) primary key,
    display_name varchar(100) not null,
    learning_rate numeric(5, 4) not null default 0.1,
    discount_factor numeric(5, 4) not null default 0.95,
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    metadata jsonb default '{}'
);

create table sessions (
    session_id uuid primary key default gen_random_uuid(),
    agent_type varchar(50) not null references agent_types on delete cascade,
    session_name varchar(200),
    start_time timestamptz not null default now(),
    end_time timestamptz,
    status varchar(20) not null default 'active'
        check (status in ('active', 'completed', 'failed', 'cancelled')),
    task_count integer not null default 0,
    total_reward numeric(12, 4) default 0,
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
    q_value numeric(12, 6) not null default 0,
    visit_count integer not null default 1,
    last_updated timestamptz not null default now(),
    confidence_score numeric(5, 4) default 0.5,
    uncertainty numeric(5, 4) default 0.5,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    metadata jsonb default '{}',
    constraint uq_agent_state_action unique (agent_type, state_hash, action_hash)
);
create index idx_q_values_agent_state on q_values (agent_type, state_hash);
create index idx_q_values_agent_state_action on q_values (agent_type, state_hash, action_hash);
create index idx_q_values_best on q_values (agent_type, state_hash, q_value desc);
create index idx_q_values_expires on q_values (expires_at) where expires_at is not null;
create index idx_q_values_state_data on q_values using gin (state_data);
create index idx_q_values_action_data on q_values using gin (action_data);

create table trajectories (
    trajectory_id uuid primary key default gen_random_uuid(),
    agent_type varchar(50) not null references agent_types on delete cascade,
    session_id uuid references sessions on delete cascade,
    task_id varchar(100) not null,
    initial_state jsonb not null,
    final_state jsonb not null,
    actions_taken jsonb not null,
    states_visited jsonb not null,
    step_rewards jsonb not null,
    total_reward numeric(12, 4) not null,
    discounted_reward numeric(12, 4) not null,
    execution_time_ms integer not null,
    success boolean not null,
    error_message text,
    started_at timestamptz not null,
    completed_at timestamptz not null default now(),
    expires_at timestamptz,
    metadata jsonb default '{}'
);
create index idx_trajectories_agent on trajectories (agent_type);
create index idx_trajectories_session on trajectories (session_id);
create index idx_trajectories_task on trajectories (task_id);
create index idx_trajectories_reward on trajectories (total_reward desc);
create index idx_trajectories_success on trajectories (success);
create index idx_trajectories_completed on trajectories (completed_at desc);
create index idx_trajectories_expires on trajectories (expires_at) where expires_at is not null;

create table rewards (
    reward_id bigserial primary key,
    agent_type varchar(50) not null references agent_types on delete cascade,
    session_id uuid references sessions on delete cascade,
    trajectory_id uuid references trajectories on delete cascade,
    state_hash varchar(64) not null,
    action_hash varchar(64) not null,
    reward_value numeric(12, 4) not null,
    reward_type varchar(50) not null,
    reward_source varchar(100),
    observed_at timestamptz not null default now(),
    metadata jsonb default '{}'
);
create index idx_rewards_agent on rewards (agent_type);
create index idx_rewards_session on rewards (session_id);
create index idx_rewards_trajectory on rewards (trajectory_id);
create index idx_rewards_pair on rewards (agent_type, state_hash, action_hash);
create index idx_rewards_observed on rewards (observed_at desc);

create table agent_states (
    state_id uuid primary key default gen_random_uuid(),
    agent_type varchar(50) not null references agent_types on delete cascade,
    agent_instance_id varchar(100) not null,
    status varchar(20) not null default 'idle',
    last_activity timestamptz not null default now(),
    constraint uq_agent_instance unique (agent_type, agent_instance_id)
);

create function upsert_q_value(
    p_agent_type varchar, p_state_hash varchar, p_state_data jsonb,
    p_action_hash varchar, p_action_data jsonb, p_q_value numeric, p_session_id uuid default null
) returns bigint language plpgsql as $$
declare
    v_id bigint;
begin
    insert into q_values (
        agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, expires_at
    )
    values (
        p_agent_type, p_session_id, p_state_hash, p_state_data, p_action_hash, p_action_data,
        p_q_value, now() + interval '30 days'
    )
    on conflict (agent_type, state_hash, action_hash) do update
       set q_value = excluded.q_value,
           visit_count = q_values.visit_count + 1,
           last_updated = now(),
           confidence_score = least(1.0, q_values.confidence_score + 0.01),
           uncertainty = greatest(0.0, q_values.uncertainty - 0.01)
    returning q_value_id into v_id;
    return v_id;
end $$;

create function get_best_action(p_agent_type varchar, p_state_hash varchar)
returns table (action_data jsonb, q_value numeric, confidence_score numeric)
language plpgsql stable as $$
begin
    return query
    select pair.action_data, pair.q_value, pair.confidence_score
      from q_values as pair
     where pair.agent_type = p_agent_type
       and pair.state_hash = p_state_hash
     order by pair.q_value desc, pair.confidence_score desc
     limit 1;
end $$;

-- One join for every count: rows multiply, and so do the sums.
create view agent_performance_summary as
select kind.agent_type,
       kind.display_name,
       count(distinct run.session_id) as sessions,
       count(episode.trajectory_id) as trajectories,
       sum(episode.total_reward) as total_reward,
       count(distinct pair.q_value_id) as pairs,
       avg(pair.q_value) as avg_q_value
  from agent_types as kind
  left join sessions as run on run.agent_type = kind.agent_type
  left join trajectories as episode on episode.agent_type = kind.agent_type
  left join q_values as pair on pair.agent_type = kind.agent_type
 group by kind.agent_type, kind.display_name;
