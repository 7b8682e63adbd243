-- case: a number
alter table public.q_values alter column confidence_score set default 0.75;

-- case: a text
alter table public.sessions alter column environment set default 'production';

-- case: a document
alter table public.sessions alter column metadata set default '{"source": "hand"}';

-- case: another function
alter table public.sessions alter column start_time set default clock_timestamp();

-- case: a default is dropped
alter table public.sessions alter column session_id drop default;

-- case: a default appears
alter table public.rewards alter column reward_value set default 0;
