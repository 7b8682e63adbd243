-- Agents hold no DELETE on any table, which also keeps them from locking one: this is how they
-- delete rows of their own. Ids that are not there, or are another agent's, are passed over.
create or replace function qlmodels.delete_rows(p_table text, p_ids text[]) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_agent_type text := qlmodels.speaking_for();
    v_deleted bigint;
begin
    if v_agent_type is null then
        raise insufficient_privilege using
            message = format('login %I sees every row, so an id does not say whose it would delete', session_user),
            hint = 'Delete from the table itself.';
    end if;

    case p_table
    when 'sessions' then
        delete from public.sessions as doomed
         where doomed.agent_type = v_agent_type
           and doomed.session_id = any (p_ids::uuid[]);
    when 'q_values' then
        delete from public.q_values as doomed
         where doomed.agent_type = v_agent_type
           and doomed.q_value_id = any (p_ids::bigint[]);
    when 'trajectories' then
        delete from public.trajectories as doomed
         where doomed.agent_type = v_agent_type
           and doomed.trajectory_id = any (p_ids::uuid[]);
    when 'rewards' then
        delete from public.rewards as doomed
         where doomed.agent_type = v_agent_type
           and doomed.reward_id = any (p_ids::bigint[]);
    when 'patterns' then
        delete from public.patterns as doomed
         where doomed.agent_type = v_agent_type
           and doomed.pattern_id = any (p_ids::uuid[]);
    when 'agent_states' then
        delete from public.agent_states as doomed
         where doomed.agent_type = v_agent_type
           and doomed.state_id = any (p_ids::uuid[]);
    else
        raise invalid_parameter_value using
            message = format('an agent cannot delete from table %L', p_table),
            hint = 'It is one of sessions, q_values, trajectories, rewards, patterns, agent_states.';
    end case;
    get diagnostics v_deleted = row_count;
    return v_deleted;
end $$;
