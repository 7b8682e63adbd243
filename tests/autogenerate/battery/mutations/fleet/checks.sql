-- case: another expression under its name
alter table public.q_values drop constraint ck_q_values_visit_count;
alter table public.q_values add constraint ck_q_values_visit_count check (visit_count >= -1);

-- case: another list of words under its name
alter table public.sessions drop constraint ck_sessions_status;
alter table public.sessions add constraint ck_sessions_status check (status in ('active', 'failed'));

-- case: dropped
alter table public.q_values drop constraint ck_q_values_q_value;

-- case: appears
alter table public.rewards add constraint ck_rewards_source check (reward_source <> '');

-- case: not valid
alter table public.q_values drop constraint ck_q_values_visit_count;
alter table public.q_values add constraint ck_q_values_visit_count check (visit_count >= 0) not valid;

-- case: not inherited
alter table public.q_values drop constraint ck_q_values_visit_count;
alter table public.q_values add constraint ck_q_values_visit_count check (visit_count >= 0) no inherit;

-- case: not enforced
-- from: 18
alter table public.q_values drop constraint ck_q_values_visit_count;
alter table public.q_values add constraint ck_q_values_visit_count check (visit_count >= 0) not enforced;

-- case: renamed
alter table public.q_values rename constraint ck_q_values_visit_count to visits;

-- case: not null under a name of its own
-- from: 18
alter table public.sessions rename constraint sessions_status_not_null to status_needed;
