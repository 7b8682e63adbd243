delete from qlmodels_private.policy_versions
 where agent_type = any ($1::text[])
