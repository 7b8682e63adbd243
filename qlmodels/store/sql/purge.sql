select agent_type, deleted, policy_version from qlmodels.purge($1, $2)
