-- Each of the logins in qlmodels.logins, a JSON array.
do $$
declare
    v_login record;
begin
    for v_login in
        select *
          from json_to_recordset(current_setting('qlmodels.logins')::json)
               as given (name text, "group" text, verifier text, connections integer, valid_until text)
    loop
        execute format(
            'create role %I login inherit connection limit %s password %L valid until %L in role %I',
            v_login.name,
            v_login.connections,
            v_login.verifier,
            v_login.valid_until,
            v_login."group"
        );
        execute format(  -- roles are the server's: other databases of it leave this one alone
            'comment on role %I is %L',
            v_login.name,
            'Login of qlmodels in database ' || current_database()
        );
        if v_login."group" = 'qlmodels_panel' then  -- so that it can look through an agent's eyes
            execute format(
                'grant qlmodels_fleet to %I %s',
                v_login.name,
                case when current_setting('server_version_num')::integer >= 160000
                     then 'with inherit false' end
            );
        end if;
    end loop;
end $$;
