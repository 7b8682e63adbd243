-- Only a superuser may create this extension; its own schema leaves `extensions` to the migrations.
do $statistics$
begin
    if 'pg_stat_statements' = any (
        pg_catalog.string_to_array(
            pg_catalog.replace(pg_catalog.current_setting('shared_preload_libraries'), ' ', ''), ','
        )
    ) then
        create schema if not exists monitoring;
        grant usage on schema monitoring to public;
        create extension if not exists pg_stat_statements with schema monitoring;
    end if;
end
$statistics$;
