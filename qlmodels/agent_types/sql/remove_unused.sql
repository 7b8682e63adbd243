-- Only what nothing refers to goes; $1: names.
delete from public.agent_types as kind
 where kind.agent_type = any ($1::text[])
   and not exists (select from public.sessions as it where it.agent_type = kind.agent_type)
   and not exists (select from public.q_values as it where it.agent_type = kind.agent_type)
   and not exists (select from public.trajectories as it where it.agent_type = kind.agent_type)
   and not exists (select from public.rewards as it where it.agent_type = kind.agent_type)
   and not exists (select from public.patterns as it where it.agent_type = kind.agent_type)
   and not exists (select from public.agent_states as it where it.agent_type = kind.agent_type)
   and not exists (
       select from qlmodels_private.policy_versions as it where it.agent_type = kind.agent_type
   )
   and not exists (
       select from qlmodels_private.fleet_grants as it where it.agent_type = kind.agent_type
   )
returning kind.agent_type
