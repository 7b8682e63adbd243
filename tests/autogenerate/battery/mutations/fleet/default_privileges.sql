-- case: of a schema
alter default privileges in schema public grant select on tables to qlmodels_agent;

-- case: of all schemas
alter default privileges grant all on sequences to public;

-- case: of functions
alter default privileges in schema qlmodels revoke execute on functions from qlmodels_definer;
alter default privileges in schema qlmodels grant execute on functions to qlmodels_agent;
