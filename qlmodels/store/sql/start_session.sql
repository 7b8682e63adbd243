-- One Q-table is one agent type in one environment: no row where the type learns in another.
-- What the agent type does not say of the run's settings, the store adds or overrules ($7).
-- A session that this very call has made already is found again.
insert into public.sessions as run (
    agent_type, session_id, session_name, environment, metadata, agent_instance_id,
    hyperparameters, tags, notes
)
select kind.agent_type, $2::uuid, $3::text, $4::text, $5::text::jsonb, $6::text,
       jsonb_build_object(
           'learning_rate', kind.learning_rate,
           'learning_rate_decay', kind.learning_rate_decay,
           'min_learning_rate', kind.min_learning_rate,
           'discount_factor', kind.discount_factor,
           'exploration_rate', kind.exploration_rate,
           'exploration_decay', kind.exploration_decay,
           'min_exploration_rate', kind.min_exploration_rate,
           'initial_q_value', kind.initial_q_value
       ) || $7::text::jsonb,
       $8::text[], $9::text
  from public.agent_types as kind
 where kind.agent_type = $1
   and (kind.environment is null or kind.environment = $4::text)
on conflict (agent_type, session_id) do update set metadata = run.metadata
returning run.session_id
