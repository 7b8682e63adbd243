-- Each of the logins in qlmodels.logins, a JSON array.
do $$
declare
    v_login record;
begin
    for v_login in
        select *
          from json_to_recordset(current_setting('qlmodels.logins')::json)
               as given (name text)
    loop
        -- only who has a role may end its sessions
        execute format('grant %I to current_user', v_login.name);
        perform pg_terminate_backend(pid, 5000)
           from pg_stat_activity
          where usename = v_login.name;
        execute format('drop role %I', v_login.name);
    end loop;
end $$;
