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
        execute format('alter role %I nologin', v_login.name);
    end loop;
end $$;
