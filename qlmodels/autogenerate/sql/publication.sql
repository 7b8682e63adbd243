select
    'pg_catalog.pg_publication'::regclass::oid as class_,
    publication.oid as object,
    0 as part,
    'publication' as kind,
    quote_ident(publication.pubname) as name,
    null as of_kind,
    null as of_name,
    json_strip_nulls(json_build_object(
        'publish', concat_ws(', ',
            case when publication.pubinsert then 'insert' end,
            case when publication.pubupdate then 'update' end,
            case when publication.pubdelete then 'delete' end,
            case when publication.pubtruncate then 'truncate' end),
        'via root', nullif(publication.pubviaroot, false),
        'all tables', nullif(publication.puballtables, false),
        'generated columns', nullif(to_jsonb(publication) ->> 'pubgencols', 'n'),
        'schemas', (
            select json_agg(quote_ident(namespace.nspname) order by namespace.nspname)
            from pg_catalog.pg_publication_namespace as member
            join pg_catalog.pg_namespace as namespace on namespace.oid = member.pnnspid
            where member.pnpubid = publication.oid)
    ))::text as properties
from pg_catalog.pg_publication as publication
