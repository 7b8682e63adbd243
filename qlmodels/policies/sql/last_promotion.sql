-- The versions of agent type $1 that were kept before and after its last promotion.
select min(version.policy_version) as before, max(version.policy_version) as after
  from qlmodels_private.policy_versions as version
 where version.agent_type = $1 and version.reason = 'promote'
 group by version.kept_at
 order by version.kept_at desc
 limit 1
