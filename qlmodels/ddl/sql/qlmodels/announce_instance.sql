-- Tell the panels that listen of which instance there is news, a row of agent_states or of sessions.
-- Nobody else may know their channels: any login may listen to any, and what other agents do is none
-- of an agent's business.
create or replace function qlmodels.announce_instance() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_who text := case
        when tg_op = 'DELETE' then jsonb_build_array(old.agent_type, old.agent_instance_id)
        else jsonb_build_array(new.agent_type, new.agent_instance_id)
    end;
begin
    perform pg_notify(watcher.channel, v_who)
       from qlmodels_admin.watchers as watcher
      where watcher.expires_at > now();
    return null;
end $$;
