-- case: another expression
alter table public.agent_states drop column success_rate;
alter table public.agent_states add column success_rate double precision
    generated always as (successful_tasks::double precision / (total_tasks + 1)) stored;

-- case: another expression in its place
-- from: 17
alter table public.agent_states alter column success_rate
    set expression as (successful_tasks::double precision / (total_tasks + 1));

-- case: a plain column
alter table public.agent_states alter column success_rate drop expression;

-- case: computed when it is read
-- from: 18
alter table public.agent_states drop column success_rate;
alter table public.agent_states add column success_rate double precision
    generated always as (successful_tasks::double precision / (total_tasks + 1)) virtual;
