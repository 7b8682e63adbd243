-- Two logins that ours knows nothing of: the baseline's owner, and one whom RLS lets pass.
do $$
declare
    v_login text;
begin
    foreach v_login in array array['bench_baseline', 'bench_unguarded'] loop
        if not exists (select from pg_roles where rolname = v_login) then
            execute format('create role %I', v_login);
        end if;
        execute format(
            'alter role %I login password %L', v_login, current_setting('qlmodels.verifier')
        );
    end loop;
    alter role bench_unguarded bypassrls;
end $$;
