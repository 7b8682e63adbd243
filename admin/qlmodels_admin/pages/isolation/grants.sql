-- What a role is granted on a table in public, command by command: all of it, or some columns; and
-- whether row-level security binds the role there.
select command.name as command,
       pg_catalog.has_table_privilege(asked.oid, class.oid, command.name) as is_whole,
       case when command.name in ('SELECT', 'INSERT', 'UPDATE') then array(
           select attribute.attname::text
             from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = class.oid and attribute.attnum > 0
              and not attribute.attisdropped
              and pg_catalog.has_column_privilege(
                      asked.oid, class.oid, attribute.attnum, command.name
                  )
            order by attribute.attnum
       ) else '{}' end as columns,
       not class.relrowsecurity or asked.rolsuper or asked.rolbypassrls
           or (not class.relforcerowsecurity
               and pg_catalog.pg_has_role(asked.oid, class.relowner, 'usage')) as is_exempt
  from pg_catalog.pg_class as class
  join pg_catalog.pg_roles as asked on asked.rolname = :role
 cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE'])
       with ordinality as command (name, place)
 where class.relnamespace = 'public'::regnamespace and class.relname = :table_name
 order by command.place
