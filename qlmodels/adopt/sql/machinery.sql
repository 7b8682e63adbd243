-- What judges, copies and compares rows. All of it goes with its schema before the transaction ends.

create function qlmodels_adopt.as_rate(p_value numeric, p_otherwise numeric) returns numeric
language sql immutable
return case when p_value is null or p_value = 'NaN' then p_otherwise else least(1, greatest(0, p_value)) end;

create function qlmodels_adopt.as_number(p_value numeric) returns numeric
language sql immutable
return case when p_value is null or p_value = 'NaN' then 0 else p_value end;

create function qlmodels_adopt.key(p_table text) returns text
language sql stable
begin atomic
    select attribute.attname::text
      from pg_catalog.pg_attribute as attribute
     where attribute.attrelid = format('qlmodels_adopt.%I', p_table)::regclass and attribute.attnum = 1;
end;

-- The columns that the original stored, from `p_alias`, and in the original's types if it is asked to.
create function qlmodels_adopt.columns(p_table text, p_alias text default null, p_typed boolean default false)
returns text
language sql stable
begin atomic
    select string_agg(
               coalesce(p_alias || '.', '') || quote_ident(attribute.attname)
               || case when p_typed then '::' || format_type(attribute.atttypid, attribute.atttypmod) else '' end,
               ', ' order by attribute.attnum
           )
      from pg_catalog.pg_attribute as attribute
     where attribute.attrelid = format('qlmodels_adopt.%I', p_table)::regclass
       and attribute.attnum > 0
       and not attribute.attisdropped
       and attribute.attgenerated = '';
end;

-- Write down each row that cannot be kept as it is: with what is corrected, or to be left out.
create function qlmodels_adopt.judge(p_table text) returns void
language plpgsql as $$
begin
    execute format(
        $judge$
        insert into qlmodels_private.adopt_rejects (table_name, row_key, reason, original, correction)
        select %1$L, judged.row_key, judged.reason, to_jsonb(theirs), judged.correction
          from (
              select fault.row_key,
                     string_agg(fault.reason, '; ') as reason,
                     case when bool_and(fault.column_name is not null)
                          then jsonb_object_agg(coalesce(fault.column_name, ''), fault.becomes)
                     end as correction
                from qlmodels_adopt.%2$I as fault
               group by fault.row_key
          ) as judged
          join qlmodels_adopt.%1$I as theirs on theirs.%3$I::text = judged.row_key
        $judge$,
        p_table, p_table || '_faults', qlmodels_adopt.key(p_table)
    );
end $$;

-- The rows to keep, as they will be, in a view of the original's row type.
create function qlmodels_adopt.prepare(p_table text) returns void
language plpgsql as $$
begin
    execute format(
        $view$
        create view qlmodels_adopt.%2$I as
        select %3$s
          from qlmodels_adopt.%1$I as theirs
         where not exists (
             select from qlmodels_private.adopt_rejects as reject
              where reject.table_name = %1$L and reject.row_key = theirs.%4$I::text
         )
        union all
        select %5$s
          from qlmodels_private.adopt_rejects as reject
          join qlmodels_adopt.%1$I as theirs on theirs.%4$I::text = reject.row_key
         cross join lateral jsonb_populate_record(theirs, reject.correction) as corrected
         where reject.table_name = %1$L and reject.correction is not null
        $view$,
        p_table, p_table || '_kept', qlmodels_adopt.columns(p_table, 'theirs'),
        qlmodels_adopt.key(p_table), qlmodels_adopt.columns(p_table, 'corrected')
    );
end $$;

-- Copy what is to be kept. Should our table refuse a row for a reason that nobody foresaw, the
-- rows are tried one by one, and the refusal is the reason why one is left out.
create function qlmodels_adopt.copy(p_table text) returns void
language plpgsql as $$
declare
    v_insert text := format(
        'insert into public.%I (%s) overriding system value select %s from qlmodels_adopt.%I as kept',
        p_table, qlmodels_adopt.columns(p_table), qlmodels_adopt.columns(p_table, 'kept'), p_table || '_kept'
    );
begin
    execute v_insert;
exception when integrity_constraint_violation or data_exception then
    perform qlmodels_adopt.copy_one_by_one(p_table, v_insert);
end $$;

-- The whole way of a table.
create function qlmodels_adopt.move(p_table text) returns void
language plpgsql as $$
begin
    perform qlmodels_adopt.judge(p_table);
    perform qlmodels_adopt.prepare(p_table);
    analyze qlmodels_private.adopt_rejects;
    execute format('alter table public.%I disable trigger user', p_table);  -- the audit log's
    perform qlmodels_adopt.copy(p_table);
    execute format('alter table public.%I enable trigger user', p_table);
    execute format('analyze public.%I', p_table);
end $$;

create function qlmodels_adopt.copy_one_by_one(p_table text, p_insert text) returns void
language plpgsql as $$
declare
    v_key text := qlmodels_adopt.key(p_table);
    v_insert text := p_insert || format(' where kept.%I::text = $1', v_key);
    v_left text := format(
        $left$
        select kept.%2$I::text from qlmodels_adopt.%3$I as kept
         where not exists (select from public.%1$I as ours where ours.%2$I = kept.%2$I)
        $left$,
        p_table, v_key, p_table || '_kept'
    );
    v_rows text[];
    v_row text;
    v_progress boolean := true;
begin
    while v_progress loop  -- again while it helps: a row may refer to one that comes later
        v_progress := false;
        execute 'select array(' || v_left || ')' into v_rows;
        foreach v_row in array v_rows loop
            begin
                execute v_insert using v_row;
                v_progress := true;
            exception
                when foreign_key_violation then null;
                when integrity_constraint_violation or data_exception then
                    perform qlmodels_adopt.leave_out(p_table, v_row, sqlerrm);
            end;
        end loop;
    end loop;
    execute 'select array(' || v_left || ')' into v_rows;
    foreach v_row in array v_rows loop
        perform qlmodels_adopt.leave_out(p_table, v_row, 'it refers to a row that was not kept');
    end loop;
end $$;

create function qlmodels_adopt.leave_out(p_table text, p_row text, p_reason text) returns void
language plpgsql as $$
begin
    execute format(
        $out$
        insert into qlmodels_private.adopt_rejects as known (table_name, row_key, reason, original)
        select %1$L, $1, $2, to_jsonb(theirs) from qlmodels_adopt.%1$I as theirs where theirs.%2$I::text = $1
        on conflict (table_name, row_key) do update
           set reason = known.reason || '; ' || excluded.reason, correction = null
        $out$,
        p_table, qlmodels_adopt.key(p_table)
    ) using p_row, p_reason;
end $$;

-- How many rows of the original are neither ours, column by column, nor told of; plus how many are
-- ours without having been the original's.
create function qlmodels_adopt.unaccounted(p_table text) returns bigint
language plpgsql as $$
declare
    v_missing bigint;
    v_invented bigint;
begin
    execute format(
        $missing$
        select count(*)
          from qlmodels_adopt.%1$I as theirs
          left join public.%1$I as ours on ours.%2$I = theirs.%2$I
          left join qlmodels_private.adopt_rejects as reject
            on reject.table_name = %1$L and reject.row_key = theirs.%2$I::text
         where case
               when reject.row_key is null then
                   ours.%2$I is not null and row(%3$s) is not distinct from row(%4$s)
               when reject.correction is null then
                   ours.%2$I is null and reject.original = to_jsonb(theirs)
               else
                   reject.original = to_jsonb(theirs)
                   and exists (
                       select from jsonb_populate_record(theirs, reject.correction) as corrected
                        where row(%5$s) is not distinct from row(%4$s)
                   )
               end is not true
        $missing$,
        p_table, qlmodels_adopt.key(p_table),
        qlmodels_adopt.columns(p_table, 'theirs'),
        qlmodels_adopt.columns(p_table, 'ours', true),
        qlmodels_adopt.columns(p_table, 'corrected')
    ) into v_missing;
    execute format(
        $invented$
        select count(*) from public.%1$I as ours
         where not exists (select from qlmodels_adopt.%1$I as theirs where theirs.%2$I = ours.%2$I)
        $invented$,
        p_table, qlmodels_adopt.key(p_table)
    ) into v_invented;
    return v_missing + v_invented;
end $$;


create function qlmodels_adopt.told(p_table text, out rows bigint, out corrected bigint, out left_out bigint)
language plpgsql as $$
begin
    execute format('select count(*) from qlmodels_adopt.%I', p_table) into rows;
    select count(reject.correction), count(*) - count(reject.correction)
      into corrected, left_out
      from qlmodels_private.adopt_rejects as reject
     where reject.table_name = p_table;
end $$
