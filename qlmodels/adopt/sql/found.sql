-- Every column of a table in public that is named like one of the original's.
select class.relname as table_name,
       attribute.attname as column_name,
       pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as type,
       exists (
           select from pg_catalog.pg_constraint as key
            where key.conrelid = class.oid
              and key.contype = 'p'
              and key.conkey = array[attribute.attnum]
       ) as is_key,
       pg_catalog.pg_has_role(class.relowner, 'usage') as is_own,
       class.relowner::pg_catalog.regrole::text as owner
  from pg_catalog.pg_class as class
  join pg_catalog.pg_attribute as attribute on attribute.attrelid = class.oid
 where class.relnamespace = 'public'::pg_catalog.regnamespace
   and class.relname = any ($1)
   and class.relkind = 'r'
   and attribute.attnum > 0
   and not attribute.attisdropped
 order by class.relname, attribute.attnum
