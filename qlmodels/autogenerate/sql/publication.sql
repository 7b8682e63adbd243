select
    'pg_catalog.pg_publication'::regclass::oid as class_,
    publication.oid as object,
    0 as part,
    'publication' as kind,
    quote_ident(publication.pubname) as name,
    null as of_kind,
    null as of_name,
    json_strip_nulls(json_build_object(
        'publish', said.publish,
        'via root', nullif(publication.pubviaroot, false),
        'all tables', nullif(publication.puballtables, false),
        'generated columns', nullif(said.generated, 'n'),
        'schemas', said.schemas
    ))::text as properties,
    json_build_object(
        'create', format('create publication %I', publication.pubname)
            || case when publication.puballtables then ' for all tables' else '' end
            || coalesce(' for tables in schema ' || said.schemas, '') || ' with (' || concat_ws(
                ', ', options, case said.generated when 's' then said.generating end) || ')',
        'drop', format('drop publication %I', publication.pubname),
        'alter', json_build_object(
            'publish', alter || '(' || options || ')',
            'via root', format('%s(publish_via_partition_root = %s)', alter, publication.pubviaroot::text),
            'generated columns', alter || '(' || said.generating || ')')
    )::text as sql
from pg_catalog.pg_publication as publication
cross join lateral (
    select
        concat_ws(', ',
            case when publication.pubinsert then 'insert' end,
            case when publication.pubupdate then 'update' end,
            case when publication.pubdelete then 'delete' end,
            case when publication.pubtruncate then 'truncate' end) as publish,
        to_jsonb(publication) ->> 'pubgencols' as generated,
        'publish_generated_columns = ' || case to_jsonb(publication) ->> 'pubgencols'
            when 's' then 'stored' else 'none' end as generating,
        (select string_agg(quote_ident(namespace.nspname), ', ' order by namespace.nspname)
         from pg_catalog.pg_publication_namespace as member
         join pg_catalog.pg_namespace as namespace on namespace.oid = member.pnnspid
         where member.pnpubid = publication.oid) as schemas
) as said
cross join lateral concat_ws(', ', format('publish = %L', said.publish),
    case when publication.pubviaroot then 'publish_via_partition_root = true' end) as options
cross join lateral format('alter publication %I set ', publication.pubname) as alter
