-- case: who may see
alter policy qlmodels_agent_access on public.q_values using (true);

-- case: what may be written
alter policy qlmodels_agent_access on public.q_values with check (true);

-- case: roles
alter policy qlmodels_panel_access on public.q_values to qlmodels_panel, qlmodels_agent;

-- case: everybody
alter policy analytics_role_access on public.q_values to public;

-- case: command
drop policy service_role_access on public.q_values;
create policy service_role_access on public.q_values for select to service_role using (true);

-- case: restrictive
drop policy service_role_access on public.q_values;
create policy service_role_access on public.q_values as restrictive to service_role
    using (true) with check (true);

-- case: without its check
drop policy qlmodels_agent_access on public.sessions;
create policy qlmodels_agent_access on public.sessions to qlmodels_agent
    using (agent_type = (select case when session_user like 'ql\_%'
                                then substr(session_user::text, 4) collate "default" end));

-- case: dropped
drop policy qlmodels_agent_access on public.rewards;

-- case: appears
create policy everybody on public.q_values to public using (true) with check (true);

-- case: renamed
alter policy qlmodels_agent_access on public.q_values rename to agents;
