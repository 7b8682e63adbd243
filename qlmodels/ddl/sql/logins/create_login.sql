do $$
declare
    v_login text := current_setting('qlmodels.login');
    v_group text := current_setting('qlmodels.group');
begin
    execute format(
        'create role %I login inherit connection limit %s password %L valid until %L in role %I',
        v_login,
        current_setting('qlmodels.limit')::integer,
        current_setting('qlmodels.verifier'),
        current_setting('qlmodels.valid_until'),
        v_group
    );
    execute format(  -- roles are the server's: other databases of it leave this one alone
        'comment on role %I is %L',
        v_login,
        'Login of qlmodels in database ' || current_database()
    );
    if v_group = 'qlmodels_panel' then  -- so that it can look through an agent's eyes
        execute format(
            'grant qlmodels_fleet to %I %s',
            v_login,
            case when current_setting('server_version_num')::integer >= 160000
                 then 'with inherit false' end
        );
    end if;
end $$;
