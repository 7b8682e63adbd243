-- Remove entries of the audit log that are older than `p_older_than`, 30 days at least, and record
-- that it was done. Only the log's owner may: the trigger that keeps the log is lifted meanwhile,
-- which makes changes that are to be logged wait.
create or replace function qlmodels_private.prune_audit_log(p_older_than interval) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_removed bigint;
begin
    if p_older_than is null or p_older_than < interval '30 days' then
        raise invalid_parameter_value using
            message = format('entries of the last %L are kept', coalesce(p_older_than, '0 days')),
            hint = 'The log keeps what is younger than 30 days: give a longer interval.';
    end if;
    alter table qlmodels_private.audit_log disable trigger keep_log;
    delete from qlmodels_private.audit_log where changed_at < now() - p_older_than;
    get diagnostics v_removed = row_count;
    alter table qlmodels_private.audit_log enable trigger keep_log;
    insert into qlmodels_private.audit_log (
        changed_at, transaction_id, login, note, table_name, operation
    ) values (
        clock_timestamp(),
        pg_current_xact_id()::text::bigint,
        session_user,
        format('removed %s entries older than %s', v_removed, p_older_than),
        'qlmodels_private.audit_log',
        'prune'
    );
    return v_removed;
end $$;
