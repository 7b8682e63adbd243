-- What gives the values of agent type $1 their meaning, now or in its version $2, and how it hashes.
select coalesce(version.settings, qlmodels_private.policy_settings(kind.agent_type))::text as settings,
       kind.hashing,
       version.reason
  from public.agent_types as kind
  left join qlmodels_private.policy_versions as version
    on version.agent_type = kind.agent_type and version.policy_version = $2::integer
 where kind.agent_type = $1
