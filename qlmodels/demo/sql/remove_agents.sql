-- Each table before those that it refers to; one snapshot serves all, and keys are checked last.
with reward as (
    delete from public.rewards where agent_type = any ($1) returning 1
), episode as (
    delete from public.trajectories where agent_type = any ($1) returning 1
), pair as (
    delete from public.q_values where agent_type = any ($1) returning 1
), pattern as (
    delete from public.patterns where agent_type = any ($1) returning 1
), instance as (
    delete from public.agent_states where agent_type = any ($1) returning 1
), run as (
    delete from public.sessions where agent_type = any ($1) returning 1
), kind as (
    delete from public.agent_types where agent_type = any ($1) returning 1
)
select (select count(*) from reward) + (select count(*) from episode)
     + (select count(*) from pair) + (select count(*) from pattern)
     + (select count(*) from instance) + (select count(*) from run)
     + (select count(*) from kind)
