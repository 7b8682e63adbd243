-- See as the agent does until the transaction ends, by the orchestrators' role.
select set_config('row_security', 'on', true), set_config('role', 'qlmodels_fleet', true),
       qlmodels.act_as(:agent_type)
