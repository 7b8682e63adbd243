-- case: disabled
alter table public.q_values disable row level security;

-- case: not forced
alter table public.q_values no force row level security;

-- case: neither
alter table public.agent_states disable row level security, no force row level security;

-- case: enabled where it is not declared
alter table qlmodels_admin.users enable row level security;

-- case: forced where it is not declared
alter table qlmodels_private.fleet_grants enable row level security, force row level security;
