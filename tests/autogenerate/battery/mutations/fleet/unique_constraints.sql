-- case: dropped
alter table public.patterns drop constraint uq_patterns_version;

-- case: appears
alter table public.sessions add constraint uq_sessions_name unique (agent_type, session_name);

-- case: other columns
alter table public.patterns drop constraint uq_patterns_version;
alter table public.patterns add constraint uq_patterns_version unique (agent_type, pattern_name);

-- case: columns in another order
alter table public.q_values drop constraint uq_q_values_pair;
alter table public.q_values add constraint uq_q_values_pair unique (agent_type, action_hash, state_hash);

-- case: nulls not distinct
alter table public.q_values drop constraint uq_q_values_pair;
alter table public.q_values add constraint uq_q_values_pair
    unique nulls not distinct (agent_type, state_hash, action_hash);

-- case: deferrable
alter table public.agent_states drop constraint uq_agent_states_instance;
alter table public.agent_states add constraint uq_agent_states_instance
    unique (agent_type, agent_instance_id) deferrable initially deferred;

-- case: an index of the same name instead
alter table public.agent_states drop constraint uq_agent_states_instance;
create unique index uq_agent_states_instance on public.agent_states (agent_type, agent_instance_id);

-- case: renamed
alter table public.q_values rename constraint uq_q_values_pair to q_values_pair;
