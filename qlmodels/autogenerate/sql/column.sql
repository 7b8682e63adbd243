with sequences as (
    select
        depend.refobjid,
        depend.refobjsubid,
        format('%I.%I', namespace.nspname, relation.relname) as name,
        relation.relname,
        relation.relpersistence,
        array['start with ' || seqstart, 'increment by ' || seqincrement, 'minvalue ' || seqmin,
              'maxvalue ' || seqmax, 'cache ' || seqcache,
              case when seqcycle then 'cycle' else 'no cycle' end] as options,
        array['start with 1', 'increment by 1', 'minvalue 1', 'maxvalue ' || case seqtypid
                  when 'smallint'::regtype then 32767 when 'integer'::regtype then 2147483647
                  else 9223372036854775807 end,
              'cache 1', 'no cycle'] as usual
    from pg_catalog.pg_depend as depend
    join pg_catalog.pg_class as relation on relation.oid = depend.objid
    join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    join pg_catalog.pg_sequence as sequence on sequence.seqrelid = depend.objid
    where depend.classid = 'pg_catalog.pg_class'::regclass
      and depend.refclassid = 'pg_catalog.pg_class'::regclass
      and depend.deptype = 'i'
)
select
    'pg_catalog.pg_class'::regclass::oid as class_,
    relation.oid as object,
    attribute.attnum::int as part,
    'column' as kind,
    said.table_ || '.' || said.name as name,
    'table' as of_kind,
    said.table_ as of_name,
    json_strip_nulls(json_build_object(
        'type', said.type,
        'collation', said.collation,
        'not null', nullif(said.not_null, false),
        -- one that Postgres chose keeps the column's former name
        'not null name', case when not_null.conname !~ '_not_null\d*$' then not_null.conname end,
        'not null state', said.not_null_state,
        'generated', case when attribute.attgenerated <> '' then said.expression end,
        'generated how', said.generated,
        'identity', said.identity,
        'sequence', sequences.options,
        'sequence kept', case when sequences.relpersistence <> relation.relpersistence
                              then said.sequence_kept end,
        'sequence name', sequences.name,
        'storage', case when attribute.attstorage <> type.typstorage then said.storage end,
        'compression', said.compression,
        'statistics', nullif(said.statistics, -1),
        'options', (select json_object_agg(option_name, option_value order by position)
                    from pg_catalog.pg_options_to_table(attribute.attoptions)
                        with ordinality as option(option_name, option_value, position)
                    where current_setting('qlmodels.options')::jsonb -> 'column' ? option_name)
    ))::text as properties,
    json_build_object(
        'name', said.name,
        'inherited', attribute.attinhcount > 0,
        'definition', concat_ws(' ',
            said.name, said.type, 'collate ' || said.collation, 'compression ' || said.compression,
            case when attribute.attgenerated <> '' then
                format('generated always as (%s) %s', said.expression, said.generated) end,
            written.identity),
        'not null', case when said.not_null and said.not_null_state is null then
            case when not_null.conname <> said.usual_name
                 then format('constraint %I not null', not_null.conname) else 'not null' end end,
        'not null name', quote_ident(coalesce(not_null.conname, said.usual_name)),
        'add identity', said.head || ' add ' || written.identity,
        'alter', json_build_object(
            'generated', case when attribute.attgenerated = ''
                              then said.head || ' drop expression' end,
            'type', case when attribute.attgenerated = '' then written.type end,
            'collation', written.type,
            'not null', case
                when not said.not_null then said.head || ' drop not null'
                when said.not_null_state is null and coalesce(not_null.conname = said.usual_name, true)
                    then said.head || ' set not null'
                else concat_ws(' ', format('alter table %s add constraint %I not null %s',
                    said.table_, coalesce(not_null.conname, said.usual_name), said.name),
                    said.not_null_state) end,
            'identity', case when said.identity is null then said.head || ' drop identity'
                             else said.head || ' set generated ' || said.identity end,
            'sequence', json_build_object('changed', 'alter sequence ' || sequences.name),
            'sequence kept', format('alter sequence %s set %s', sequences.name, said.sequence_kept),
            'storage', said.head || ' set storage ' || said.storage,
            'compression', said.head || ' set compression ' || coalesce(said.compression, 'default'),
            'statistics', said.head || ' set statistics ' || said.statistics,
            'options', json_build_object('options', said.head))
    )::text as sql
from pg_catalog.pg_attribute as attribute
join pg_catalog.pg_class as relation on relation.oid = attribute.attrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
join pg_catalog.pg_type as type on type.oid = attribute.atttypid
left join pg_catalog.pg_attrdef as default_
    on default_.adrelid = attribute.attrelid and default_.adnum = attribute.attnum
left join pg_catalog.pg_constraint as not_null
    on not_null.conrelid = attribute.attrelid
   and not_null.contype = 'n'
   and not_null.conkey = array[attribute.attnum]
left join sequences
    on sequences.refobjid = attribute.attrelid and sequences.refobjsubid = attribute.attnum
cross join lateral (
    select
        table_,
        quote_ident(attribute.attname) as name,
        format('alter table %s alter column %I', table_, attribute.attname) as head,
        pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as type,
        case when attribute.attcollation <> type.typcollation
             then attribute.attcollation::regcollation::text end as collation,
        attribute.attnotnull or not_null.oid is not null as not_null,
        relation.relname || '_' || attribute.attname || '_not_null' as usual_name,
        nullif(concat_ws(' ',
            case when not_null.connoinherit then 'no inherit' end,
            case when not not_null.convalidated then 'not valid' end), '') as not_null_state,
        pg_catalog.pg_get_expr(default_.adbin, default_.adrelid) as expression,
        case attribute.attgenerated when 's' then 'stored' when 'v' then 'virtual' end as generated,
        case attribute.attidentity when 'a' then 'always' when 'd' then 'by default' end as identity,
        case sequences.relpersistence when 'u' then 'unlogged' else 'logged' end as sequence_kept,
        case attribute.attstorage when 'p' then 'plain' when 'e' then 'external'
            when 'x' then 'extended' when 'm' then 'main' end as storage,
        case attribute.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end as compression,
        coalesce(attribute.attstattarget, -1) as statistics
    from format('%I.%I', namespace.nspname, relation.relname) as table_
) as said
cross join lateral (
    select
        concat_ws(' ', said.head, 'type', said.type, 'collate ' || said.collation) as type,
        'generated ' || said.identity || ' as identity' || coalesce(
            ' (' || nullif(concat_ws(' ',
                case when sequences.relname <> relation.relname || '_' || attribute.attname || '_seq'
                     then 'sequence name ' || sequences.name end,
                -- START follows the bounds unless it is said
                case when sequences.options <> sequences.usual then (
                    select string_agg(option, ' ' order by position)
                    from unnest(sequences.options) with ordinality as every(option, position)
                    where position = 1 or option <> all (sequences.usual)) end), '') || ')',
            '') as identity
) as written
where relation.relkind in ('r', 'p')
  and attribute.attnum > 0
  and not attribute.attisdropped
  and attribute.attislocal
  and not relation.relispartition
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
order by relation.oid, attribute.attnum
