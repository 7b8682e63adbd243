-- The kept versions of an agent type, the newest first.
select version.policy_version, version.kept_at, version.reason, version.login, version.panel_user,
       version.note, version.states, version.pairs, version.visits
  from qlmodels_private.policy_versions as version
 where version.agent_type = $1
   and ($2::integer is null or version.policy_version = $2::integer)
 order by version.policy_version desc
