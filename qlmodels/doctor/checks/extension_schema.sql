select format('extension %I lies in schema public', extension.extname) as what,
       'pg_extension says so' as evidence,
       format('alter extension %I set schema extensions;', extension.extname) as fix
  from pg_catalog.pg_extension as extension
 where extension.extname in ('btree_gin', 'pg_trgm', 'uuid-ossp', 'pg_stat_statements')
   and extension.extnamespace = 'public'::regnamespace
   and extension.extrelocatable
   and pg_catalog.pg_has_role(current_user, extension.extowner, 'usage')
 order by extension.extname
