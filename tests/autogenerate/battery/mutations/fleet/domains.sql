-- case: another check
alter domain qlmodels.rate drop constraint rate_check;
alter domain qlmodels.rate add constraint rate_check check (value between 0 and 2);

-- case: no check
alter domain qlmodels.finite drop constraint finite_check;

-- case: one check more
alter domain qlmodels.count add constraint count_limit check (value < 1000000);

-- case: its check has another name
alter domain qlmodels.count rename constraint count_check to counted;

-- case: default
alter domain qlmodels.rate set default 0.5;

-- case: another base type
drop view public.agent_performance_summary;
alter table public.q_values alter column visit_count type integer;
drop domain qlmodels.count cascade;
create domain qlmodels.count as bigint constraint count_check check (value >= 0);
alter table public.q_values alter column visit_count type qlmodels.count;

-- case: a column is of its base type
alter table public.q_values alter column td_error type double precision;

-- case: a column is of another domain
alter table public.q_values alter column uncertainty type qlmodels.finite;

-- case: another column is of a domain
alter table public.agent_types alter column retention_days type qlmodels.count;

-- case: dropped
drop view public.agent_performance_summary;
alter table public.q_values alter column visit_count type integer;
drop domain qlmodels.count cascade;

-- case: renamed
alter domain qlmodels.rate rename to share;

-- case: moved
alter domain qlmodels.rate set schema public;

-- case: nobody else may use it
revoke usage on domain qlmodels.rate from public;

-- case: comment
comment on domain qlmodels.rate is 'Between nothing and all';

-- case: appears
create domain qlmodels.moment as timestamptz check (value > '2000-01-01');
