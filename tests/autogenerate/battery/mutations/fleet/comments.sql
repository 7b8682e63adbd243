-- case: of a table, changed
comment on table public.q_values is 'Numbers';

-- case: of a table, dropped
comment on table public.q_values is null;

-- case: of a column, changed
comment on column public.q_values.state_hash is 'MD5 of the state';

-- case: of a column, dropped
comment on column public.q_values.state_hash is null;

-- case: of a schema
comment on schema qlmodels_private is 'Nothing to see';

-- case: of an index
comment on index public.ix_q_values_state_data is 'The big one';

-- case: of a constraint
comment on constraint ck_rewards_step on public.rewards is 'Do not drop';

-- case: of a policy
comment on policy qlmodels_agent_access on public.q_values is 'Own rows';

-- case: of a trigger
comment on trigger touch_updated_at on public.sessions is 'Clock';

-- case: of a function
comment on function qlmodels.touch_updated_at() is 'The server''s clock, not the client''s';

-- case: of a view
comment on view public.pattern_effectiveness is 'For the weekly report';

-- case: of a view's column
comment on column public.pattern_effectiveness.success_rate is 'From 0 to 1';
