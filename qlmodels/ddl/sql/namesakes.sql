-- Tables, views and the like in schema public that are called as one of $1.
select case class.relkind when 'v' then 'view' when 'm' then 'materialized view'
            when 'f' then 'foreign table' else 'table' end as kind,
       pg_catalog.format('public.%I', class.relname) as name
  from pg_catalog.pg_class as class
 where class.relnamespace = 'public'::regnamespace
   and class.relkind in ('r', 'p', 'v', 'm', 'f')
   and class.relname = any ($1::text[])
 order by class.relname
