select format('extension %I is missing', wanted.name) as what,
       'pg_extension does not list it' as evidence,
       format('create extension %I with schema extensions;', wanted.name) as fix
  from (values ('btree_gin'), ('pg_trgm')) as wanted (name)
 where not exists (select from pg_catalog.pg_extension where extname = wanted.name)
