-- case: dropped
alter table public.rewards drop constraint rewards_pkey;

-- case: other columns
alter table public.rewards drop constraint rewards_pkey;
alter table public.rewards add primary key (reward_id);

-- case: renamed
alter table public.rewards rename constraint rewards_pkey to pk_rewards;

-- case: columns beside the key
alter table public.rewards drop constraint rewards_pkey;
alter table public.rewards add primary key (agent_type, reward_id) include (reward_value);

-- case: storage of its index
alter index public.rewards_pkey set (fillfactor = 70);

-- case: a table without key gets one
-- from: 18
alter table qlmodels_admin.users drop constraint users_pkey cascade;
alter table qlmodels_admin.users add primary key (role, name);
