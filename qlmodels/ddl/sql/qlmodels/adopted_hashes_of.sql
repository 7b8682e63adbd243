-- The hashes that documents of one's own agent type were adopted with, where no rule gives them.
create or replace function qlmodels.adopted_hashes_of(p_agent_type text)
returns table (kind text, document_hash text, hash text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(qlmodels.speaking_for(), p_agent_type) <> p_agent_type then
        return;
    end if;
    return query
    select adopted.kind::text, adopted.document_hash::text, adopted.hash::text
      from qlmodels_private.adopted_hashes as adopted
     where adopted.agent_type = p_agent_type;
end $$;
