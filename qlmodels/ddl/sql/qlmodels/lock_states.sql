-- Lock states until the end of the transaction: steps that write some of one agent type and read others
-- are serial where they meet. States share 64 locks an agent type, for a server has room for
-- thousands; they are taken in order, so that two steps never deadlock.
create or replace function qlmodels.lock_states(
    p_agent_type text, p_written text[], p_read text[]
) returns void
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_agent integer := hashtext(p_agent_type);
    v_state record;
begin
    for v_state in
        select hashtext(state.hash) & 63 as key, bool_or(state.is_written) as is_written
          from (
               select unnest(p_written), true
                union all
               select unnest(p_read), false
          ) as state (hash, is_written)
         where state.hash is not null
         group by 1
         order by 1
    loop
        if v_state.is_written then
            perform pg_advisory_xact_lock(v_agent, v_state.key);
        else
            perform pg_advisory_xact_lock_shared(v_agent, v_state.key);
        end if;
    end loop;
end $$;
