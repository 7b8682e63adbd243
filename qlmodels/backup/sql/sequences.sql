-- The last number of each identity column of the tables $1.$2; null where none was given yet.
select wanted.schema,
       wanted.name,
       attribute.attname::text as column,
       pg_catalog.pg_sequence_last_value(
           pg_catalog.pg_get_serial_sequence(
               pg_catalog.format('%I.%I', wanted.schema, wanted.name), attribute.attname
           )::regclass
       ) as last
  from unnest($1::text[], $2::text[]) as wanted (schema, name)
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = pg_catalog.format('%I.%I', wanted.schema, wanted.name)::regclass
 where attribute.attidentity <> ''
   and not attribute.attisdropped
