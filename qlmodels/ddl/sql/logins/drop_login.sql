do $$
declare
    v_login text := current_setting('qlmodels.login');
begin
    execute format('grant %I to current_user', v_login);  -- only who has a role may end its sessions
    perform pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = v_login;
    execute format('drop role %I', v_login);
end $$;
