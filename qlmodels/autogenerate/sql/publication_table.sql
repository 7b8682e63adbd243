select
    'pg_catalog.pg_publication_rel'::regclass::oid as class_,
    member.oid as object,
    0 as part,
    'publication table' as kind,
    format('%s in %I', said.table_, publication.pubname) as name,
    'publication' as of_kind,
    quote_ident(publication.pubname) as of_name,
    json_strip_nulls(json_build_object(
        'table', said.table_, 'columns', said.sorted, 'where', said.where_
    ))::text as properties,
    json_build_object(
        'create', format('alter publication %I add table ', publication.pubname) || concat_ws(' ',
            said.table_, '(' || said.columns || ')', 'where (' || said.where_ || ')'),
        'drop', format('alter publication %I drop table %s', publication.pubname, said.table_)
    )::text as sql
from pg_catalog.pg_publication_rel as member
join pg_catalog.pg_publication as publication on publication.oid = member.prpubid
join pg_catalog.pg_class as relation on relation.oid = member.prrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
cross join lateral (
    select
        format('%I.%I', namespace.nspname, relation.relname) as table_,
        (select string_agg(quote_ident(attribute.attname), ', ' order by attribute.attnum)
         from pg_catalog.pg_attribute as attribute
         where attribute.attrelid = member.prrelid
           and attribute.attnum = any (member.prattrs)) as columns,
        (select string_agg(quote_ident(attribute.attname), ', ' order by attribute.attname)
         from pg_catalog.pg_attribute as attribute
         where attribute.attrelid = member.prrelid
           and attribute.attnum = any (member.prattrs)) as sorted,
        pg_catalog.pg_get_expr(member.prqual, member.prrelid) as where_
) as said
