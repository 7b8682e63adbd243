-- $1: names of the declared indexes.
select format('index %I is missing', wanted.name) as what,
       'pg_class does not list it' as evidence,
       'qlmodels repair' as fix
  from unnest($1::text[]) as wanted (name)
 where not exists (
     select from pg_catalog.pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('i', 'I') and relname = wanted.name
 )
 order by wanted.name
