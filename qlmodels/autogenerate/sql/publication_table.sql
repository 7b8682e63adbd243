select
    'pg_catalog.pg_publication_rel'::regclass::oid as class_,
    member.oid as object,
    0 as part,
    'publication table' as kind,
    format('%I.%I in %I', namespace.nspname, relation.relname, publication.pubname) as name,
    'publication' as of_kind,
    quote_ident(publication.pubname) as of_name,
    json_strip_nulls(json_build_object(
        'table', format('%I.%I', namespace.nspname, relation.relname),
        'columns', (
            select json_agg(quote_ident(attribute.attname) order by attribute.attnum)
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = member.prrelid
              and attribute.attnum = any (member.prattrs)),
        'where', pg_catalog.pg_get_expr(member.prqual, member.prrelid)
    ))::text as properties
from pg_catalog.pg_publication_rel as member
join pg_catalog.pg_publication as publication on publication.oid = member.prpubid
join pg_catalog.pg_class as relation on relation.oid = member.prrelid
join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
