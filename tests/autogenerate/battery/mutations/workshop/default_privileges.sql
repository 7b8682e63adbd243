-- case: revoked
alter default privileges in schema workshop revoke select on tables from workshop_reader;

-- case: more of them
alter default privileges in schema workshop grant insert, update on tables to workshop_writer;

-- case: to be passed on
alter default privileges in schema workshop grant select on tables to workshop_reader with grant option;

-- case: back to what Postgres does
alter default privileges grant execute on functions to public;

-- case: of types
alter default privileges revoke usage on types from public;

-- case: of schemas
alter default privileges grant usage on schemas to workshop_reader;
