-- Those of these tables that row-level security does not guard, even from their owner.
select class.relname::text as name, class.relrowsecurity as is_enabled
  from pg_catalog.pg_class as class
 where class.relnamespace = 'public'::regnamespace
   and class.relname = any (cast(:tables as text[]))
   and not (class.relrowsecurity and class.relforcerowsecurity)
 order by class.relname
