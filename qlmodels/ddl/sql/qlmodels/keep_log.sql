-- The audit log is written to its end and nowhere else, by its owner too.
create or replace function qlmodels.keep_log() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise insufficient_privilege using
        message = format('%s of the audit log is refused: it is append-only', lower(tg_op)),
        hint = 'Its owner removes what is old by select qlmodels_private.prune_audit_log(interval ''2 years'').';
end $$;
