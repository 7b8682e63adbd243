-- Nobody writes from here on, and no policy hides a row from us.
set local statement_timeout = 0;
set local idle_in_transaction_session_timeout = 0;
set local lock_timeout = '30s';
lock table
    public.agent_types, public.sessions, public.q_values, public.trajectories, public.rewards,
    public.patterns, public.agent_states
    in access exclusive mode;
set local lock_timeout = 0
