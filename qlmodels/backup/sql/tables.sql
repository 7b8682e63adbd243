-- The tables of ours, at any revision; $1: those in schema public. What each upgrade writes anew by
-- itself, its version and its facts, is no row of anybody's.
select schema.nspname::text as schema,
       relation.relname::text as name,
       relation.relforcerowsecurity as forces_row_security,
       array(
           select attribute.attname::text
             from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = relation.oid
              and attribute.attnum > 0
              and not attribute.attisdropped
              and attribute.attgenerated = ''
            order by attribute.attnum
       ) as columns,
       array(
           select target_schema.nspname || '.' || target.relname
             from pg_catalog.pg_constraint as key
             join pg_catalog.pg_class as target on target.oid = key.confrelid
             join pg_catalog.pg_namespace as target_schema
               on target_schema.oid = target.relnamespace
            where key.conrelid = relation.oid
              and key.contype = 'f'
              and key.confrelid <> key.conrelid
       ) as refers_to
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
 where relation.relkind in ('r', 'p')
   and not relation.relispartition
   and (
       schema.nspname in ('qlmodels', 'qlmodels_private', 'qlmodels_admin')
       or (schema.nspname = 'public' and relation.relname = any ($1::text[]))
   )
   and (schema.nspname, relation.relname) not in (
       ('qlmodels_private', 'alembic_version'), ('qlmodels_private', 'declared_facts')
   )
 order by schema, name
