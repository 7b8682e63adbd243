-- How many trajectories an agent type has, for who speaks for it, by the power of two that is their priority's ceiling, and
-- the sum of their priorities: exact for buckets of less than p_enough, else judged by as many
-- of them, taken by sample_key, which is random.
create or replace function qlmodels.priority_buckets(p_agent_type text, p_enough integer default 1000)
returns table (bucket double precision, trajectories double precision, priorities double precision)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set row_security = on
set enable_bitmapscan = off
set enable_seqscan = off
as $$
declare
    v_speaker text := qlmodels.speaking_for();
    v_found bigint;
    v_reach double precision;
begin
    if v_speaker <> p_agent_type then
        return;
    end if;
    loop
        select ceil(ln(one.priority) / ln(2::double precision))
          into bucket
          from public.trajectories as one
         where one.agent_type = p_agent_type
           and (bucket is null or ceil(ln(one.priority) / ln(2::double precision)) > bucket)
         order by ceil(ln(one.priority) / ln(2::double precision))
         limit 1;
        exit when not found;

        select count(*), max(part.sample_key), sum(part.priority)
          into v_found, v_reach, priorities
          from (
               select one.sample_key, one.priority
                 from public.trajectories as one
                where one.agent_type = p_agent_type
                  and ceil(ln(one.priority) / ln(2::double precision)) = bucket
                order by one.sample_key
                limit p_enough
          ) as part;
        trajectories := v_found;
        if v_found = p_enough and v_reach > 0 then
            trajectories := (v_found - 1) / v_reach;
            priorities := priorities / v_found * trajectories;
        end if;
        return next;
    end loop;
end $$;
