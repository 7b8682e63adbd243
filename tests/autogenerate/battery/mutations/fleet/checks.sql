-- case: another expression under its name
alter table public.rewards drop constraint ck_rewards_step;
alter table public.rewards add constraint ck_rewards_step check (step >= -1);

-- case: another list of words under its name
alter table public.sessions drop constraint ck_sessions_status;
alter table public.sessions add constraint ck_sessions_status check (status in ('active', 'failed'));

-- case: dropped
alter table public.rewards drop constraint ck_rewards_reward_value;

-- case: appears
alter table public.rewards add constraint ck_rewards_source check (reward_source <> '');

-- case: not valid
alter table public.rewards drop constraint ck_rewards_step;
alter table public.rewards add constraint ck_rewards_step check (step >= 0) not valid;

-- case: not inherited
alter table public.rewards drop constraint ck_rewards_step;
alter table public.rewards add constraint ck_rewards_step check (step >= 0) no inherit;

-- case: not enforced
-- from: 18
alter table public.rewards drop constraint ck_rewards_step;
alter table public.rewards add constraint ck_rewards_step check (step >= 0) not enforced;

-- case: renamed
alter table public.rewards rename constraint ck_rewards_step to steps;

-- case: not null under a name of its own
-- from: 18
alter table public.sessions rename constraint sessions_status_not_null to status_needed;
