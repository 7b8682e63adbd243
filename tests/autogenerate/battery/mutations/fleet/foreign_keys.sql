-- case: dropped
alter table public.rewards drop constraint fk_rewards_session_id;

-- case: appears
alter table public.sessions add constraint fk_sessions_self
    foreign key (agent_type, session_id) references public.sessions;

-- case: on delete
alter table public.rewards drop constraint fk_rewards_session_id;
alter table public.rewards add constraint fk_rewards_session_id
    foreign key (agent_type, session_id) references public.sessions on delete restrict;

-- case: on update
alter table public.rewards drop constraint fk_rewards_session_id;
alter table public.rewards add constraint fk_rewards_session_id
    foreign key (agent_type, session_id) references public.sessions
    on update cascade on delete cascade;

-- case: the columns that are set to null
alter table public.q_values drop constraint fk_q_values_session_id;
alter table public.q_values add constraint fk_q_values_session_id
    foreign key (agent_type, session_id) references public.sessions on delete set null;

-- case: deferrable
alter table public.rewards alter constraint fk_rewards_session_id deferrable initially deferred;

-- case: match full
alter table public.rewards drop constraint fk_rewards_session_id;
alter table public.rewards add constraint fk_rewards_session_id
    foreign key (agent_type, session_id) references public.sessions match full on delete cascade;

-- case: not valid
alter table public.rewards drop constraint fk_rewards_session_id;
alter table public.rewards add constraint fk_rewards_session_id
    foreign key (agent_type, session_id) references public.sessions on delete cascade not valid;

-- case: not enforced
-- from: 18
alter table public.rewards alter constraint fk_rewards_session_id not enforced;

-- case: to another table
alter table public.rewards drop constraint fk_rewards_agent_type;
alter table public.rewards add constraint fk_rewards_agent_type
    foreign key (agent_type, reward_id) references public.q_values (agent_type, q_value_id);

-- case: renamed
alter table public.rewards rename constraint fk_rewards_session_id to rewards_session;
