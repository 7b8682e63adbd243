-- The login that owns the product's database and migrates it; the verifier comes as a setting
-- of the transaction, since a role statement takes no parameters.
do $owner$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'qlmodels_owner') then
        create role qlmodels_owner;
    end if;
    execute pg_catalog.format(
        'alter role qlmodels_owner
            login createrole createdb nosuperuser nobypassrls noreplication password %L',
        pg_catalog.current_setting('qlmodels.verifier')
    );
end
$owner$;
